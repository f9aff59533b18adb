//! What a caller may set for the engine and for one query.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use kql_functions::Value;

use crate::cancel::CancelToken;

/// Longest time a query may take, as in Log Analytics.
pub const DEFAULT_DURATION: Duration = Duration::from_secs(600);
/// Memory that a query's operators may reserve, in bytes.
pub const DEFAULT_MEMORY_BYTES: usize = 2 << 30;
/// Most rows of a result, as in Log Analytics.
pub const DEFAULT_ROWS: usize = 500_000;
/// Largest result in bytes, as in Log Analytics' query API (about 100 MB).
pub const DEFAULT_RESULT_BYTES: usize = 100 << 20;
/// Most bytes that queries may have on disk at a time.
pub const DEFAULT_SPILL_BYTES: u64 = 20 << 30;

/// How an [`crate::Engine`] is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineOptions {
    /// Partitions that run side by side.
    pub threads: usize,
    /// Rows of a batch.
    pub batch_rows: usize,
    /// Run the plan as the binder made it, without the optimizer's rewrites: for tests, which compare the two.
    pub optimize: bool,
    /// Encode and decode each plan before it runs, as it would travel to another node: for tests, too.
    pub encode: bool,
    /// Most bytes that queries may have on disk at a time, where sorts, groups and joins outgrow their memory.
    pub spill_bytes: u64,
}

/// Threads that this process can have at work at a time, found out once: the system keeps in several files what a container may have.
pub fn processors() -> usize {
    static PROCESSORS: LazyLock<usize> =
        LazyLock::new(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    *PROCESSORS
}

impl Default for EngineOptions {
    fn default() -> Self {
        let threads = processors();
        Self { threads, batch_rows: 8192, optimize: true, encode: false, spill_bytes: DEFAULT_SPILL_BYTES }
    }
}

/// What one query is run with.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryOptions {
    /// `now()`, in ticks.
    pub now: i64,
    /// `[start, end)` in ticks: every stored table is seen only within it, by its time column.
    pub time_range: Option<(i64, i64)>,
    /// Values of `declare query_parameters(..)`.
    pub parameters: HashMap<String, Value>,
    /// What the query may use up.
    pub limits: Limits,
    /// Stops the query from outside.
    pub cancel: CancelToken,
}

impl QueryOptions {
    /// Options with that `now()` (ticks), no time range, no parameters and the default limits.
    pub fn new(now: i64) -> Self {
        Self {
            now,
            time_range: None,
            parameters: HashMap::new(),
            limits: Limits::default(),
            cancel: CancelToken::default(),
        }
    }
}

/// What a query may use up; more is an error that names the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time from start to the last row.
    pub duration: Duration,
    /// Memory reserved by sorts, joins and aggregations, in bytes.
    pub memory_bytes: usize,
    /// Rows of the result; what is more is cut off (see [`crate::Partial`]).
    pub rows: usize,
    /// Size of the result, in bytes of its Arrow form; what is more is cut off.
    pub result_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            duration: DEFAULT_DURATION,
            memory_bytes: DEFAULT_MEMORY_BYTES,
            rows: DEFAULT_ROWS,
            result_bytes: DEFAULT_RESULT_BYTES,
        }
    }
}
