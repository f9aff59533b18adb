//! What a message of queued ingestion says.
//!
//! <https://learn.microsoft.com/kusto/api/netfx/kusto-ingest-client-rest>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::Value;

use super::{ACCOUNT, CONTAINER};

/// A message.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct IngestMessage {
    /// The client's id of it.
    #[serde(default)]
    pub(super) id: String,
    /// The address of the blob, with a signature.
    pub(super) blob_path: String,
    /// The table.
    pub(super) table_name: String,
    /// The database.
    #[serde(default)]
    pub(super) database_name: String,
    /// Which outcomes the sender wants to hear of.
    #[serde(default)]
    report_level: Option<Value>,
    /// Where.
    #[serde(default)]
    report_method: Option<Value>,
    /// The row of the status table that the sender made.
    #[serde(default)]
    ingestion_status_in_table: Option<StatusKey>,
    #[serde(default)]
    additional_properties: Properties,
}

/// The key of a row of the status table. Clients differ in the case of its fields.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct StatusKey {
    /// The first half.
    #[serde(alias = "PartitionKey", rename = "partitionKey")]
    pub(super) partition_key: String,
    /// The second.
    #[serde(alias = "RowKey", rename = "rowKey")]
    pub(super) row_key: String,
}

/// What a sender wants to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reporting {
    /// Of what failed.
    pub(super) failures: bool,
    /// Of what was stored.
    pub(super) successes: bool,
    /// In the queues.
    pub(super) in_queue: bool,
    /// In this row of the table.
    pub(super) in_table: Option<StatusKey>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Properties {
    format: Option<String>,
    ingestion_mapping: Option<Value>,
    ingestion_mapping_reference: Option<String>,
    ignore_first_record: Option<Value>,
}

