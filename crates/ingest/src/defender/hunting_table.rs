//! The columns of a table of advanced hunting.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use schema::Table;

use crate::json::{JsonObject, JsonValue};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::ExtraFields;
use crate::time::parse_time;

/// Tables of advanced hunting that have no `Timestamp` of their own: they are inventories.
const WITHOUT_TIMESTAMP: [&str; 2] = ["DeviceTvmSoftwareInventory", "DeviceTvmSoftwareVulnerabilities"];

/// A table that has a `Timestamp` but is none of advanced hunting.
const OTHER: [&str; 1] = ["GCPAuditLogs"];

/// Endings of names where a union of tables has one column in several types.
const TYPE_SUFFIXES: [&str; 8] = ["_string", "_dynamic", "_long", "_int", "_real", "_bool", "_datetime", "_guid"];

/// Columns of every row, which say nothing about its table.
const COMMON: [&str; 5] = ["TimeGenerated", "Timestamp", "TenantId", "Type", "SourceSystem"];

/// One table.
#[derive(Debug)]
pub(super) struct HuntingTable {
    pub table: &'static Table,
    pub time: ColumnIndex,
    pub tenant: Option<ColumnIndex>,
    pub extra: ColumnIndex,
    columns: HashMap<&'static str, ColumnIndex>,
    /// For names in another case (`Isp`, `ISP`).
    lower: HashMap<String, ColumnIndex>,
}

/// All tables of advanced hunting.
static TABLES: LazyLock<Vec<HuntingTable>> = LazyLock::new(|| {
    let is_hunting = |table: &&Table| {
        let name = table.name.as_str();
        (table.column("Timestamp").is_some() && !OTHER.contains(&name)) || WITHOUT_TIMESTAMP.contains(&name)
    };
    schema::tables().filter(is_hunting).filter_map(HuntingTable::new).collect()
});

impl HuntingTable {
    /// All tables of advanced hunting.
    pub fn all() -> &'static [HuntingTable] {
        &TABLES
    }

    /// The table of this name, or of this older one.
    pub fn named(name: &str) -> Option<&'static HuntingTable> {
        let table = schema::table(name)?;
        TABLES.iter().find(|hunting| std::ptr::eq(hunting.table, table))
    }

    fn new(table: &'static Table) -> Option<Self> {
        let index = |name: &str| ColumnIndex::of(table, name);
        let set_by_name = table.columns.iter().filter(|column| {
            column.name != "Type" && !column.name.starts_with("_Source") && column.name != "_RawExtra"
        });
        let columns: HashMap<&'static str, ColumnIndex> =
            set_by_name.filter_map(|column| Some((column.name.as_str(), index(&column.name)?))).collect();
        Some(Self {
            table,
            time: index(&table.time_column)?,
            tenant: index("TenantId"),
            extra: index("_RawExtra")?,
            lower: columns.iter().map(|(name, index)| (name.to_ascii_lowercase(), *index)).collect(),
            columns,
        })
    }

    /// The column that a field goes to.
    pub fn column(&self, name: &str) -> Option<ColumnIndex> {
        let find = |name: &str| self.columns.get(name).or_else(|| self.lower.get(&name.to_ascii_lowercase())).copied();
        find(name).or_else(|| find(plain_name(name)))
    }

    /// Whether the table has this column, those that all tables have aside.
    pub fn has(&self, name: &str) -> bool {
        self.column(name).is_some()
    }

    /// Sets the row's cells, its time aside. Fields without a column, and values that their column cannot take, go to `extra`.
    pub fn fill(&self, object: &JsonObject, time: DateTime<Utc>, row: &mut RowBuilder, extra: &mut ExtraFields) {
        for (name, value) in object.iter() {
            if value.is_blank() || (name == "Type" && value.as_str().is_some_and(|text| text == self.table.name)) {
                continue;
            }
            match self.column(name) {
                Some(index) if index == self.time && is_time(value, time) => {}
                Some(index) if !row.is_set(index) && row.set_json(index, value) => {}
                _ => extra.push(name, value),
            }
        }
    }
}

/// Whether the value says this time.
fn is_time(value: &JsonValue, time: DateTime<Utc>) -> bool {
    value.as_str().and_then(|text| parse_time(&text)) == Some(time)
}

/// The name without the type that a union of tables adds.
pub(super) fn plain_name(name: &str) -> &str {
    TYPE_SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name)
}

/// Whether every table has this column.
pub(super) fn is_common(name: &str) -> bool {
    COMMON.contains(&name) || name.starts_with('_')
}

/// Whether a value is there at all.
pub(super) fn is_present(value: &JsonValue) -> bool {
    !value.is_blank()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_those_with_a_timestamp_and_the_inventories() {
        assert!(HuntingTable::all().len() >= 38, "{}", HuntingTable::all().len());
        for name in ["DeviceProcessEvents", "AlertInfo", "DeviceTvmSoftwareInventory", "AADSignInEventsBeta"] {
            assert!(HuntingTable::named(name).is_some(), "{name}");
        }
        for name in ["SigninLogs", "IngestionErrors", "SecurityAlert", "NoSuchTable"] {
            assert!(HuntingTable::named(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_column_is_found_by_its_name_in_another_case_or_with_its_type() {
        let table = HuntingTable::named("IdentityLogonEvents").unwrap();
        let index = table.column("ISP");
        assert!(index.is_some() && table.column("Isp") == index && table.column("ISP_string") == index);
        assert_eq!(table.column("_SourceFile"), None);
    }
}
