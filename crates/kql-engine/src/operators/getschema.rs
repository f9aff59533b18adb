//! `getschema`.

use kql_functions::{Type, Value};

use crate::binder::{Bind, Binder};
use crate::scope::Relation;

impl Binder<'_> {
    /// One row for each visible column of the input.
    pub(super) fn getschema(&mut self, input: Relation) -> Bind<Relation> {
        let mut cells: Vec<Vec<Value>> = vec![Vec::new(); 4];
        for (ordinal, column) in (0_i64..).zip(input.visible()) {
            cells[0].push(Value::String(column.name.clone()));
            cells[1].push(Value::Long(ordinal));
            cells[2].push(Value::String(system_type(column.ty).to_owned()));
            cells[3].push(Value::String(column.ty.name().to_owned()));
        }
        let columns = vec![
            ("ColumnName".to_owned(), Type::String),
            ("ColumnOrdinal".to_owned(), Type::Long),
            ("DataType".to_owned(), Type::String),
            ("ColumnType".to_owned(), Type::String),
        ];
        self.constant_table(columns, &cells)
    }
}

/// The .NET name that Kusto prints.
fn system_type(ty: Type) -> &'static str {
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
