//! OpenTelemetry logs: the records of an `ExportLogsServiceRequest`.
//!
//! <https://opentelemetry.io/docs/specs/otlp/#otlphttp>

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;

use super::otlp_value::{push_hex, push_pairs, push_value};
use crate::intake::Records;
use crate::json::quote_into;

/// The custom table of records whose body no decoder knows.
pub const OTLP_TABLE: &str = "OTelLogs_CL";

/// Records of a request, the resources and scopes around them counted too: an empty one takes two bytes in a body and some 280 in memory.
const REQUEST_RECORDS: usize = 200_000;

/// Objects of a request in JSON, by the same reasoning; a usual record has ten.
const REQUEST_OBJECTS: usize = 1_000_000;

/// How a request is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtlpEncoding {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`.
    Json,
}

/// A body that is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("body is no ExportLogsServiceRequest: {0}")]
pub struct OtlpError(String);

/// The records of a request: each an object with the columns of [`OTLP_TABLE`], in whose `Body` decoders find the records that they know.
///
/// # Errors
/// When the body is no request, or has too many records; none of it is then taken.
pub fn otlp_records(body: &[u8], encoding: OtlpEncoding) -> Result<Records, OtlpError> {
    let request: ExportLogsServiceRequest = match encoding {
        OtlpEncoding::Protobuf => {
            let mut left = REQUEST_RECORDS;
            count_messages(body, &LEVELS, &mut left).ok_or_else(|| OtlpError(too_many(REQUEST_RECORDS, "records")))?;
            ExportLogsServiceRequest::decode(body).map_err(|error| OtlpError(error.to_string()))?
        }
        OtlpEncoding::Json => {
            if memchr::memchr_iter(b'{', body).count() > REQUEST_OBJECTS {
                return Err(OtlpError(too_many(REQUEST_OBJECTS, "objects")));
            }
            serde_json::from_slice(body).map_err(|error| OtlpError(error.to_string()))?
        }
    };
    let mut records = Records::json();
    let mut text = String::new();
    for resource_logs in &request.resource_logs {
        for scope_logs in &resource_logs.scope_logs {
            for record in &scope_logs.log_records {
                text.clear();
                push_record(&mut text, record, resource_logs.resource.as_ref(), scope_logs.scope.as_ref());
                records.push(&text);
            }
        }
    }
    Ok(records)
}

/// The answer to a request of which some records were rejected, in protobuf.
pub fn otlp_partial_success(rejected: usize, message: &str) -> Vec<u8> {
    let rejected_log_records = i64::try_from(rejected).unwrap_or(i64::MAX);
    let partial = ExportLogsPartialSuccess { rejected_log_records, error_message: message.to_owned() };
    ExportLogsServiceResponse { partial_success: Some(partial) }.encode_to_vec()
}

fn too_many(most: usize, what: &str) -> String {
    format!("more than {most} {what}")
}

/// The fields that lead from a request to its records: `resource_logs`, `scope_logs`, `log_records`.
const LEVELS: [u64; 3] = [1, 2, 2];

/// Takes the messages of these levels off what is left; `None` when there are more. What is no valid message is left to the decoder.
fn count_messages(mut bytes: &[u8], levels: &[u64], left: &mut usize) -> Option<()> {
    let Some((level, inner)) = levels.split_first() else { return Some(()) };
    while !bytes.is_empty() {
        let Some(key) = varint(&mut bytes) else { return Some(()) };
        let skip = match key & 7 {
            0 => varint(&mut bytes).map(|_| 0),
            1 => Some(8),
            2 => varint(&mut bytes),
            5 => Some(4),
            _ => None,
        };
        let skip = skip.and_then(|skip| usize::try_from(skip).ok());
        let Some((field, rest)) = skip.and_then(|skip| bytes.split_at_checked(skip)) else { return Some(()) };
        bytes = rest;
        if key & 7 == 2 && key >> 3 == *level {
            *left = left.checked_sub(1)?;
            count_messages(field, inner, left)?;
        }
    }
    Some(())
}

/// A number of up to 64 bits, seven a byte.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Appends a record as an object.
fn push_record(
    json: &mut String,
    record: &LogRecord,
    resource: Option<&Resource>,
    scope: Option<&InstrumentationScope>,
) {
    let mut fields = FieldWriter { json, is_first: true };
    let time = if record.time_unix_nano == 0 { record.observed_time_unix_nano } else { record.time_unix_nano };
    fields.time("TimeGenerated", time);
    fields.time("ObservedTimestamp", record.observed_time_unix_nano);
    fields.number("SeverityNumber", i64::from(record.severity_number));
    fields.text("SeverityText", &record.severity_text);
    fields.text("EventName", &record.event_name);
    if record.body.is_some() {
        push_value(fields.name("Body"), record.body.as_ref());
    }
    fields.id("TraceId", &record.trace_id);
    fields.id("SpanId", &record.span_id);
    fields.number("TraceFlags", i64::from(record.flags));
    if !record.attributes.is_empty() {
        push_pairs(fields.name("Attributes"), &record.attributes);
    }
    fields.number("DroppedAttributesCount", i64::from(record.dropped_attributes_count));
    if let Some(resource) = resource.filter(|resource| !resource.attributes.is_empty()) {
        push_pairs(fields.name("Resource"), &resource.attributes);
    }
    if let Some(scope) = scope {
        fields.text("ScopeName", &scope.name);
        fields.text("ScopeVersion", &scope.version);
        if !scope.attributes.is_empty() {
            push_pairs(fields.name("ScopeAttributes"), &scope.attributes);
        }
    }
    fields.end();
}

