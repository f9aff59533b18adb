//! The names that each surface gives KQL's types.

use kql_functions::Type;

/// `DataType` of a column in Kusto v1.
pub fn kusto_data_type(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "SByte",
        Type::Int => "Int32",
        Type::Long => "Int64",
        Type::Real => "Double",
        Type::Decimal => "SqlDecimal",
        Type::String => "String",
        Type::Guid => "Guid",
        Type::DateTime => "DateTime",
        Type::TimeSpan => "TimeSpan",
        Type::Dynamic => "Object",
    }
}

/// The .NET type that Kusto's schema commands name.
pub fn system_type(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "System.SByte",
        Type::Int => "System.Int32",
        Type::Long => "System.Int64",
        Type::Real => "System.Double",
        Type::Decimal => "System.Data.SqlTypes.SqlDecimal",
        Type::String => "System.String",
        Type::Guid => "System.Guid",
        Type::DateTime => "System.DateTime",
        Type::TimeSpan => "System.TimeSpan",
        Type::Dynamic => "System.Object",
    }
}

/// The type of a column in the schema of a Graph hunting result.
pub fn graph_type(ty: Type) -> &'static str {
    kusto_data_type(ty)
}

/// The type of a column of a Log Analytics table in Azure Resource Manager.
pub fn arm_type(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "boolean",
        Type::DateTime => "dateTime",
        other => other.name(),
    }
}
