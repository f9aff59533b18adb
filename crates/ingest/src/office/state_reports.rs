//! Reports that collectors save beside logs and that are none: how mailboxes and rules were set when they were collected.

use crate::decoder::{Decoder, Record, Reject};
use crate::json::JsonObject;
use crate::rows::Rows;

/// Reports by name, with the fields that tell them.
const REPORTS: [(&str, &[&str]); 8] = [
    ("inbox rules", &["StopProcessingRules", "MoveToFolder", "ForwardTo"]),
    ("sweep rules", &["RuleId", "KeepForDays", "KeepLatest", "SourceFolder"]),
    ("mail flow (transport) rules", &["Name", "State", "Mode", "Priority", "Description"]),
    ("mailbox permissions", &["FullAccessUsers", "SendAsUsers"]),
    ("mailbox permissions", &["AccessRights", "IsInherited", "Deny", "User"]),
    ("mailbox forwarding", &["ForwardingAddress", "DeliverToMailboxAndForward"]),
    ("mailbox audit settings", &["AuditEnabled", "AuditLogAgeLimit"]),
    ("mobile devices of mailboxes", &["FirstSyncTime", "DeviceUserAgent", "DeviceAccessState"]),
];

/// Refuses the reports by name.
#[derive(Default)]
pub struct StateReportDecoder;

impl StateReportDecoder {
    /// The decoder.
    pub fn new() -> Self {
        Self
    }
}

fn report(object: &JsonObject) -> Option<&'static str> {
    let (name, _) = REPORTS.iter().find(|(_, marks)| marks.iter().all(|mark| has(object, mark)))?;
    Some(name)
}

/// Case does not matter: `ForwardingSMTPAddress`, `ForwardingSmtpAddress`.
fn has(object: &JsonObject, name: &str) -> bool {
    object.get_ignore_case(name).is_some()
}

impl Decoder for StateReportDecoder {
    fn format(&self) -> &'static str {
        "exchange-state"
    }

    fn recognizes(&self, record: &Record) -> bool {
        // Events about the same settings have a time of their own.
        !record.object.has("CreationTime") && !record.object.has("TimeGenerated") && report(&record.object).is_some()
    }

    fn decode(&self, record: &Record, _rows: &mut Rows) -> Result<(), Reject> {
        let name = report(&record.object).unwrap_or("settings");
        Err(Reject::new(format!("not a log: `{name}` as they were set when collected")))
    }
}