/// Writes the fields of an object; those that say nothing are left out.
struct FieldWriter<'j> {
    json: &'j mut String,
    is_first: bool,
}

impl FieldWriter<'_> {
    fn name(&mut self, name: &str) -> &mut String {
        self.json.push(if self.is_first { '{' } else { ',' });
        self.is_first = false;
        quote_into(self.json, name);
        self.json.push(':');
        self.json
    }

    fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            quote_into(self.name(name), text);
        }
    }

    fn number(&mut self, name: &str, number: i64) {
        if number != 0 {
            // Writing to a string does not fail.
            let _ = write!(self.name(name), "{number}");
        }
    }

    /// Bytes that are all zero are no id.
    fn id(&mut self, name: &str, id: &[u8]) {
        if id.iter().any(|byte| *byte != 0) {
            push_hex(self.name(name), id);
        }
    }

    fn time(&mut self, name: &str, nanoseconds: u64) {
        if let Some(nanoseconds) = i64::try_from(nanoseconds).ok().filter(|nanoseconds| *nanoseconds > 0) {
            let time = DateTime::from_timestamp_nanos(nanoseconds);
            self.text(name, &time.to_rfc3339_opts(SecondsFormat::Nanos, true));
        }
    }

    fn end(self) {
        self.json.push_str(if self.is_first { "{}" } else { "}" });
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
    use opentelemetry_proto::tonic::logs::v1::{ResourceLogs, ScopeLogs};
    use proptest::prelude::*;

    use super::*;

    const JSON: &[u8] = br#"{"resourceLogs":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"web\"1"}}]},
        "scopeLogs":[{"scope":{"name":"app","version":"2"},"logRecords":[
        {"timeUnixNano":"1700000000123456789","severityNumber":9,"severityText":"INFO","traceId":"0102030405060708090a0b0c0d0e0f10",
         "body":{"stringValue":"hello"},"attributes":[{"key":"n","value":{"intValue":"7"}},{"key":"d","value":{"doubleValue":1.5}}]},
        {"body":{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"boolValue":true},{}]}}}]}}}]}]}]}"#;

    fn texts(records: &Records) -> Vec<String> {
        records.iter().map(|(text, damage)| format!("{text}{}", damage.unwrap_or_default())).collect()
    }

    #[test]
    fn a_record_has_what_its_resource_and_scope_say() {
        let records = otlp_records(JSON, OtlpEncoding::Json).unwrap();
        assert_eq!(
            texts(&records),
            [
                r#"{"TimeGenerated":"2023-11-14T22:13:20.123456789Z","SeverityNumber":9,"SeverityText":"INFO","Body":"hello","TraceId":"0102030405060708090a0b0c0d0e0f10","Attributes":{"n":7,"d":1.5},"Resource":{"host.name":"web\"1"},"ScopeName":"app","ScopeVersion":"2"}"#,
                r#"{"Body":{"a":[true,null]},"Resource":{"host.name":"web\"1"},"ScopeName":"app","ScopeVersion":"2"}"#,
            ]
        );
    }

    #[test]
    fn both_encodings_say_the_same() {
        let request: ExportLogsServiceRequest = serde_json::from_slice(JSON).unwrap();
        let protobuf = otlp_records(&request.encode_to_vec(), OtlpEncoding::Protobuf).unwrap();
        assert_eq!(texts(&protobuf), texts(&otlp_records(JSON, OtlpEncoding::Json).unwrap()));
    }

    #[test]
    fn a_small_body_of_very_many_records_is_refused() {
        let scope_logs = ScopeLogs { log_records: vec![LogRecord::default(); REQUEST_RECORDS], ..ScopeLogs::default() };
        let resource_logs = vec![ResourceLogs { scope_logs: vec![scope_logs], ..ResourceLogs::default() }];
        let body = ExportLogsServiceRequest { resource_logs }.encode_to_vec();
        let error = otlp_records(&body, OtlpEncoding::Protobuf).unwrap_err();
        assert_eq!(error.to_string(), "body is no ExportLogsServiceRequest: more than 200000 records");
        assert!(otlp_records(&vec![b'{'; REQUEST_OBJECTS + 1], OtlpEncoding::Json).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = otlp_records(&body, OtlpEncoding::Protobuf);
            let _ = otlp_records(&body, OtlpEncoding::Json);
        }

        #[test]
        fn every_value_becomes_json(text in "\\PC{0,20}", number in any::<f64>(), bytes in proptest::collection::vec(any::<u8>(), 0..9)) {
            for value in [Value::StringValue(text.clone()), Value::DoubleValue(number), Value::BytesValue(bytes.clone())] {
                let mut json = String::new();
                let pair = KeyValue { key: text.clone(), value: Some(AnyValue { value: Some(value) }), key_strindex: 0 };
                push_pairs(&mut json, &[pair]);
                prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok_and(|json| json.get(&text).is_some()));
            }
        }
    }
}
