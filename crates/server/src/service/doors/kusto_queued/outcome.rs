//! What became of a message, in the words of those who sent it.
//!
//! <https://learn.microsoft.com/kusto/api/netfx/kusto-ingest-client-status>

use chrono::{DateTime, SecondsFormat, Utc};
use database::{IngestionOutcome, IngestionStatus, OutcomeQueue};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::message::{IngestMessage, StatusKey};

/// How a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// Its records are stored, those that could not be placed in `IngestionErrors`.
    Stored { accepted: usize, rejected: usize },
    /// It will never be stored. The code is one of Azure Data Explorer's:
    /// <https://learn.microsoft.com/azure/data-explorer/error-codes>
    Failed { code: String, reason: String },
}

impl Ending {
    /// The end of a message whose records were read, of which `reason` says why the first was not taken.
    pub(super) fn of_records(accepted: usize, rejected: usize, reason: Option<&str>) -> Self {
        if accepted > 0 {
            return Self::Stored { accepted, rejected };
        }
        let reason = match reason {
            Some(reason) => {
                format!("no record can be read; the first: {reason}; all {rejected} went to IngestionErrors")
            }
            None => "the blob has no records".to_owned(),
        };
        Self::Failed { code: "BadRequest_NoRecordsOrWrongFormat".to_owned(), reason }
    }

    fn details(&self) -> String {
        match self {
            Self::Stored { rejected: 0, .. } => String::new(),
            Self::Stored { accepted, rejected } => {
                format!("{rejected} of {} records went to IngestionErrors", accepted + rejected)
            }
            Self::Failed { reason, .. } => reason.clone(),
        }
    }
}

/// The end of a message of one sender.
#[derive(Debug)]
pub(super) struct Outcome<'a> {
    /// The message.
    pub(super) message: &'a IngestMessage,
    /// Who sent it.
    pub(super) holder: &'a str,
    /// How it ended.
    pub(super) ending: &'a Ending,
    /// When.
    pub(super) now: DateTime<Utc>,
    /// The id of what was done.
    pub(super) operation: Uuid,
}