impl IngestMessage {
    /// Reads the XML of a queue's message: base 64 of JSON in `MessageText`. Gives the JSON too.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn of_xml(xml: &str) -> Result<(Self, String), String> {
        let text = xml.split_once("<MessageText>").and_then(|(_, rest)| rest.split_once("</MessageText>"));
        let (text, _) = text.ok_or("expected `<QueueMessage><MessageText>`")?;
        let bytes = BASE64.decode(text.trim()).map_err(|_| "the text of the message is no base 64")?;
        let json = String::from_utf8(bytes).map_err(|_| "the text of the message is no UTF-8")?;
        let message: Self = serde_json::from_str(&json).map_err(|error| error.to_string())?;
        message.blob_name()?;
        Ok((message, json))
    }

    /// The name of the blob; only ours are read.
    pub(super) fn blob_name(&self) -> Result<String, String> {
        let url = url::Url::parse(&self.blob_path).map_err(|_| "`BlobPath` is no address")?;
        let path = url.path().trim_start_matches('/');
        let path = path.strip_prefix(ACCOUNT).and_then(|path| path.strip_prefix('/')).unwrap_or(path);
        let name = path.strip_prefix(CONTAINER).and_then(|path| path.strip_prefix('/'));
        let name = name.ok_or_else(|| format!("`BlobPath` does not lie in the container `{CONTAINER}`"))?;
        // As the route sees it: without escapes.
        let escaped = format!("name={}", name.replace('+', "%2B").replace('&', "%26"));
        let decoded = url::form_urlencoded::parse(escaped.as_bytes()).next().map(|(_, name)| name.into_owned());
        decoded.filter(|name| !name.is_empty()).ok_or_else(|| "`BlobPath` names no blob".to_owned())
    }

    /// The address of the blob without its signature.
    pub(super) fn blob_address(&self) -> &str {
        self.blob_path.split(['?', ';']).next().unwrap_or_default()
    }

    /// What the sender wants to hear. Levels and methods come as numbers or as names; absent is 0, which is failures in the queue.
    ///
    /// <https://learn.microsoft.com/kusto/api/netfx/kusto-ingest-client-status>
    pub(super) fn reporting(&self) -> Reporting {
        let chosen = |value: &Option<Value>, names: &[&str]| match value {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => {
                names.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|place| place as u64)
            }
            _ => Some(0),
        };
        // Java calls the second `None`.
        let levels = ["FailuresOnly", "DoNotReport", "FailuresAndSuccesses"];
        let level = chosen(&self.report_level, &levels).unwrap_or(1);
        let method = chosen(&self.report_method, &["Queue", "Table", "QueueAndTable"]).unwrap_or(0);
        Reporting {
            failures: level != 1,
            successes: level == 2,
            in_queue: method != 1,
            in_table: self.ingestion_status_in_table.clone().filter(|_| method != 0),
        }
    }

    /// The format; CSV where none is named.
    pub(super) fn format(&self) -> &str {
        self.additional_properties.format.as_deref().filter(|format| !format.is_empty()).unwrap_or("csv")
    }

    /// The mapping that the message brings along, as JSON text.
    pub(super) fn mapping(&self) -> Option<String> {
        match self.additional_properties.ingestion_mapping.as_ref()? {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// The mapping of the table that the message names.
    pub(super) fn mapping_name(&self) -> Option<&str> {
        self.additional_properties.ingestion_mapping_reference.as_deref().filter(|name| !name.is_empty())
    }

    /// Whether the first record is a header.
    pub(super) fn skips_first(&self) -> bool {
        match &self.additional_properties.ignore_first_record {
            Some(Value::Bool(skip)) => *skip,
            Some(Value::String(skip)) => skip.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_its_blob_and_how_to_read_it() {
        let json = r#"{"BlobPath":"http://localhost:8080/ingest-blobs/db__T_CL__1__a%20b.csv.gz?sig=x","RawDataSize":4,"DatabaseName":"db","TableName":"T_CL","Id":"i","AdditionalProperties":{"format":"csv","ignoreFirstRecord":"true","ingestionMappingReference":"m"}}"#;
        let xml = format!("<?xml?>\n<QueueMessage><MessageText>{}</MessageText></QueueMessage>", BASE64.encode(json));
        let (message, kept) = IngestMessage::of_xml(&xml).unwrap();
        assert_eq!(kept, json);
        assert_eq!(message.blob_name().unwrap(), "db__T_CL__1__a b.csv.gz");
        let with_account = json.replace("/ingest-blobs", "/vedettestorage/ingest-blobs");
        let with_account: IngestMessage = serde_json::from_str(&with_account).unwrap();
        assert_eq!(with_account.blob_name(), message.blob_name());
        assert_eq!((message.format(), message.skips_first(), message.mapping_name()), ("csv", true, Some("m")));
    }

    #[test]
    fn levels_and_methods_of_reports_are_numbers_or_names() {
        let key = serde_json::json!({"tableConnectionString": "x", "partitionKey": "p", "rowKey": "r"});
        let reporting = |level: Value, method: Value| {
            let message = serde_json::json!({
                "BlobPath": "x", "TableName": "T", "ReportLevel": level, "ReportMethod": method, "IngestionStatusInTable": key,
            });
            let reporting = serde_json::from_value::<IngestMessage>(message).unwrap().reporting();
            (reporting.failures, reporting.successes, reporting.in_queue, reporting.in_table.is_some())
        };
        assert_eq!(reporting(0.into(), 0.into()), (true, false, true, false));
        assert_eq!(reporting(Value::Null, Value::Null), (true, false, true, false));
        assert_eq!(reporting(1.into(), 2.into()), (false, false, true, true));
        assert_eq!(reporting("None".into(), "Table".into()), (false, false, false, true));
        assert_eq!(reporting("FailuresAndSuccesses".into(), "QueueAndTable".into()), (true, true, true, true));
        assert_eq!(reporting(2.into(), 1.into()), (true, true, false, true));
    }

    #[test]
    fn blobs_elsewhere_are_not_read() {
        for path in [
            "http://x/vedettestorage/other/b",
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
            "http://x/ingest-blobs/",
            "x",
        ] {
            let json = serde_json::json!({"BlobPath": path, "TableName": "T"}).to_string();
            let xml = format!("<QueueMessage><MessageText>{}</MessageText></QueueMessage>", BASE64.encode(json));
            assert!(IngestMessage::of_xml(&xml).is_err(), "{path}");
        }
    }
}
