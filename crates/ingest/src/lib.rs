//! From exported logs to rows of the built-in tables: reading files and archives, splitting them into records, decoding each
//! record into rows of Arrow batches.
//!
//! The entries are [`ingest`] for files and [`Intake`] for what a service is sent; [`doors`] has the parsers of each way in. A format is recognized by its content, never by its name; what cannot be placed goes whole, with its
//! reason, to the table `IngestionErrors`.

mod alert_tables;
mod aws;
mod azure;
mod cef;
mod column_builder;
mod custom;
mod decoder;
mod decoders;
mod defender;
mod directory;
pub mod doors;
mod duplicates;
mod entra;
mod feed;
pub mod field_map;
mod files;
#[doc(hidden)]
pub mod fuzzing;
mod hash;
mod intake;
pub mod json;
mod json_scan;
pub mod limits;
mod log_analytics_export;
#[doc(hidden)]
pub mod measuring;
mod office;
mod prepare;
pub mod readers;
mod reading;
mod report;
mod report_files;
mod row_builder;
mod rows;
mod run;
mod sink;
mod source_file;
mod syslog;
pub mod time;
mod unsupported;
pub mod windows;
mod worker;

pub use cef::CefText;
pub use decoder::{DECODER_VERSION, Decoder, LateRecord, Record, Reject};
pub use feed::{FedText, Feed, ingest_feed};
pub use intake::{
    Decoded, FilePart, Intake, IntakeError, IntakeSource, Records, Rejected, Target, TimeBounds, Way, file_hash,
    ingested_file_row, read_file_parts,
};
pub use json::{JsonObject, JsonValue};
pub use limits::Limits;
pub use report::{ErrorGroup, FileReport, FileStatus, IngestReport};
pub use row_builder::{ColumnIndex, RowBuilder};
pub use rows::{ExtraFields, Rows};
pub use run::{IngestError, IngestOptions, ingest};
pub use sink::{MemorySink, NoProgress, Progress, Sink};
pub use syslog::{LogLine, SyslogHeader, SyslogTime};
