//! What the service does to its workspace by itself.

use std::path::PathBuf;

use serde::Deserialize;

use super::{ConfigError, Span};

/// Shortest time that a file stays after it has left its table: longer than any query runs.
const SHORTEST_AGE: u64 = 3600;

/// House-keeping: merging of small files, retention, freeing of space; rows about the service itself; backups.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HousekeepingConfig {
    /// How often small files are merged, old days removed and space freed. `0s` leaves it to `vedette maintain`.
    pub(crate) interval: Span,
    /// How long a file stays after it has left its table, for those who may still read it. At least an hour.
    pub(crate) minimum_age: Span,
    /// How often rows of `Heartbeat`, `Usage` and `SentinelHealth` are written. `0s` writes none.
    pub(crate) report_interval: Span,
    /// The folder in which backups asked for over HTTP are made, each in a folder of its own. Without it there are none.
    pub(crate) backup_folder: Option<PathBuf>,
}

impl Default for HousekeepingConfig {
    fn default() -> Self {
        Self {
            interval: Span::seconds(600),
            minimum_age: Span::seconds(24 * 3600),
            report_interval: Span::seconds(3600),
            backup_folder: None,
        }
    }
}

impl HousekeepingConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let place = |key: &str| format!("housekeeping.{key}");
        if self.minimum_age.0.as_secs() < SHORTEST_AGE {
            return Err(ConfigError::new(
                place("minimum_age"),
                format!(
                    "`{}s` is less than an hour: a query may still read what was removed",
                    self.minimum_age.0.as_secs()
                ),
            ));
        }
        for (key, span) in [("interval", self.interval), ("report_interval", self.report_interval)] {
            let seconds = span.0.as_secs();
            if seconds < 60 && !span.0.is_zero() {
                return Err(ConfigError::new(place(key), format!("`{seconds}s` is less than a minute")));
            }
        }
        Ok(())
    }
}
