//! What earlier runs did, as rows of the workspace: `InvestigationRuns` (ours) and `SentinelHealth` (a row a rule).

mod investigation_runs;
mod rule_runs;

pub(crate) use investigation_runs::{VERSION, read_runs, run_row};
pub(crate) use rule_runs::{read_rule_runs, rule_rows, rule_runs};

use serde_json::{Map, Value};

use crate::rows_from_json::rows_from_json;
use crate::{Error, Session};

/// Writes a run and what its rules did in one step.
pub(crate) fn record(session: &Session, run: Map<String, Value>, rules: Vec<Map<String, Value>>) -> Result<(), Error> {
    let mut batches = Vec::new();
    for (name, rows) in [("InvestigationRuns", vec![run]), ("SentinelHealth", rules)] {
        let table = schema::table(name).ok_or_else(|| Error::new(format!("no built-in table `{name}`")))?;
        batches.push((table, rows_from_json(table, &rows)?));
    }
    session.append(batches)
}
