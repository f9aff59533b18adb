//! Every limit of reading and decoding, by name.

/// Longest record in bytes; a longer one is rejected.
pub const RECORD_BYTES: usize = 16 << 20;
/// Deepest nesting of JSON arrays and objects.
pub const JSON_DEPTH: usize = 128;
/// Deepest nesting of arrays and wrapper objects around records.
pub const WRAPPER_DEPTH: usize = 8;
/// Fields that may stand before the array of a wrapper object, all scalars (`@odata.context`, `count`).
pub const WRAPPER_FIELDS: usize = 4;
/// How often a record may be unwrapped (`event.original`, `message`, `AuditData`).
pub const UNWRAP_DEPTH: usize = 4;
/// Entities of an alert in CEF: what Sentinel keeps of one.
pub const ALERT_ENTITIES: usize = 500;
/// Words of an alert's message in which names are looked for.
pub const ALERT_MESSAGE_WORDS: usize = 4096;
/// Labels of custom fields of an alert; CEF has 23.
pub const ALERT_LABELS: usize = 64;
/// Rows of one batch handed to the sink.
pub const BATCH_ROWS: usize = 8192;
/// Bytes of text at which a batch is handed over before it has [`BATCH_ROWS`] rows.
pub const BATCH_BYTES: usize = 32 << 20;
/// Most bytes of one decompressed file of an archive.
pub const MEMBER_BYTES: u64 = 64 << 30;
/// Most bytes of all decompressed files of an archive together.
pub const ARCHIVE_BYTES: u64 = 256 << 30;
/// Most decompressed bytes for a compressed one, beyond [`RATIO_GRACE_BYTES`]. Logs reach about 100.
pub const RATIO: u64 = 400;
/// Decompressed bytes that are always allowed.
pub const RATIO_GRACE_BYTES: u64 = 64 << 20;
/// Most files in an archive.
pub const MEMBERS: usize = 100_000;
/// Deepest nesting of archives in archives.
pub const ARCHIVE_DEPTH: usize = 4;
/// Largest window of a zstd stream, as a power of two: 128 MiB, what `zstd` itself accepts without `--long`.
pub const ZSTD_WINDOW_LOG: u32 = 27;
/// Most bytes of a file that must be held in memory: an archive or EVTX file inside an archive.
pub const IN_MEMORY_BYTES: u64 = 512 << 20;
/// A file inside an archive up to this size is hashed before it is read, so that a copy of one already read is skipped.
pub const HASH_AHEAD_BYTES: usize = 16 << 20;
/// Bytes of template definitions that are read of one EVTX chunk without the help of the `evtx` crate: they may overlap.
pub const EVTX_DEFINITION_BYTES: usize = 1 << 20;
/// Bytes of text of the records of one EVTX chunk that are read without the help of the `evtx` crate: 16 times a chunk's own.
pub const EVTX_TEXT_BYTES: usize = 1 << 20;
/// Bytes of records that are decoded as one piece of work.
pub const CHUNK_BYTES: usize = 1 << 18;
/// Chunks that a reader may be ahead of decoding, per file.
pub const CHUNKS_AHEAD: usize = 4;
/// Keys remembered to find copies of an event; after as many again the oldest are forgotten.
pub const DUPLICATE_KEYS: usize = 4_000_000;
/// The same in a service, which has other uses for its memory: twice as many keys take some 60 MB.
pub const LIVE_DUPLICATE_KEYS: usize = 500_000;
/// Row builders that a service keeps for the next bodies; as many bodies may be decoded at once without making new ones.
pub const LIVE_BUILDERS: usize = 16;
/// Bytes of text in a live body above which its row builders are not kept: they hold as much room for the next.
pub const LIVE_BUILDER_BYTES: usize = 8 << 20;
/// Elements of a JSON array of records, or lines of a bulk body.
pub const LIVE_RECORDS: usize = 1_000_000;
/// Places in a damaged JSON array at which reading may resume that are tried.
pub const RESUME_PLACES: usize = 1_000;
/// Bytes that are looked at to find where a damaged JSON array resumes, for each byte of it.
pub const RESUME_RATIO: usize = 8;
/// Different reasons kept apart in a report; more are counted as `other reasons`.
pub const ERROR_GROUPS: usize = 10_000;
/// Rows that one object of a directory may make. A group of this many members fits; a group policy that grants a right to many on many
/// computers would otherwise multiply without end.
pub const DIRECTORY_LINKS: usize = 250_000;
/// Bytes of records that may wait for the rest of a run; rows of more are made at once, without what they waited for.
pub const LATE_BYTES: usize = 256 << 20;
/// Names and memberships that are remembered for the records that wait. Beyond them no user gets groups: some would look like all.
pub const LATE_LINKS: usize = 4_000_000;
/// Columns of a CSV file.
pub const CSV_COLUMNS: usize = 4096;
/// Retries after an unbalanced quote in a CSV file, before the rest of the buffer is given up.
pub const CSV_RETRIES: usize = 16;
/// Bytes of rows of custom tables that wait for their columns; beyond it the largest table's columns are settled by its rows so far.
pub const CUSTOM_PENDING_BYTES: usize = 64 << 20;
/// Different field names of a custom table that are looked at; values of others go to `_RawExtra`. More than it may have columns, so that
/// which fields become columns does not depend on the order of threads.
pub const CUSTOM_FIELDS_SEEN: usize = 8 * schema::MAX_CUSTOM_COLUMNS;
/// Bytes of a file looked at to tell what it is.
pub const SNIFF_BYTES: usize = 4096;

/// The limits that a caller may narrow, such as for fuzzing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the constant of its name")]
pub struct Limits {
    pub record_bytes: usize,
    pub json_depth: usize,
    pub member_bytes: u64,
    pub archive_bytes: u64,
    pub ratio: u64,
    pub ratio_grace_bytes: u64,
    pub members: usize,
    pub archive_depth: usize,
    pub in_memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes: RECORD_BYTES,
            json_depth: JSON_DEPTH,
            member_bytes: MEMBER_BYTES,
            archive_bytes: ARCHIVE_BYTES,
            ratio: RATIO,
            ratio_grace_bytes: RATIO_GRACE_BYTES,
            members: MEMBERS,
            archive_depth: ARCHIVE_DEPTH,
            in_memory_bytes: IN_MEMORY_BYTES,
        }
    }
}
