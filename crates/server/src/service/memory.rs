//! Memory that nobody uses goes back to the system.

use std::time::{Duration, Instant};

use super::app::App;

/// How often at least: large queries leave free memory behind, too.
const AT_LEAST: Duration = Duration::from_secs(60);

/// When memory was given back last.
///
/// Rows are allocated by the threads that take them in and freed by the one that moves them to Delta. The allocator of glibc keeps a heap for
/// each of them, in which free pages lie between used ones and stay: without giving them back the service grew from 0.4 to 1.7 GB within
/// two minutes at 130 MB/s, of which 0.3 GB were in use.
#[derive(Debug)]
pub(crate) struct FreeMemory {
    flushes: u64,
    at: Instant,
}

impl FreeMemory {
    /// Nothing was given back before this moment.
    pub(crate) fn new(now: Instant) -> Self {
        Self { flushes: 0, at: now }
    }

    /// Gives free memory back after rows were moved to Delta, and now and then.
    pub(crate) async fn tick(&mut self, app: &App, now: Instant) {
        if self.is_due(app.live().status().flushes, now) {
            // Looks through all heaps: some milliseconds.
            let _ = tokio::task::spawn_blocking(give_back).await;
        }
    }

    fn is_due(&mut self, flushes: u64, now: Instant) -> bool {
        let is_due = flushes != self.flushes || now.saturating_duration_since(self.at) >= AT_LEAST;
        if is_due {
            self.flushes = flushes;
            self.at = now;
        }
        is_due
    }
}

/// Gives the free pages of all heaps back. Elsewhere than on glibc the allocator does so itself.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "glibc offers it to C alone")]
fn give_back() {
    // SAFETY: it takes no pointer, locks what it looks at, and may be called from any thread at any time (malloc_trim(3)).
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_back() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_goes_back_after_each_flush_and_each_minute() {
        let start = Instant::now();
        let mut memory = FreeMemory::new(start);
        assert!(!memory.is_due(0, start + Duration::from_secs(59)));
        assert!(memory.is_due(1, start + Duration::from_secs(59)));
        assert!(!memory.is_due(1, start + Duration::from_secs(60)), "counted from the last time");
        assert!(memory.is_due(1, start + Duration::from_secs(119)));
        give_back();
    }
}
