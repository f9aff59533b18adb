//! Logs of Exchange Online in the form that its cmdlets give them and collectors save them: mailbox and administrator audit logs,
//! message trace, and the lists of read mail that Microsoft-Extractor-Suite makes.

use std::net::IpAddr;

use schema::Table;

use crate::decoder::{Decoder, Record, Reject};
use crate::field_map::{FieldMap, Spelling};
use crate::json::JsonObject;
use crate::office::content_hash::{content_hash, text_hash};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};
use crate::time::parse_time;

/// A report: what it looks like and where its fields go.
struct Kind {
    /// As reasons name it.
    name: &'static str,
    /// Fields that only it has together.
    marks: &'static [&'static str],
    table: &'static str,
    time: &'static str,
    /// Fields whose column has another name.
    renamed: &'static [(&'static str, &'static str)],
    /// Columns with the same value in every row.
    constants: &'static [(&'static str, &'static str)],
}

const OFFICE: &str = "OfficeActivity";

const KINDS: [Kind; 5] = [
    // `Search-MailboxAuditLog -ShowDetails`.
    Kind {
        name: "mailbox audit log",
        marks: &["LastAccessed", "Operation", "LogonType", "MailboxOwnerUPN"],
        table: OFFICE,
        time: "LastAccessed",
        renamed: &[
            ("LogonType", "Logon_Type"),
            ("OperationResult", "ResultStatus"),
            ("ClientIPAddress", "Client_IPAddress"),
            ("CrossMailboxOperation", "CrossMailboxOperations"),
            ("FolderPathName", "Folder"),
            ("DestFolderPathName", "DestFolder"),
            ("SourceItems", "AffectedItems"),
            ("ItemSubject", "Item"),
            ("Identity", "OfficeId"),
        ],
        constants: &[("RecordType", "ExchangeItem"), ("OfficeWorkload", "Exchange")],
    },
    // `Search-AdminAuditLog`.
    Kind {
        name: "administrator audit log",
        marks: &["RunDate", "CmdletName", "Caller"],
        table: OFFICE,
        time: "RunDate",
        renamed: &[
            ("CmdletName", "Operation"),
            ("CmdletParameters", "Parameters"),
            ("Caller", "UserId"),
            ("ObjectModified", "OfficeObjectId"),
            ("Succeeded", "ResultStatus"),
            ("Identity", "OfficeId"),
        ],
        constants: &[("RecordType", "ExchangeAdmin"), ("OfficeWorkload", "Exchange")],
    },
    // `Get-Sessions` of Microsoft-Extractor-Suite: accesses to mail by session.
    Kind {
        name: "list of mail access sessions",
        marks: &["TimeStamp", "User", "Action", "SessionId", "MailAccessType"],
        table: OFFICE,
        time: "TimeStamp",
        renamed: &[("User", "UserId"), ("Action", "Operation"), ("ClientIP", "Client_IPAddress")],
        constants: &[("RecordType", "ExchangeItemAggregated"), ("OfficeWorkload", "Exchange")],
    },
    // `Get-MessageIDs` of Microsoft-Extractor-Suite: messages and folders that were read.
    Kind {
        name: "list of messages read",
        marks: &["Timestamp", "User", "IPaddress", "InternetMessageId"],
        table: OFFICE,
        time: "Timestamp",
        renamed: &[("User", "UserId"), ("IPaddress", "Client_IPAddress"), ("FolderPath", "Folder")],
        constants: &[
            ("Operation", "MailItemsAccessed"),
            ("RecordType", "ExchangeItemAggregated"),
            ("OfficeWorkload", "Exchange"),
        ],
    },
    // `Get-MessageTrace` and `Get-MessageTraceV2`.
    Kind {
        name: "message trace",
        marks: &["Received", "MessageTraceId", "SenderAddress", "RecipientAddress"],
        table: "EmailEvents",
        time: "Received",
        renamed: &[
            ("MessageTraceId", "NetworkMessageId"),
            ("MessageId", "InternetMessageId"),
            ("SenderAddress", "SenderMailFromAddress"),
            ("RecipientAddress", "RecipientEmailAddress"),
            ("Size", "EmailSize"),
        ],
        constants: &[],
    },
];