impl Outcome<'_> {
    /// What goes into a queue, where the sender wants to hear it there.
    pub(super) fn for_queue(&self) -> Option<IngestionOutcome> {
        let reporting = self.message.reporting();
        let (queue, is_wanted) = match self.ending {
            Ending::Stored { .. } => (OutcomeQueue::Succeeded, reporting.successes),
            Ending::Failed { .. } => (OutcomeQueue::Failed, reporting.failures),
        };
        if !(is_wanted && reporting.in_queue) {
            return None;
        }
        let mut document = self.common();
        let time = Value::from(self.time());
        match self.ending {
            Ending::Stored { .. } => document.insert("SucceededOn".to_owned(), time),
            Ending::Failed { .. } => document.insert("FailedOn".to_owned(), time),
        };
        Some(IngestionOutcome {
            id: self.operation.to_string(),
            queue,
            holder: self.holder.to_owned(),
            document: Value::Object(document).to_string(),
            inserted: self.now,
        })
    }

    /// The row of the status table that is to be changed, where the sender made one and wants to hear it there.
    pub(super) fn status_key(&self) -> Option<StatusKey> {
        let reporting = self.message.reporting();
        let is_wanted = match self.ending {
            Ending::Stored { .. } => reporting.successes,
            Ending::Failed { .. } => reporting.failures,
        };
        reporting.in_table.filter(|_| is_wanted)
    }

    /// The row of that key, from the row that the sender made.
    pub(super) fn for_table(&self, key: StatusKey, made: Option<&str>) -> IngestionStatus {
        let mut fields: Map<String, Value> = made.and_then(|made| serde_json::from_str(made).ok()).unwrap_or_default();
        let status = match self.ending {
            Ending::Stored { rejected: 0, .. } => "Succeeded",
            Ending::Stored { .. } => "PartiallySucceeded",
            Ending::Failed { .. } => "Failed",
        };
        fields.extend(self.common());
        fields.insert("Status".to_owned(), status.into());
        fields.insert("UpdatedOn".to_owned(), self.time().into());
        // Clients that are not written in Python or JavaScript look at the types of ids; that of the source is as its sender wrote it.
        for id in ["OperationId", "ActivityId"] {
            fields.insert(format!("{id}@odata.type"), "Edm.Guid".into());
            fields.insert(id.to_owned(), json!(self.operation));
        }
        fields.remove("RootActivityId");
        IngestionStatus {
            holder: self.holder.to_owned(),
            partition_key: key.partition_key,
            row_key: key.row_key,
            document: Value::Object(fields).to_string(),
            updated: self.now,
        }
    }

    fn time(&self) -> String {
        self.now.to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    fn common(&self) -> Map<String, Value> {
        let mut fields = Map::from_iter([
            ("OperationId".to_owned(), json!(self.operation)),
            ("Database".to_owned(), json!(self.message.database_name)),
            ("Table".to_owned(), json!(self.message.table_name)),
            ("IngestionSourceId".to_owned(), json!(self.message.id)),
            ("IngestionSourcePath".to_owned(), json!(self.message.blob_address())),
            ("RootActivityId".to_owned(), json!(self.operation)),
            ("Details".to_owned(), json!(self.ending.details())),
        ]);
        if let Ending::Failed { code, .. } = self.ending {
            fields.insert("ErrorCode".to_owned(), json!(code));
            fields.insert("FailureStatus".to_owned(), json!("Permanent"));
            fields.insert("OriginatesFromUpdatePolicy".to_owned(), json!(false));
            fields.insert("ShouldRetry".to_owned(), json!(false));
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(level: u8, method: u8) -> IngestMessage {
        let id = Uuid::nil();
        let message = json!({
            "BlobPath": "http://h/ingest-blobs/b.csv?sig=secret", "TableName": "T", "DatabaseName": "D", "Id": id,
            "ReportLevel": level, "ReportMethod": method, "IngestionStatusInTable": {"PartitionKey": "p", "RowKey": "r"},
        });
        serde_json::from_value(message).unwrap()
    }

    fn outcome<'a>(message: &'a IngestMessage, ending: &'a Ending) -> Outcome<'a> {
        Outcome { message, holder: "user:x", ending, now: DateTime::UNIX_EPOCH, operation: Uuid::max() }
    }

    #[test]
    fn a_sender_hears_what_it_asked_for_and_no_secret() {
        let (stored, failed) = (Ending::of_records(1, 1, Some("x")), Ending::of_records(0, 2, Some("no JSON")));
        let message = message(0, 0);
        assert_eq!(outcome(&message, &stored).for_queue(), None);
        let heard = outcome(&message, &failed).for_queue().unwrap();
        assert_eq!(heard.queue, OutcomeQueue::Failed);
        let document: Value = serde_json::from_str(&heard.document).unwrap();
        assert_eq!(document["ErrorCode"], "BadRequest_NoRecordsOrWrongFormat");
        assert_eq!(document["IngestionSourcePath"], "http://h/ingest-blobs/b.csv");
        assert!(document["Details"].as_str().unwrap().contains("no JSON"), "{document}");
        assert_eq!(outcome(&message, &failed).status_key(), None);
    }

    #[test]
    fn the_row_of_a_sender_keeps_its_fields() {
        let stored = Ending::of_records(1, 1, Some("x"));
        let message = message(2, 1);
        let outcome = outcome(&message, &stored);
        assert_eq!(outcome.for_queue(), None);
        let status = outcome.for_table(outcome.status_key().unwrap(), Some(r#"{"Status":"Pending","Own":1}"#));
        let row: Value = serde_json::from_str(&status.document).unwrap();
        assert_eq!((&row["Status"], &row["Own"]), (&json!("PartiallySucceeded"), &json!(1)));
        assert_eq!(row["OperationId@odata.type"], "Edm.Guid");
        assert_eq!(row["Details"], "1 of 2 records went to IngestionErrors");
    }
}
