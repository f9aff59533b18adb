//! What chaos found.

use std::fmt;

/// What chaos found. Anything lost or doubled is an error before it is in a report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChaosReport {
    /// Kills made.
    pub kills: usize,
    /// Records acknowledged, all checks together.
    pub acknowledged: u64,
    /// Requests sent again after a kill or a refusal.
    pub retries: u64,
    /// The longest time from start to ready after a kill, in seconds.
    pub longest_start: f64,
    /// What else was tried, in words.
    pub trials: Vec<String>,
    /// What was not tried, and why.
    pub skipped: Vec<String>,
    /// How long all of it took.
    pub seconds: f64,
}

impl fmt::Display for ChaosReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| | |\n|---|---:|")?;
        writeln!(f, "| kills (SIGKILL) | {} |", self.kills)?;
        writeln!(f, "| records acknowledged | {} |", self.acknowledged)?;
        writeln!(f, "| of them lost, doubled | 0, 0 |")?;
        writeln!(f, "| requests sent again | {} |", self.retries)?;
        writeln!(f, "| longest start after a kill | {:.2} s |", self.longest_start)?;
        for trial in &self.trials {
            writeln!(f, "| {trial} | held |")?;
        }
        for skipped in &self.skipped {
            writeln!(f, "| {skipped} | skipped |")?;
        }
        writeln!(f, "| time | {:.0} s |", self.seconds)
    }
}
