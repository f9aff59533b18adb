//! How rows that come in are kept.

use serde::Deserialize;
use storage::LiveOptions;

use super::{Bytes, ConfigError, Span};

/// Least memory for fresh rows: those of one body of the largest kind (64 MB) are stored together, and take up to twice its size.
const LEAST_MEMORY: u64 = 128 << 20;
/// Least part of the disk that stays free: moving the fresh rows to files needs room for them, compressed.
const LEAST_RESERVE: u64 = 64 << 20;

/// The write-ahead log, fresh rows and the disk. What is over a bound is refused with 429 or 503, never lost.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StorageConfig {
    /// Fresh rows in memory from which on the largest tables are moved to files.
    pub(crate) flush_size: Bytes,
    /// Age from which on a table's fresh rows are moved, however few.
    pub(crate) flush_age: Span,
    /// Most memory of fresh rows.
    pub(crate) memory: Bytes,
    /// Most bytes of the log; at half of it all tables are moved. It is also what a start may have to read.
    pub(crate) log_size: Bytes,
    /// Records of the log (one a request) from which on all tables are moved, so that a start has not too many to read.
    pub(crate) log_records: u64,
    /// Size of a file of the log, which is removed as a whole.
    pub(crate) log_segment: Bytes,
    /// Most requests that wait for the log.
    pub(crate) waiting_requests: usize,
    /// Most ids of batches that are remembered, so that one sent again is stored once.
    pub(crate) batch_ids: usize,
    /// How long they are remembered.
    pub(crate) batch_id_age: Span,
    /// Bytes of the disk that stay free. Without it 1 GB, or a twentieth of a small disk.
    pub(crate) disk_reserve: Option<Bytes>,
}

impl Default for StorageConfig {
    fn default() -> Self {
        let live = LiveOptions::default();
        Self {
            flush_size: Bytes(live.flush_bytes),
            flush_age: Span(live.flush_age),
            memory: Bytes(live.memory_bytes),
            log_size: Bytes(live.log_bytes),
            log_records: live.log_records,
            log_segment: Bytes(live.segment_bytes),
            waiting_requests: live.waiting_requests,
            batch_ids: live.remembered_batches,
            batch_id_age: Span(live.remembered_age),
            disk_reserve: live.reserve_bytes.map(Bytes),
        }
    }
}

impl StorageConfig {
    /// The limits of the live workspace.
    pub(crate) fn live_options(&self) -> LiveOptions {
        LiveOptions {
            flush_bytes: self.flush_size.0,
            flush_age: self.flush_age.0,
            memory_bytes: self.memory.0,
            log_bytes: self.log_size.0,
            log_records: self.log_records,
            segment_bytes: self.log_segment.0,
            waiting_requests: self.waiting_requests,
            remembered_batches: self.batch_ids,
            remembered_age: self.batch_id_age.0,
            reserve_bytes: self.disk_reserve.map(|bytes| bytes.0),
            ..LiveOptions::default()
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key: &str, message: String| Err(ConfigError::new(format!("storage.{key}"), message));
        let megabytes = |bytes: u64| bytes >> 20;
        if self.memory.0 < LEAST_MEMORY {
            return wrong("memory", format!("`{}` bytes are less than {} MB", self.memory.0, megabytes(LEAST_MEMORY)));
        }
        if self.flush_size.0 == 0 || self.flush_size.0 > self.memory.0 {
            let message = "bytes are not between 1 and `storage.memory`: rows would be refused before any are moved";
            return wrong("flush_size", format!("`{}` {message}", self.flush_size.0));
        }
        if self.flush_age.0.as_secs() == 0 {
            return wrong("flush_age", "less than `1s` makes a file of each request".to_owned());
        }
        if self.log_segment.0 < 1 << 20 {
            return wrong("log_segment", format!("`{}` bytes are less than 1 MB", self.log_segment.0));
        }
        if self.log_size.0 < LEAST_MEMORY.max(2 * self.log_segment.0) {
            let message = format!("less than {} MB or than two segments", megabytes(LEAST_MEMORY));
            return wrong("log_size", format!("`{}` bytes are {message}", self.log_size.0));
        }
        if self.log_records == 0 {
            return wrong("log_records", "`0` would move each request by itself".to_owned());
        }
        if self.waiting_requests == 0 {
            return wrong("waiting_requests", "`0` would let nothing in".to_owned());
        }
        if let Some(reserve) = self.disk_reserve
            && reserve.0 < LEAST_RESERVE
        {
            let message = format!("`{}` bytes are less than {} MB", reserve.0, megabytes(LEAST_RESERVE));
            return wrong("disk_reserve", format!("{message}: rows that were taken could not be moved to files"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Config;

    fn checked(text: &str) -> Result<Config, String> {
        let config = Config::parse(&format!("[storage]\n{text}")).map_err(|error| error.to_string())?;
        config.check().map_err(|error| error.to_string())?;
        Ok(config)
    }

    #[test]
    fn the_limits_of_the_workspace_are_those_of_the_file() {
        let options =
            checked("flush_size = \"64MB\"\nflush_age = \"30s\"\ndisk_reserve = \"2GB\"\nbatch_ids = 7").unwrap();
        let options = options.storage.live_options();
        assert_eq!((options.flush_bytes, options.flush_age), (64 << 20, Duration::from_secs(30)));
        assert_eq!((options.reserve_bytes, options.remembered_batches), (Some(2 << 30), 7));
        let usual = checked("").unwrap().storage.live_options();
        assert_eq!(format!("{usual:?}"), format!("{:?}", storage::LiveOptions::default()));
    }

    #[test]
    fn limits_that_would_refuse_everything_are_refused() {
        for (text, key) in [
            ("memory = \"1MB\"", "storage.memory"),
            ("flush_size = \"2GB\"", "storage.flush_size"),
            ("flush_age = \"0s\"", "storage.flush_age"),
            ("log_size = \"64MB\"", "storage.log_size"),
            ("log_segment = \"4GB\"", "storage.log_size"),
            ("log_segment = \"1KB\"", "storage.log_segment"),
            ("log_records = 0", "storage.log_records"),
            ("waiting_requests = 0", "storage.waiting_requests"),
            ("disk_reserve = \"1KB\"", "storage.disk_reserve"),
            ("flush_bytes = 1", "flush_bytes"),
        ] {
            let error = checked(text).map(|_| ()).unwrap_err();
            assert!(error.contains(key), "{text}: {error}");
        }
    }
}
