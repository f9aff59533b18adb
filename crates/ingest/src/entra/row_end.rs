//! What every row of an Entra log ends with.

use schema::Table;

use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::ExtraFields;

/// The columns that are the same whatever the record says, looked up once.
pub(super) struct RowEnd {
    tenants: Vec<ColumnIndex>,
    constant: Vec<(ColumnIndex, &'static str)>,
    extra: ColumnIndex,
}

impl RowEnd {
    /// Of those columns that the table has: names of the tenant's columns, and columns with their constant values. `None` for a table
    /// without `_RawExtra`.
    pub fn of(table: &Table, tenants: &[&str], constant: &[(&str, &'static str)]) -> Option<Self> {
        let column = |name: &str| ColumnIndex::of(table, name);
        Some(Self {
            tenants: tenants.iter().filter_map(|name| column(name)).collect(),
            constant: constant.iter().filter_map(|(name, value)| Some((column(name)?, *value))).collect(),
            extra: column("_RawExtra")?,
        })
    }

    /// Sets the cells that are still open, and ends the row.
    pub fn write(&self, row: &mut RowBuilder, tenant: Option<&str>, mut extra: ExtraFields) {
        if let Some(tenant) = tenant {
            self.tenants.iter().for_each(|index| row.set_str(*index, tenant));
        }
        for (index, value) in &self.constant {
            row.set_str(*index, value);
        }
        extra.write(row, self.extra);
        row.end_row();
    }
}
