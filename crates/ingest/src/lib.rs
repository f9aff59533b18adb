//! From exported logs to rows of the built-in tables: reading files and archives, splitting them into records, decoding each
//! record into rows of Arrow batches.
//!
//! The entry is [`ingest`]. A format is recognized by its content, never by its name; what cannot be placed goes whole, with its
//! reason, to the table `IngestionErrors`.

pub mod decoder;
pub mod json;
pub mod limits;
pub mod readers;
pub mod row_builder;
pub mod rows;
pub mod time;
pub mod windows;

pub use decoder::{DECODER_VERSION, Decoder, Record, Reject};
pub use json::{JsonObject, JsonValue};
pub use row_builder::{ColumnIndex, RowBuilder};
pub use rows::{ExtraFields, Rows};
