//! How queries are run, and what they may use up.

use kql_engine::{DEFAULT_DURATION, DEFAULT_RESULT_BYTES, DEFAULT_ROWS};
use serde::Deserialize;

use super::{Bytes, ConfigError, Span};

/// Least memory of one query beside its result: less would make every sort spill.
pub(crate) const LEAST_QUERY_MEMORY: u64 = 64 << 20;

/// Bounds of queries. All share `limits.query_memory`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct QueriesConfig {
    /// Queries of users that run at a time; 0: two a processor and at least 4, as far as the memory reaches.
    pub(crate) concurrency: usize,
    /// Queries of rules and jobs that run at a time, beside those of users.
    pub(crate) background_concurrency: usize,
    /// The part of the memory that is kept for rules and jobs, in percent.
    pub(crate) background_memory_percent: u8,
    /// Queries that wait for their turn, all callers together. More are answered with 429.
    pub(crate) waiting: usize,
    /// Queries of one caller that wait for their turn.
    pub(crate) waiting_per_caller: usize,
    /// Longest time that a query waits for its turn.
    pub(crate) waiting_time: Span,
    /// Time that a query may take where its client does not ask for less.
    pub(crate) duration: Span,
    /// Rows of a result, beyond which it is cut off, unless its client asks for all.
    pub(crate) rows: usize,
    /// Size of a result, beyond which it is cut off, unless its client asks for all.
    pub(crate) result: Bytes,
    /// Size of a result whose client asks for all of it (`notruncation`).
    pub(crate) whole_result: Bytes,
}

impl Default for QueriesConfig {
    fn default() -> Self {
        Self {
            concurrency: 0,
            background_concurrency: 1,
            background_memory_percent: 25,
            waiting: 200,
            waiting_per_caller: 50,
            waiting_time: Span::seconds(60),
            duration: Span(DEFAULT_DURATION),
            rows: DEFAULT_ROWS,
            result: Bytes(DEFAULT_RESULT_BYTES as u64),
            whole_result: Bytes(256 << 20),
        }
    }
}

impl QueriesConfig {
    /// Queries of users that run at a time; where the configuration does not say, as many as the processors and the memory allow.
    pub(crate) fn user_concurrency(&self, memory: u64) -> usize {
        if self.concurrency > 0 {
            return self.concurrency;
        }
        let by_processors = (2 * std::thread::available_parallelism().map_or(1, std::num::NonZero::get)).max(4);
        let (users, _) = self.shares(memory);
        let by_memory = usize::try_from(users / (self.result.0 + LEAST_QUERY_MEMORY)).unwrap_or(usize::MAX);
        by_processors.min(by_memory).max(1)
    }

    /// The memory of queries of users, and that of rules and jobs, out of all of it.
    pub(crate) fn shares(&self, memory: u64) -> (u64, u64) {
        let background = memory / 100 * u64::from(self.background_memory_percent);
        (memory - background, background)
    }

    pub(super) fn check(&self, memory: u64) -> Result<(), ConfigError> {
        for (place, value) in [
            ("queries.background_concurrency", self.background_concurrency),
            ("queries.waiting_per_caller", self.waiting_per_caller),
            ("queries.rows", self.rows),
        ] {
            if value == 0 {
                return Err(ConfigError::new(place, "`0` would let no query run"));
            }
        }
        if self.background_memory_percent == 0 || self.background_memory_percent > 90 {
            let message = format!("`{}` is not between 1 and 90", self.background_memory_percent);
            return Err(ConfigError::new("queries.background_memory_percent", message));
        }
        let (users, background) = self.shares(memory);
        let needed = self.result.0 + LEAST_QUERY_MEMORY;
        for (share, count, what) in [
            (users, self.user_concurrency(memory), "users"),
            (background, self.background_concurrency, "rules and jobs"),
        ] {
            if share / (count as u64) < needed {
                let message = format!(
                    "`{memory}` bytes are too few for {count} queries of {what}: each needs {needed}\nraise it, or lower `queries.concurrency` or `queries.result`"
                );
                return Err(ConfigError::new("limits.query_memory", message));
            }
        }
        let largest = self.whole_result.0 + LEAST_QUERY_MEMORY;
        if users < largest {
            let message = format!("`{}` bytes do not fit into the memory of queries", self.whole_result.0);
            return Err(ConfigError::new("queries.whole_result", message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_query_that_may_run_has_the_memory_that_it_needs() {
        let memory = 4 << 30;
        let config = |change: fn(&mut QueriesConfig)| {
            let mut config = QueriesConfig { concurrency: 4, ..QueriesConfig::default() };
            change(&mut config);
            config.check(memory).map_err(|error| error.place)
        };
        assert_eq!(config(|_| ()), Ok(()));
        assert_eq!(
            QueriesConfig::default().check(1 << 30).map_err(|error| error.place),
            Ok(()),
            "on any number of processors"
        );
        assert_eq!(config(|config| config.concurrency = 100), Err("limits.query_memory".to_owned()));
        assert_eq!(config(|config| config.whole_result = Bytes(memory_of())), Err("queries.whole_result".to_owned()));
        assert_eq!(config(|config| config.rows = 0), Err("queries.rows".to_owned()));
        assert_eq!(
            config(|config| config.background_memory_percent = 0),
            Err("queries.background_memory_percent".to_owned())
        );
    }

    fn memory_of() -> u64 {
        4 << 30
    }
}
