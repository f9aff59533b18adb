//! The columns of `CommonSecurityLog` by the keys of CEF.

use std::collections::HashMap;
use std::sync::OnceLock;

use schema::Table;

use crate::row_builder::ColumnIndex;

/// Keys, short and in full, with their columns: the CEF specification's dictionary and Sentinel's "CEF and CommonSecurityLog field
/// mapping".
const KEYS: &str = include_str!("data/keys.tsv");

/// Longest key that has a column, in bytes.
const KEY_BYTES: usize = 40;

/// Columns that no key of a device sets.
const OWN_COLUMNS: [&str; 5] = ["TimeGenerated", "Type", "SourceSystem", "TenantId", "AdditionalExtensions"];

/// Columns of old, too narrow for their values, with those that replace them: Log Analytics fills both.
const NARROW_COLUMNS: [(&str, &str); 4] = [
    ("ExtID", "ExternalID"),
    ("FieldDeviceCustomNumber1", "DeviceCustomNumber1"),
    ("FieldDeviceCustomNumber2", "DeviceCustomNumber2"),
    ("FieldDeviceCustomNumber3", "DeviceCustomNumber3"),
];

/// The columns that keys go to.
pub(super) struct KeyColumns {
    columns: HashMap<String, ColumnIndex>,
    narrow: Vec<(ColumnIndex, ColumnIndex)>,
}

impl KeyColumns {
    /// The columns of this table under CEF's keys and under their own names, case of letters ignored.
    pub fn of(table: &Table) -> Self {
        let own = table.stored_columns().map(|column| column.name.as_str());
        let own = own.filter(|name| !name.starts_with('_') && !OWN_COLUMNS.contains(name)).map(|name| (name, name));
        let keys = KEYS.lines().filter_map(|line| line.split_once('\t'));
        let columns = own.chain(keys).filter_map(|(key, column)| {
            let index = ColumnIndex::of(table, column)?;
            Some((key.to_ascii_lowercase(), index))
        });
        let narrow = NARROW_COLUMNS
            .iter()
            .filter_map(|(wide, narrow)| Some((ColumnIndex::of(table, wide)?, ColumnIndex::of(table, narrow)?)));
        Self { columns: columns.collect(), narrow: narrow.collect() }
    }

    /// The column of a key.
    pub fn get(&self, key: &str) -> Option<ColumnIndex> {
        let mut lower = [0; KEY_BYTES];
        let lower = lower.get_mut(..key.len())?;
        lower.copy_from_slice(key.as_bytes());
        lower.make_ascii_lowercase();
        self.columns.get(std::str::from_utf8(lower).ok()?).copied()
    }

    /// The narrow column that has the same value as this one.
    pub fn narrow(&self, index: ColumnIndex) -> Option<ColumnIndex> {
        self.narrow.iter().find(|(wide, _)| *wide == index).map(|(_, narrow)| *narrow)
    }
}

/// The short form of a key given in full: `suser` for `sourceUserName`.
pub(super) fn short_key(key: &str) -> Option<&'static str> {
    static SHORT: OnceLock<HashMap<&str, &str>> = OnceLock::new();
    let short = SHORT.get_or_init(|| {
        let mut first: HashMap<&str, &str> = HashMap::new();
        let keys = KEYS.lines().filter_map(|line| line.split_once('\t'));
        // The short form stands first.
        keys.map(|(key, column)| (key, *first.entry(column).or_insert(key))).collect()
    });
    short.get(key).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_short_in_full_and_as_columns() {
        let table = schema::table("CommonSecurityLog").unwrap();
        let keys = KeyColumns::of(table);
        for key in ["suser", "sourceUserName", "SourceUserName", "SUSER"] {
            assert_eq!(keys.get(key), ColumnIndex::of(table, "SourceUserName"), "{key}");
        }
        assert_eq!(keys.get("externalId"), ColumnIndex::of(table, "ExtID"));
        assert_eq!(keys.get("type"), ColumnIndex::of(table, "EventType"));
        assert_eq!(short_key("sourceUserName"), Some("suser"));
        assert_eq!(short_key("deviceCustomNumber1Label"), Some("cn1Label"));
        assert_eq!(short_key("agentId"), None);
        for key in ["TimeGenerated", "ad.value", "", "x".repeat(100).as_str()] {
            assert_eq!(keys.get(key), None, "{key}");
        }
        for line in KEYS.lines() {
            let (_, column) = line.split_once('\t').unwrap();
            assert!(ColumnIndex::of(table, column).is_some(), "{line}");
        }
    }
}
