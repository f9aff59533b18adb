//! Custom tables: `NAME_CL`, whose columns follow from the data.
//!
//! The rules of names are those of Log Analytics custom tables (Azure Monitor, "Create a custom table"): a table's name begins with a
//! letter, has letters, digits and underscores, and ends with `_CL`; a column's name likewise begins with a letter.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};

use crate::tables::HIDDEN;
use crate::{Column, ColumnType, Table};

/// How the name of every custom table ends.
pub const CUSTOM_SUFFIX: &str = "_CL";
/// Longest name of a custom table, in bytes; Log Analytics allows as many.
pub const MAX_CUSTOM_TABLE_NAME_BYTES: usize = 63;
/// Longest name of a column of a custom table, in bytes. Log Analytics allows 45, too few for fields of nested names.
pub const MAX_CUSTOM_COLUMN_NAME_BYTES: usize = 128;
/// Most columns of a custom table beside those that every one has; Log Analytics allows as many.
pub const MAX_CUSTOM_COLUMNS: usize = 500;
/// Most custom tables of a workspace; more would make `union *` and the workspace's list of versions slow.
pub const MAX_CUSTOM_TABLES: usize = 500;

/// The column of a custom table that holds each row's time.
const TIME_COLUMN: &str = "TimeGenerated";

/// Columns that every custom table has after its own.
const COMMON: [&str; 2] = ["TenantId", "Type"];

/// Names that no column of a custom table bears: storage's partition column, beside the common and hidden ones.
const RESERVED: [&str; 1] = ["_Day"];

/// A column of a custom table: what is not in all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomColumn {
    /// Its name, from [`custom_column_name`].
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
}

/// Whether this is the name of a custom table: a letter, then letters, digits and underscores, `_CL` at its end.
pub fn is_custom_table_name(name: &str) -> bool {
    name.len() > CUSTOM_SUFFIX.len()
        && name.len() <= MAX_CUSTOM_TABLE_NAME_BYTES
        && name.ends_with(CUSTOM_SUFFIX)
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(is_name_byte)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The name of the column that a field goes to: the field's, with `_` for what a name cannot have. `None` where no name is left, where
/// it is too long, and where it is a column of our own.
pub fn custom_column_name(field: &str) -> Option<Cow<'_, str>> {
    if field.is_empty() || field.len() > MAX_CUSTOM_COLUMN_NAME_BYTES || field.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let reserved = HIDDEN.iter().map(|(name, _)| *name).chain(COMMON).chain(RESERVED).chain([TIME_COLUMN]);
    if reserved.into_iter().any(|reserved| reserved.eq_ignore_ascii_case(field)) {
        return None;
    }
    if field.bytes().all(is_name_byte) {
        return Some(Cow::Borrowed(field));
    }
    let name: String = field.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    name.bytes().any(|byte| byte != b'_').then_some(Cow::Owned(name))
}

/// The custom table of this name with these columns. Equal tables are one: the same name and columns give the same reference, so
/// that it can be compared by address. Tables are kept for the life of the process, each version of a table's columns once.
pub fn custom_table(name: &str, columns: &[CustomColumn]) -> &'static Table {
    static TABLES: OnceLock<Mutex<HashMap<String, Vec<&'static Table>>>> = OnceLock::new();
    let table = build(name, columns);
    let mut tables = TABLES.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    let versions = tables.entry(name.to_owned()).or_default();
    if let Some(known) = versions.iter().find(|known| ***known == table) {
        return known;
    }
    let kept: &'static Table = Box::leak(Box::new(table));
    versions.push(kept);
    kept
}

fn build(name: &str, columns: &[CustomColumn]) -> Table {
    let column = |name: &str, ty| Column { name: name.to_owned(), ty, hidden: name.starts_with('_'), alias_of: None };
    let mut columns: Vec<Column> = std::iter::once(column(TIME_COLUMN, ColumnType::DateTime))
        .chain(columns.iter().map(|custom| column(&custom.name, custom.ty)))
        .chain(COMMON.map(|name| column(name, ColumnType::String)))
        .chain(HIDDEN.map(|(name, ty)| column(name, ty)))
        .collect();
    columns.sort_by_key(|column| column.hidden);
    Table { name: name.to_owned(), columns, time_column: TIME_COLUMN.to_owned(), hot_paths: Vec::new() }
}

impl Table {
    /// Whether this is a custom table.
    pub fn is_custom(&self) -> bool {
        self.name.ends_with(CUSTOM_SUFFIX)
    }

    /// The columns of a custom table beside those that every one has, as [`custom_table`] takes them; empty for a built-in table.
    pub fn custom_columns(&self) -> Vec<CustomColumn> {
        if !self.is_custom() {
            return Vec::new();
        }
        let own = self.columns.iter().filter(|column| {
            let name = column.name.as_str();
            name != TIME_COLUMN && !COMMON.contains(&name) && !HIDDEN.iter().any(|(hidden, _)| *hidden == name)
        });
        own.map(|column| CustomColumn { name: column.name.clone(), ty: column.ty }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_log_analytics_takes() {
        for name in ["Foo_CL", "f1_2_CL", "A_CL"] {
            assert!(is_custom_table_name(name), "{name}");
        }
        for name in [
            "_CL",
            "Foo",
            "Foo_cl",
            "1Foo_CL",
            "_Foo_CL",
            "Foo.Bar_CL",
            "../Foo_CL",
            "Fóo_CL",
            &format!("{}_CL", "x".repeat(61)),
        ] {
            assert!(!is_custom_table_name(name), "{name}");
        }
    }

    #[test]
    fn fields_become_columns_unless_they_are_ours_or_have_no_letters() {
        for (field, column) in
            [("user.name", "user_name"), ("_ResourceId", "_ResourceId"), ("Größe", "Gr__e"), ("a", "a")]
        {
            assert_eq!(custom_column_name(field).as_deref(), Some(column), "{field}");
        }
        for field in ["", "1st", "--", "tenantid", "Type", "_RawExtra", "_sourcefile", "_Day", "TimeGenerated"] {
            assert_eq!(custom_column_name(field), None, "{field}");
        }
        assert_eq!(custom_column_name(&"x".repeat(MAX_CUSTOM_COLUMN_NAME_BYTES + 1)), None);
    }

    #[test]
    fn equal_tables_are_one_and_tell_their_own_columns() {
        let columns = [("Count", ColumnType::Long), ("_ItemId", ColumnType::String)]
            .map(|(name, ty)| CustomColumn { name: name.to_owned(), ty });
        let table = custom_table("SchemaTest_CL", &columns);
        assert!(std::ptr::eq(table, custom_table("SchemaTest_CL", &columns)));
        assert!(!std::ptr::eq(table, custom_table("SchemaTest_CL", &columns[..1])));
        assert_eq!(table.custom_columns(), columns);
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(
            names,
            ["TimeGenerated", "Count", "TenantId", "Type", "_ItemId", "_RawExtra", "_SourceFile", "_SourceOffset"]
        );
        assert_eq!(table.time_column, "TimeGenerated");
        assert!(crate::table("SecurityAlert").is_some_and(|table| table.custom_columns().is_empty()));
    }
}
