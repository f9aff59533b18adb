//! How much may wait, and what happens beyond.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::AppendError;
use super::core::Core;

/// When to come again after too many requests: by then a few groups are written.
const RETRY_AFTER_REQUESTS: Duration = Duration::from_secs(1);

/// When to come again after too many rows: by then a flush of the default size has made room.
const RETRY_AFTER_ROWS: Duration = Duration::from_secs(5);

/// What waits for the log.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) requests: AtomicUsize,
    /// Of rows in memory.
    pub(crate) bytes: AtomicU64,
}

/// The place of a request in the queue, given up when dropped.
#[derive(Debug)]
pub(crate) struct Admitted {
    core: Arc<Core>,
    bytes: u64,
}

impl Admitted {
    /// Takes a place for rows of this size, where the limits allow it.
    pub(crate) fn new(core: &Arc<Core>, bytes: u64) -> Result<Self, AppendError> {
        let options = &core.options;
        core.space.check(Instant::now()).map_err(|full| AppendError::Full {
            path: core.folder.clone(),
            source: io::Error::new(io::ErrorKind::StorageFull, full),
        })?;
        let log_bytes = core.log_bytes.load(Ordering::Relaxed);
        if log_bytes >= options.log_bytes {
            return Err(busy("bytes of the log on disk", log_bytes, options.log_bytes, RETRY_AFTER_ROWS));
        }
        let limit = options.waiting_requests;
        if let Err(used) = take(&core.waiting.requests, limit) {
            return Err(busy("requests that wait for the log", used as u64, limit as u64, RETRY_AFTER_REQUESTS));
        }
        // From here on dropping it gives the place up.
        let mut admitted = Self { core: Arc::clone(core), bytes: 0 };
        let before = core.waiting.bytes.fetch_add(bytes, Ordering::AcqRel);
        admitted.bytes = bytes;
        let used = before + core.fresh_bytes();
        if used > 0 && used + bytes > options.memory_bytes {
            return Err(busy("bytes of rows not yet in Delta", used, options.memory_bytes, RETRY_AFTER_ROWS));
        }
        Ok(admitted)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.core.waiting.requests.fetch_sub(1, Ordering::AcqRel);
        self.core.waiting.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// Counts one more, up to the limit; else tells how many there are.
fn take(count: &AtomicUsize, limit: usize) -> Result<(), usize> {
    count.try_update(Ordering::AcqRel, Ordering::Acquire, |used| (used < limit).then_some(used + 1)).map(drop)
}

fn busy(what: &'static str, used: u64, limit: u64, retry_after: Duration) -> AppendError {
    AppendError::Busy { what, used, limit, retry_after }
}
