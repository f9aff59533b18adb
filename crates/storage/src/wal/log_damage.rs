//! What of a log cannot be read.

use std::path::PathBuf;

/// A part of a log that cannot be read, though rows in it were acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDamage {
    /// The segment; where one is missing, the one after it.
    pub path: PathBuf,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// What is wrong there.
    pub problem: String,
    /// Bytes that were passed over.
    pub bytes: u64,
    /// Requests whose rows are lost, as the numbers of those before and after tell; absent where none comes after.
    pub requests: Option<u64>,
}
