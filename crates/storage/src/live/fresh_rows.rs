//! Rows that are in the log and not yet in files.

use std::collections::BTreeMap;
use std::sync::Arc;

use schema::Table;

use super::run::Run;
use crate::versions::Versions;

/// Runs from this many rows on stay as they are: as many as the engine takes at once.
const FULL_RUN_ROWS: usize = 8192;

/// Runs from this size on stay as they are, in bytes.
const FULL_RUN_BYTES: u64 = 8 * 1024 * 1024;

/// Runs of about the same size become one when there are so many: a row is copied once for each power of eight, and a table has few runs.
const MERGED_AT_ONCE: usize = 8;

/// The fresh rows of all tables at one moment. Changed by making another one.
#[derive(Debug, Clone, Default)]
pub(crate) struct FreshRows {
    tables: BTreeMap<&'static str, Arc<FreshTable>>,
    /// The place in the log of the last record whose rows are among these, or in files.
    pub(crate) sequence: u64,
}

/// The fresh rows of one table.
#[derive(Debug, Clone)]
pub(crate) struct FreshTable {
    /// With all columns of the runs.
    pub(crate) table: &'static Table,
    pub(crate) runs: Vec<Arc<Run>>,
    /// Runs through this place are on their way into files: later ones are not merged with them.
    sealed: u64,
}

impl FreshRows {
    pub(crate) fn table(&self, name: &str) -> Option<&Arc<FreshTable>> {
        self.tables.get(name)
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = &Arc<FreshTable>> {
        self.tables.values()
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> u64 {
        self.tables().map(|table| table.bytes()).sum()
    }

    pub(crate) fn rows(&self) -> u64 {
        self.tables().map(|table| table.rows()).sum()
    }

    /// Adds a run to its table, whose description is now that one.
    pub(crate) fn push(&mut self, table: &'static Table, run: Run) {
        self.sequence = self.sequence.max(run.last_sequence);
        let entry = self.tables.entry(table.name.as_str());
        let fresh = entry.or_insert_with(|| Arc::new(FreshTable { table, runs: Vec::new(), sealed: 0 }));
        let fresh = Arc::make_mut(fresh);
        fresh.table = table;
        fresh.push(Arc::new(run));
    }

    /// Begins to move the rows of these tables into files: what comes later stays apart from them. Gives them.
    pub(crate) fn seal(&mut self, names: &[&'static str]) -> Vec<Arc<FreshTable>> {
        let sequence = self.sequence;
        let tables = names.iter().filter_map(|name| {
            let table = self.tables.get_mut(name)?;
            Arc::make_mut(table).sealed = sequence;
            Some(Arc::clone(table))
        });
        tables.collect()
    }

    /// Those that are not in the files of these versions.
    pub(crate) fn without_stored(&self, versions: &Versions) -> Self {
        let mut rest = self.clone();
        rest.tables.retain(|name, table| {
            let position = versions.log_position(name);
            if table.runs.iter().any(|run| run.last_sequence <= position) {
                Arc::make_mut(table).runs.retain(|run| run.last_sequence > position);
            }
            !table.runs.is_empty()
        });
        rest
    }

    /// The first place in the log whose rows are not all in files.
    pub(crate) fn first_needed(&self) -> u64 {
        let runs = self.tables().flat_map(|table| &table.runs);
        runs.map(|run| run.first_sequence).min().unwrap_or(self.sequence + 1)
    }
}

impl FreshTable {
    pub(crate) fn bytes(&self) -> u64 {
        self.runs.iter().map(|run| run.bytes).sum()
    }

    pub(crate) fn rows(&self) -> u64 {
        self.runs.iter().map(|run| run.rows() as u64).sum()
    }

    /// Times of the first and the last row, in µs since 1970.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        let first = self.runs.iter().map(|run| run.first).min()?;
        let last = self.runs.iter().map(|run| run.last).max()?;
        Some((first, last))
    }

    /// The rows of this time (in µs since 1970) and later; nothing where there are none.
    pub(crate) fn since(fresh: &Arc<Self>, time: i64) -> Option<Arc<Self>> {
        if fresh.runs.iter().all(|run| run.first >= time) {
            return Some(Arc::clone(fresh));
        }
        let runs: Vec<Arc<Run>> = fresh.runs.iter().filter_map(|run| Run::since(run, time)).collect();
        (!runs.is_empty()).then(|| Arc::new(Self { table: fresh.table, runs, sealed: fresh.sealed }))
    }

    fn push(&mut self, run: Arc<Run>) {
        self.runs.push(run);
        while let Some(from) = self.mergeable() {
            match Run::merged(self.table, &self.runs[from..]) {
                Ok(Some(merged)) => {
                    self.runs.truncate(from);
                    self.runs.push(Arc::new(merged));
                }
                // Rows that cannot be put together are read apart.
                Ok(None) | Err(_) => break,
            }
        }
    }

    /// Where the last runs begin that should be one.
    fn mergeable(&self) -> Option<usize> {
        let size = size_class(self.runs.last()?);
        let is_like_last = |run: &&Arc<Run>| {
            run.first_sequence > self.sealed
                && run.rows() < FULL_RUN_ROWS
                && run.bytes < FULL_RUN_BYTES
                && size_class(run) <= size
        };
        let count = self.runs.iter().rev().take_while(is_like_last).count();
        (count >= MERGED_AT_ONCE).then(|| self.runs.len() - count)
    }
}

/// Powers of [`MERGED_AT_ONCE`] in its rows.
fn size_class(run: &Run) -> u32 {
    run.rows().max(1).ilog(MERGED_AT_ONCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crash_tests::{rows, table};
    use crate::versions::TableVersion;

    fn fresh(records: std::ops::RangeInclusive<u64>) -> FreshRows {
        let table = table("AuditLogs");
        let mut fresh = FreshRows::default();
        for sequence in records {
            let run = Run::new(table, rows(table, 1), sequence).expect("sorts").expect("has rows");
            fresh.push(table, run);
        }
        fresh
    }

    #[test]
    fn many_small_runs_become_few() {
        let fresh = fresh(1..=5000);
        assert_eq!((fresh.rows(), fresh.sequence, fresh.first_needed()), (5000, 5000, 1));
        let runs = &fresh.table("AuditLogs").expect("has rows").runs;
        assert!(runs.len() <= 7 * 5, "{}", runs.len());
        let mut next = 1;
        for run in runs {
            assert_eq!(run.first_sequence, next);
            assert_eq!(run.last_sequence + 1 - run.first_sequence, run.rows() as u64);
            next = run.last_sequence + 1;
        }
    }

    #[test]
    fn sealed_rows_go_when_their_files_are_there_and_later_ones_stay() {
        let mut fresh = fresh(1..=20);
        let sealed = fresh.seal(&["AuditLogs"]);
        assert_eq!(sealed.iter().map(|table| table.rows()).sum::<u64>(), 20);
        let table = table("AuditLogs");
        for sequence in 21..=29 {
            fresh.push(table, Run::new(table, rows(table, 1), sequence).expect("sorts").expect("has rows"));
        }
        let stored = TableVersion { log_position: 20, ..TableVersion::default() };
        let versions = Versions { sequence: 1, tables: BTreeMap::from([("AuditLogs".to_owned(), stored)]) };
        let rest = fresh.without_stored(&versions);
        assert_eq!((rest.rows(), rest.first_needed(), fresh.rows()), (9, 21, 29));
        assert_eq!(rest.without_stored(&Versions::default()).rows(), 9);
    }
}
