//! Rows of advanced hunting results: bare columns with a `Timestamp`. Which table they are of is told by which columns have a value.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use super::action_types::{is_action_of, is_listed};
use super::hunting_table::{HuntingTable, is_common, is_present, plain_name};
use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::rows::{ExtraFields, Rows};
use crate::time::parse_time;

/// Of a row's columns with a value, how many of a hundred a table must have for the row to be one of it: a query may have added some.
const MIN_SHARE: usize = 70;
/// Fewest columns that a table must share with a row; with fewer it might be anything.
const MIN_COLUMNS: usize = 3;
/// How many columns fewer than the best a table may share and still be chosen by its action types.
const ACTION_MARGIN: usize = 2;
/// A table that the product gave up in 2021: of two that fit, the other is meant.
const RETIRED: &str = "AppFileEvents";
/// Kinds of rows remembered; beyond it the memory starts anew.
const REMEMBERED: usize = 4096;

/// What a row's columns say.
#[derive(Debug, Clone)]
enum Verdict {
    Of(&'static HuntingTable),
    /// Several tables fit equally; this is the reason for `IngestionErrors`.
    Ambiguous(String),
    /// No row of advanced hunting.
    Other,
}

/// Decodes rows of hunting results.
pub(super) struct HuntingRowDecoder {
    /// By which columns have a value, and the action type.
    remembered: Mutex<HashMap<u64, Verdict>>,
}

impl HuntingRowDecoder {
    /// The decoder.
    pub fn new() -> Self {
        Self { remembered: Mutex::default() }
    }

    fn verdict(&self, object: &JsonObject) -> Verdict {
        let action = object.get_str("ActionType").unwrap_or_default();
        let present = || object.iter().filter(|(name, value)| !is_common(name) && is_present(value));
        let mut hasher = DefaultHasher::new();
        present().for_each(|(name, _)| name.hash(&mut hasher));
        action.hash(&mut hasher);
        let key = hasher.finish();
        if let Some(known) = self.remembered.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        let mut names: Vec<&str> = present().map(|(name, _)| plain_name(name)).collect();
        names.sort_unstable();
        names.dedup();
        let verdict = decide(&names, &action);
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(key, verdict.clone());
        verdict
    }
}

/// The table that has most of these columns; where several do, the one whose action it is.
fn decide(names: &[&str], action: &str) -> Verdict {
    let shared = |table: &HuntingTable| names.iter().filter(|name| table.has(name)).count();
    let scores: Vec<(usize, &'static HuntingTable)> =
        HuntingTable::all().iter().map(|table| (shared(table), table)).collect();
    let best = scores.iter().map(|(score, _)| *score).max().unwrap_or(0);
    if best < MIN_COLUMNS || best * 100 < names.len() * MIN_SHARE {
        return Verdict::Other;
    }
    let within =
        |margin: usize| scores.iter().filter(move |(score, _)| score + margin >= best).map(|(_, table)| *table);
    let mut of_action = within(ACTION_MARGIN).filter(|table| is_action_of(&table.table.name, action));
    if let (Some(table), None) = (of_action.next(), of_action.next()) {
        return Verdict::Of(table);
    }
    let mut fitting: Vec<&'static HuntingTable> = within(0).collect();
    if fitting.len() > 1 {
        fitting.retain(|table| table.table.name != RETIRED);
    }
    if fitting.len() > 1 && !action.is_empty() {
        let known = fitting.iter().any(|table| is_action_of(&table.table.name, action));
        // An action that none of the listed tables has is of one that is not listed.
        fitting.retain(
            |table| if known { is_action_of(&table.table.name, action) } else { !is_listed(&table.table.name) },
        );
    }
    match fitting.as_slice() {
        [table] => Verdict::Of(table),
        [] => Verdict::Ambiguous(
            "row of advanced hunting whose `ActionType` is of no table that has its columns".to_owned(),
        ),
        several => {
            let names: Vec<&str> = several.iter().map(|table| table.table.name.as_str()).collect();
            Verdict::Ambiguous(format!("row of advanced hunting that fits `{}` alike", names.join("`, `")))
        }
    }
}

impl Decoder for HuntingRowDecoder {
    fn format(&self) -> &'static str {
        "defender-hunting"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        object.has("Timestamp") && !object.has("properties") && !matches!(self.verdict(object), Verdict::Other)
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let object = &record.object;
        let hunting = match self.verdict(object) {
            Verdict::Of(table) => table,
            Verdict::Ambiguous(reason) => return Err(Reject::new(reason)),
            Verdict::Other => return Err(Reject::new("row of no table of advanced hunting")),
        };
        let time = object.get("Timestamp").and_then(JsonValue::as_str).and_then(|text| parse_time(&text));
        let time = time.ok_or_else(|| Reject::new(format!("row of `{}` without a time", hunting.table.name)))?;
        let row = rows.row(hunting.table);
        let mut extra = ExtraFields::new();
        row.set_time(hunting.time, time);
        hunting.fill(object, time, row, &mut extra);
        extra.write(row, hunting.extra);
        row.end_row();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table_of(names: &[&str], action: &str) -> String {
        match decide(names, action) {
            Verdict::Of(table) => table.table.name.clone(),
            Verdict::Ambiguous(reason) => reason,
            Verdict::Other => "other".to_owned(),
        }
    }

    #[test]
    fn the_columns_tell_the_table() {
        for (names, action, table) in [
            (["ActionType", "NetworkMessageId", "Url", "IsClickedThrough"], "ClickAllowed", "UrlClickEvents"),
            (
                ["ActionType", "DeviceName", "RegistryKey", "RegistryValueName"],
                "RegistryValueSet",
                "DeviceRegistryEvents",
            ),
            (["AlertId", "Title", "ServiceSource", "Category"], "", "AlertInfo"),
            (["AlertId", "EntityType", "EvidenceRole", "AccountUpn"], "", "AlertEvidence"),
            (["SenderFromAddress", "RecipientEmailAddress", "Subject", "DeliveryAction"], "", "EmailEvents"),
        ] {
            assert_eq!(table_of(&names, action), table, "{names:?}");
        }
    }

    #[test]
    fn where_columns_fit_several_tables_the_action_decides() {
        let names =
            ["ActionType", "DeviceId", "DeviceName", "FileName", "FolderPath", "InitiatingProcessFileName", "ReportId"];
        for (action, table) in [
            ("ProcessCreated", "DeviceProcessEvents"),
            ("FileCreated", "DeviceFileEvents"),
            ("ImageLoaded", "DeviceImageLoadEvents"),
            ("LdapSearch", "DeviceEvents"),
        ] {
            assert_eq!(table_of(&names, action), table);
        }
        let names = ["ActionType", "AccountName", "AccountDomain", "DeviceName", "DestinationDeviceName", "Protocol"];
        assert_eq!(table_of(&names, "Directory Services replication"), "IdentityDirectoryEvents");
        assert_eq!(table_of(&names, "LDAP query"), "IdentityQueryEvents");
        assert_eq!(table_of(&names, "LogonSuccess"), "IdentityLogonEvents");
    }

    #[test]
    fn what_fits_several_tables_or_none_is_said() {
        let reason = table_of(&["DeviceId", "DeviceName", "ReportId"], "");
        assert!(reason.starts_with("row of advanced hunting that fits `") && reason.ends_with(" alike"), "{reason}");
        assert_eq!(table_of(&["DeviceId", "DeviceName"], ""), "other");
        assert_eq!(table_of(&["host", "message", "level", "DeviceId", "DeviceName", "ReportId"], ""), "other");
    }
}
