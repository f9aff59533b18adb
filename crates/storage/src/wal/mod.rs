//! The write-ahead log: rows that are acknowledged and not yet in Delta.
//!
//! ```text
//! _wal/00000000000000000001.log      a segment: a header, then records
//! _wal/batches                       batch ids whose records may be gone
//! ```
//!
//! | module | concept |
//! |---|---|
//! | `frame` | how a record lies in a segment: length, checksums, its place in the log |
//! | `record` | the rows of one append, of several tables, as bytes |
//! | `segment` | a file of records that is written |
//! | `segment_reader`, `replay` | what records there are, after whatever happened to the machine |
//! | `log_damage` | what cannot be read, where that is passed over |
//! | `remembered` | batch ids that were stored |
//!
//! **What a damaged record means.** Records of one group are written together and synced once; nothing is acknowledged before. Power loss can leave any
//! part of the last group. So a record that cannot be read ends the log, unless a later one says that it had been synced (`durable`) or
//! a later segment begins after it: then acknowledged rows are damaged, and opening says where.

mod frame;
mod log_damage;
mod record;
mod remembered;
mod replay;
mod segment;
mod segment_reader;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub(crate) use frame::{HEADER_BYTES, MAX_PAYLOAD_BYTES};
pub use log_damage::LogDamage;
pub(crate) use record::{Record, encode};
pub(crate) use remembered::{BATCHES_FILE, RememberedBatches};
pub(crate) use replay::{PassedOver, Replay, add, read_fresh};
pub(crate) use segment::{ClosedSegment, SegmentWriter};
pub(crate) use segment_reader::list;

/// The folder of the log within a workspace.
pub(crate) fn folder(workspace: &Path) -> PathBuf {
    workspace.join("_wal")
}
