//! What a query gave, before it has a surface's form.

use std::collections::VecDeque;
use std::time::Duration;

use arrow::array::RecordBatch;
use kql_functions::Type;
use serde_json::Value as Json;

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireColumn {
    /// Its name.
    pub name: String,
    /// Its KQL type.
    pub ty: Type,
}

impl WireColumn {
    /// A column.
    pub fn new(name: &str, ty: Type) -> Self {
        Self { name: name.to_owned(), ty }
    }
}

/// One table of a result.
#[derive(Debug, Clone, Default)]
pub struct ResultSet {
    /// `PrimaryResult`, or what the query calls it.
    pub name: String,
    /// In order.
    pub columns: Vec<WireColumn>,
    /// The rows, one array a column in the Arrow form of [`Type::arrow`]; datetimes and timespans are ticks.
    pub batches: VecDeque<RecordBatch>,
}

impl ResultSet {
    /// How many rows.
    pub fn row_count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Bytes of the rows in memory.
    pub fn byte_size(&self) -> usize {
        self.batches.iter().map(RecordBatch::get_array_memory_size).sum()
    }
}

/// Why a result has not all of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutOff {
    /// The limit, in `unit`.
    pub limit: u64,
    /// Rows, else bytes.
    pub is_rows: bool,
}

impl CutOff {
    /// Kusto's error code for it (`E_QUERY_RESULT_SET_TOO_LARGE`, 0x80DA0003).
    pub const CODE: i32 = -2_133_196_797;

    /// What Kusto says.
    pub fn kusto_message(&self) -> String {
        let (limit, unit) = (self.limit, if self.is_rows { "records" } else { "bytes" });
        format!(
            "Query execution has exceeded the allowed limits (80DA0003): The results of this query exceed the set limit of {limit} {unit}, \
             so not all records were returned (E_QUERY_RESULT_SET_TOO_LARGE, 0x80DA0003). See https://aka.ms/kustoquerylimits for more \
             information and possible solutions."
        )
    }

    /// What Log Analytics says.
    pub fn log_analytics_message(&self) -> String {
        let unit = if self.is_rows { "records" } else { "bytes" };
        format!("Query result set has exceeded the internal record count limit of {} {unit}", self.limit)
    }
}

/// What a query took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueryStatistics {
    /// From its start to its last row.
    pub execution: Duration,
    /// Rows of the tables that it could read.
    pub rows_total: u64,
    /// Data files of these tables.
    pub extents_total: u64,
    /// Memory that it was given, in bytes.
    pub memory_bytes: u64,
}

/// What a query gave.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The primary result first; more of queries with several statements, `fork` and `facet`.
    pub tables: Vec<ResultSet>,
    /// Why rows are missing, where some are.
    pub cut_off: Option<CutOff>,
    /// How `render` asked to show it: `visualization` and the properties as the query names them.
    pub visualization: Option<Json>,
    /// What it took.
    pub statistics: QueryStatistics,
}
