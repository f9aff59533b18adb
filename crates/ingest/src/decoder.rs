//! What a decoder is: one record in, rows of one or several tables out.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::json::JsonObject;
use crate::rows::Rows;
use crate::syslog::LogLine;
use crate::windows::EventFields;

/// Version of all decoders together. Raise it when any decoder starts to make other rows of the same record: files read by an
/// older version are then read again.
pub const DECODER_VERSION: i32 = 2;

/// One record of a file, parsed once: an object, one level deep, or a line of syslog or CEF.
#[derive(Debug)]
pub struct Record<'a> {
    /// Its fields; none for a line. A nested value is JSON text until it is asked for.
    pub object: JsonObject<'a>,
    /// The record as it stands in the file (for EVTX: the XML of its event, or the texts of an event that was found whole).
    pub raw: &'a str,
    /// The line, when the record is one.
    pub line: Option<Box<LogLine<'a>>>,
    /// The Windows event that the record is, when it was found whole, with time and event id, as it was read.
    pub(crate) event: Option<&'a EventFields>,
}

impl<'a> Record<'a> {
    /// A record with these fields.
    pub fn of_object(object: JsonObject<'a>, raw: &'a str) -> Self {
        Self { object, raw, line: None, event: None }
    }

    /// A Windows event that was found whole, with the text that its fields are in.
    pub(crate) fn of_event(event: &'a EventFields, raw: &'a str) -> Self {
        Self { object: JsonObject::default(), raw, line: None, event: Some(event) }
    }

    /// A line of syslog or CEF; `None` when it is neither.
    pub fn of_line(raw: &'a str) -> Option<Self> {
        let line = LogLine::parse(raw)?;
        Some(Self { object: JsonObject::default(), raw, line: Some(Box::new(line)), event: None })
    }
}

/// Why a record was not decoded: true and specific, lower-case, without a full stop, such as `sign-in record without a time`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The reason as it appears in `IngestionErrors`.
    pub reason: String,
}

impl Reject {
    /// A rejection for this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

/// Turns the records of one format into rows.
///
/// Decoders are built once per run, so that they can look up [`crate::ColumnIndex`]es when built and never by name per row.
/// No two decoders recognize the same record.
pub trait Decoder: Send + Sync {
    /// The name of the format in reports, such as `entra-sign-in`.
    fn format(&self) -> &'static str;

    /// Whether this record is of this decoder's format. Cheap: called for every record.
    fn recognizes(&self, record: &Record) -> bool;

    /// Adds the record's rows. Every row begun with [`Rows::row`] is ended with [`crate::RowBuilder::end_row`]; a row still open when
    /// an error is returned is dropped.
    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject>;

    /// A key that two copies of the same event share, for sources that deliver events more than once; `None` where they do not.
    fn duplicate_key(&self, _record: &Record) -> Option<u128> {
        None
    }

    /// Whether it puts the records of a run together, so that each run (for a service: each body) needs one of its own.
    fn is_of_a_run(&self) -> bool {
        false
    }

    /// Records of which rows wait for the rest of the run, because they hold what other records say; [`Decoder::decode_late`] makes
    /// these rows. Asked once, after the last record.
    fn take_late(&self) -> Vec<LateRecord> {
        Vec::new()
    }

    /// Adds the rows that waited.
    fn decode_late(&self, _late: &LateRecord, _rows: &mut Rows) {}
}

/// A record that waits for the rest of the run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LateRecord {
    /// The file that it comes from.
    pub file: Arc<str>,
    /// Its place there.
    pub offset: i64,
    /// When the file was written.
    pub file_time: DateTime<Utc>,
    /// The record.
    pub text: String,
}