/// What Defender calls the outcome that message trace gives as `Status`.
const DELIVERY_ACTIONS: [(&str, &str); 4] =
    [("Delivered", "Delivered"), ("FilteredAsSpam", "Junked"), ("Quarantined", "Blocked"), ("Failed", "Blocked")];

/// A report with its columns looked up.
struct Report {
    kind: &'static Kind,
    table: &'static Table,
    time: ColumnIndex,
    fields: FieldMap,
    constants: Vec<(ColumnIndex, &'static str)>,
    extra: ColumnIndex,
}

impl Report {
    fn new(kind: &'static Kind) -> Self {
        let table = schema::table(kind.table).expect("a built-in table");
        let column = |name: &str| ColumnIndex::of(table, name).expect("a column of the table");
        Self {
            kind,
            table,
            time: column(&table.time_column),
            fields: FieldMap::of(table, Spelling::Same).rename(table, kind.renamed).ignore(&[kind.time]),
            constants: kind.constants.iter().map(|(name, value)| (column(name), *value)).collect(),
            extra: column("_RawExtra"),
        }
    }
}

/// Decodes the reports.
pub struct ExchangeReportDecoder {
    reports: Vec<Report>,
    user: ColumnIndex,
    delivery_action: ColumnIndex,
    sender_ipv4: ColumnIndex,
    sender_ipv6: ColumnIndex,
}

impl ExchangeReportDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        let column = |table: &str, name: &str| {
            ColumnIndex::of(schema::table(table).expect("a built-in table"), name).expect("a column of the table")
        };
        Self {
            reports: KINDS.iter().map(Report::new).collect(),
            user: column(OFFICE, "UserId"),
            delivery_action: column("EmailEvents", "DeliveryAction"),
            sender_ipv4: column("EmailEvents", "SenderIPv4"),
            sender_ipv6: column("EmailEvents", "SenderIPv6"),
        }
    }

    fn report(&self, object: &JsonObject) -> Option<&Report> {
        self.reports.iter().find(|report| report.kind.marks.iter().all(|mark| object.has(mark)))
    }

    /// Sets what needs more than a name.
    fn set_special(&self, table: &'static Table, object: &JsonObject, row: &mut RowBuilder) {
        let text = |name: &str| object.get_str(name).unwrap_or_default();
        if table.name == OFFICE {
            // The owner's name is there for display only.
            let names: &[&str] = if text("LogonType") == "Owner" {
                &["MailboxOwnerUPN", "LogonUserDisplayName"]
            } else {
                &["LogonUserDisplayName", "LogonUserSid"]
            };
            if let Some(name) = names.iter().map(|name| text(name)).find(|name| !name.is_empty()) {
                row.set_str(self.user, &name);
            }
            return;
        }
        let status = text("Status");
        if let Some((_, action)) = DELIVERY_ACTIONS.iter().find(|(name, _)| *name == status) {
            row.set_str(self.delivery_action, action);
        }
        match text("FromIP").parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => row.set_str(self.sender_ipv4, &address.to_string()),
            Ok(IpAddr::V6(address)) => row.set_str(self.sender_ipv6, &address.to_string()),
            Err(_) => {}
        }
    }
}

impl Default for ExchangeReportDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for ExchangeReportDecoder {
    fn format(&self) -> &'static str {
        "exchange-report"
    }

    fn recognizes(&self, record: &Record) -> bool {
        self.report(&record.object).is_some()
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let object = &record.object;
        let report = self.report(object).ok_or_else(|| Reject::new("no report of Exchange"))?;
        let time = object.get_str(report.kind.time).and_then(|text| parse_time(&text));
        let time = time.ok_or_else(|| Reject::new(format!("row of a {} without a time", report.kind.name)))?;
        let row = rows.row(report.table);
        let mut extra = ExtraFields::new();
        row.set_time(report.time, time);
        report.fields.fill(object, row, &mut extra);
        for (index, value) in &report.constants {
            row.set_str(*index, value);
        }
        self.set_special(report.table, object, row);
        extra.write(row, report.extra);
        row.end_row();
        Ok(())
    }

    fn duplicate_key(&self, record: &Record) -> Option<u128> {
        let id = record.object.get_str("Identity").or_else(|| record.object.get_str("MessageTraceId"))?;
        (!id.is_empty()).then(|| u128::from(text_hash(&id)) << 64 | u128::from(content_hash(&record.object)))
    }
}
