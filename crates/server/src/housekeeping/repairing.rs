//! Setting damaged parts of the write-ahead log aside.

use std::path::Path;

use chrono::Utc;
use serde::Serialize;
use storage::Workspace;

use super::backing_up::{runtime, with_hint};
use crate::Error;

/// What was done about a damaged log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RepairOutcome {
    /// What could not be read; nothing was done where there is none.
    pub damages: Vec<DamageSummary>,
    /// Where the damaged files are now.
    pub files: Vec<String>,
    /// Rows that could be read and are in their tables now.
    pub kept_rows: u64,
    /// Requests whose rows are lost, as far as it is known.
    pub lost_requests: u64,
    /// About how many rows may be lost; absent where nothing tells.
    pub lost_rows: Option<u64>,
    /// Whether the ids of batches are lost: one that is sent again is then stored again.
    pub lost_batches: bool,
}

/// A part of the log that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DamageSummary {
    /// The file.
    pub file: String,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// Its bytes.
    pub bytes: u64,
    /// What is wrong there.
    pub problem: String,
}

/// Moves rows that can be read to tables, and damaged files aside. Nobody may write meanwhile.
pub fn repair(workspace: &Path) -> Result<RepairOutcome, Error> {
    let set_aside = runtime()?.block_on(async {
        let workspace = Workspace::open(workspace).await?;
        workspace.set_aside_damage(Utc::now()).await.map_err(with_hint)
    })?;
    let damage = |damage: storage::LogDamage| DamageSummary {
        file: damage.path.display().to_string(),
        offset: damage.offset,
        bytes: damage.bytes,
        problem: damage.problem,
    };
    Ok(RepairOutcome {
        damages: set_aside.damages.into_iter().map(damage).collect(),
        files: set_aside.files.iter().map(|path| path.display().to_string()).collect(),
        kept_rows: set_aside.kept_rows,
        lost_requests: set_aside.lost_requests,
        lost_rows: set_aside.lost_rows,
        lost_batches: set_aside.lost_batches,
    })
}
