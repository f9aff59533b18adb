//! Tables that a JSON file lists.

use std::fs;
use std::path::Path;

use kql_engine::{CatalogColumn, CatalogTable, TableMap};
use kql_functions::Type;
use serde_json::Value;

use crate::Error;

/// The column that gives a table's rows their time, where it has it.
const TIME_COLUMN: &str = "TimeGenerated";

/// Reads `{"Table":[["Column","type"], …], …}`, also as `{"tables":{"Table":{"columns":[{"name","type"}, …]}}}`.
pub(super) fn listed_tables(path: &Path) -> Result<TableMap, Error> {
    let failed = |why: String| Error::new(format!("failed to read tables from `{}`: {why}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let listed: Value = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    tables(&listed).map_err(|why| failed(why).with_hint("expected `{\"Table\":[[\"Column\",\"type\"]]}`"))
}

fn tables(listed: &Value) -> Result<TableMap, String> {
    let mut tables = TableMap::new();
    // A list of tables may stand among other things.
    let listed = listed.get("tables").filter(|inner| inner.is_object()).unwrap_or(listed);
    for (name, columns) in listed.as_object().ok_or("not an object of tables")? {
        let columns = columns
            .get("columns")
            .unwrap_or(columns)
            .as_array()
            .ok_or_else(|| format!("columns of `{name}` are no list"))?;
        let columns: Vec<CatalogColumn> = columns.iter().map(column).collect::<Result<_, _>>()?;
        let time_column = columns.iter().any(|c| c.name == TIME_COLUMN).then(|| TIME_COLUMN.to_owned());
        tables.insert(CatalogTable { time_column, ..CatalogTable::empty(name, columns) });
    }
    Ok(tables)
}

fn column(listed: &Value) -> Result<CatalogColumn, String> {
    let (name, ty) = if listed.is_array() { (&listed[0], &listed[1]) } else { (&listed["name"], &listed["type"]) };
    let (Some(name), Some(ty)) = (name.as_str(), ty.as_str()) else {
        return Err(format!("`{listed}` is no pair of a name and a type"));
    };
    let ty = kql_type(ty).ok_or_else(|| format!("`{ty}` of column `{name}` is no type"))?;
    Ok(CatalogColumn::new(name, ty))
}

fn kql_type(name: &str) -> Option<Type> {
    Some(match name {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "long" => Type::Long,
        "real" => Type::Real,
        "decimal" => Type::Decimal,
        "string" => Type::String,
        "guid" => Type::Guid,
        "datetime" => Type::DateTime,
        "timespan" => Type::TimeSpan,
        "dynamic" => Type::Dynamic,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kql_engine::Catalog;

    #[test]
    fn tables_are_read_with_their_columns_in_order() {
        let listed = serde_json::json!({"T": [["TimeGenerated", "datetime"], ["a", "long"]]});
        let table = tables(&listed).expect("tables").table("T").expect("T");
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!((names, table.time_column.as_deref()), (vec!["TimeGenerated", "a"], Some("TimeGenerated")));
        let long = serde_json::json!({"tables": {"T": {"columns": [{"name": "a", "type": "long"}]}}});
        assert_eq!(tables(&long).expect("tables").table_names(), ["T"]);
        assert!(tables(&serde_json::json!({"T": [["a", "number"]]})).is_err());
        assert!(tables(&serde_json::json!([])).is_err());
    }
}
