//! Every limit of reading and decoding, by name.

/// Longest record in bytes; a longer one is rejected.
pub const RECORD_BYTES: usize = 16 << 20;
/// Deepest nesting of JSON arrays and objects.
pub const JSON_DEPTH: usize = 128;
/// Rows of one batch handed to the sink.
pub const BATCH_ROWS: usize = 8192;
/// Bytes of text at which a batch is handed over before it has [`BATCH_ROWS`] rows.
pub const BATCH_BYTES: usize = 32 << 20;
