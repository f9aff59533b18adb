//! The limits of a live workspace.

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

const MIB: u64 = 1024 * 1024;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The limits of a live workspace; the defaults are for a machine with 2 cores and 4 GiB.
#[derive(Clone)]
pub struct LiveOptions {
    /// Rows in memory from which on the largest tables are moved to Delta, in bytes. 256 MiB are some 100,000 sign-ins: at 30 MB/s a file
    /// each eight seconds, and files of that size are read about as well as larger ones.
    pub flush_bytes: u64,
    /// Age from which on a table's rows are moved to Delta, however few. Fresh rows are as visible as others, so that only what a restart
    /// has to replay speaks against a long time, and many small files speak for it.
    pub flush_age: Duration,
    /// Most bytes of rows in memory, waiting or not yet in Delta; beyond it rows are refused. Three times `flush_bytes`: what comes while
    /// a flush runs, twice as slow as usual.
    pub memory_bytes: u64,
    /// Most bytes of the log on disk; beyond it rows are refused. At half of it all tables are moved to Delta. It is also what a restart may have
    /// to read.
    pub log_bytes: u64,
    /// Records of the log with rows that are not in Delta, from which on all tables are moved. A record is an append, and a restart has to read
    /// them again, some 15,000 a second on one core: of senders with small requests it is this that keeps restarts short.
    pub log_records: u64,
    /// Most requests that wait for the log.
    pub waiting_requests: usize,
    /// Size of a segment of the log from which on the next one begins, in bytes. A segment is removed as a whole.
    pub segment_bytes: u64,
    /// Most batch ids that are remembered. A quarter of a million are 8 MiB on disk, and four minutes of 1,000 batches a second.
    pub remembered_batches: usize,
    /// How long a batch id is remembered. Senders that keep batches on disk while a server is away give up after hours, not days.
    pub remembered_age: Duration,
    /// Bytes of the disk that stay free: below it rows are refused, while those that were taken in can still be moved to Delta. Without it 1 GiB, or a
    /// twentieth of a small disk.
    pub reserve_bytes: Option<u64>,
    /// Tells the age of batch ids.
    pub clock: Clock,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            flush_bytes: 256 * MIB,
            flush_age: Duration::from_secs(5 * 60),
            memory_bytes: 768 * MIB,
            log_bytes: 2048 * MIB,
            log_records: 20_000,
            waiting_requests: 1024,
            segment_bytes: 64 * MIB,
            remembered_batches: 250_000,
            remembered_age: Duration::from_secs(24 * 60 * 60),
            reserve_bytes: None,
            clock: Arc::new(Utc::now),
        }
    }
}

impl Debug for LiveOptions {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveOptions")
            .field("flush_bytes", &self.flush_bytes)
            .field("flush_age", &self.flush_age)
            .field("memory_bytes", &self.memory_bytes)
            .field("log_bytes", &self.log_bytes)
            .finish_non_exhaustive()
    }
}
