//! What a load run measured.

use std::fmt;

/// What a load run measured, as lines of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LoadReport {
    /// What was measured, and its figure.
    pub lines: Vec<(String, String)>,
    /// MB/s that were durable.
    pub megabytes_per_second: f64,
    /// Records that were acknowledged.
    pub acknowledged: u64,
}

impl LoadReport {
    pub(super) fn add(&mut self, what: impl Into<String>, figure: impl Into<String>) {
        self.lines.push((what.into(), figure.into()));
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| | |\n|---|---:|")?;
        self.lines.iter().try_for_each(|(what, figure)| writeln!(f, "| {what} | {figure} |"))
    }
}
