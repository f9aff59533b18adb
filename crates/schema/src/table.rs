//! A table.

use crate::{Column, ColumnType};

/// A path into a dynamic column that queries read often; storage keeps it as a leaf column as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotPath {
    /// The dynamic column, such as `LocationDetails`, or a string column whose texts are JSON.
    pub column: String,
    /// Steps, such as `["countryOrRegion"]`, or `["0", "userPrincipalName"]` where a number is an array index.
    pub path: Vec<String>,
    /// The type of the scalar at the end of the path.
    pub ty: ColumnType,
}

/// A built-in or custom table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Such as `SigninLogs`, or `Foo_CL` for a custom table.
    pub name: String,
    /// In the product's order for `*`; hidden ones last.
    pub columns: Vec<Column>,
    /// The column that holds each row's time: `TimeGenerated`, in three tables `Timestamp`.
    pub time_column: String,
    /// Paths worth a leaf column.
    pub hot_paths: Vec<HotPath>,
}

impl Table {
    /// Finds a column by its exact name, hidden ones and aliases included.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns that have storage: all but the aliases, in order.
    pub fn stored_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.alias_of.is_none())
    }
}
