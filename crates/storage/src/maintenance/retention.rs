//! How long tables keep their rows: days that are past it leave the table whole.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use schema::Table;
use serde_json::json;

use super::Maintenance;
use super::stored_file::StoredFile;
use crate::journal::{ChangeKind, TableChange};
use crate::versions::Versions;
use crate::{CommitInfo, StorageError};

/// Longest retention, in days: twelve years, as in Sentinel ("Manage data retention in a Log Analytics workspace").
const LONGEST_DAYS: u32 = 4383;

/// How long a table keeps its rows, counted from the day of their time. `None` is for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Days in which queries see the rows; Sentinel's `retentionInDays`.
    pub interactive_days: Option<u32>,
    /// Days until the rows are removed; Sentinel's `totalRetentionInDays`. Must not be more than `interactive_days`: rows that are kept
    /// and not seen (Sentinel's long-term retention) could not be searched or restored by anything here.
    pub total_days: Option<u32>,
}

/// How long the tables of a workspace keep their rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RetentionOptions {
    /// Of tables that are not listed.
    pub default: Retention,
    /// By table name.
    pub tables: BTreeMap<String, Retention>,
}

/// Why a retention cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RetentionError {
    /// Rows would be kept that no query sees.
    #[error(
        "the total retention of {} is longer than its interactive retention, and archived rows are not supported",
        subject(table.as_deref())
    )]
    Archive {
        /// The table; `None` for the default.
        table: Option<String>,
    },
    /// The interactive retention ends after the rows are removed.
    #[error("the total retention of {} is shorter than its interactive retention", subject(table.as_deref()))]
    TotalTooShort {
        /// The table; `None` for the default.
        table: Option<String>,
    },
    /// A retention of no days, or of too many.
    #[error("a retention of `{days}` days for {} is not between 1 and {LONGEST_DAYS}", subject(table.as_deref()))]
    OutOfRange {
        /// The table; `None` for the default.
        table: Option<String>,
        /// What was given.
        days: u32,
    },
    /// No table can have this name.
    #[error("there is no table `{table}`")]
    UnknownTable {
        /// What was given.
        table: String,
    },
}

/// What a run removed, by table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retired {
    /// Only tables that lost rows.
    pub tables: BTreeMap<String, RetiredRows>,
}

/// What a table lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetiredRows {
    /// Rows.
    pub rows: u64,
    /// Data files.
    pub files: u64,
    /// Their size in bytes. Vacuum frees it.
    pub bytes: u64,
}

fn subject(table: Option<&str>) -> String {
    table.map_or_else(|| "all tables".to_owned(), |table| format!("table `{table}`"))
}

impl RetentionError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Archive { .. } => {
                Some("give one number of days, after which rows are removed, and keep backups for longer")
            }
            Self::TotalTooShort { .. } => Some("leave the total retention out, or make both the same"),
            Self::OutOfRange { .. } => Some("leave the retention out to keep rows for ever"),
            Self::UnknownTable { .. } => Some("name a built-in table, or a custom one with `_CL` at its end"),
        }
    }
}

impl Retention {
    fn check(self, table: Option<&str>) -> Result<(), RetentionError> {
        let table = || table.map(ToOwned::to_owned);
        for days in [self.interactive_days, self.total_days].into_iter().flatten() {
            if !(1..=LONGEST_DAYS).contains(&days) {
                return Err(RetentionError::OutOfRange { table: table(), days });
            }
        }
        match (self.interactive_days, self.total_days) {
            (Some(interactive), Some(total)) if total > interactive => Err(RetentionError::Archive { table: table() }),
            (Some(interactive), Some(total)) if total < interactive => {
                Err(RetentionError::TotalTooShort { table: table() })
            }
            _ => Ok(()),
        }
    }

    /// The first day that is kept.
    fn first_kept(self, today: NaiveDate) -> Option<NaiveDate> {
        let days = self.interactive_days.or(self.total_days)?;
        today.checked_sub_days(Days::new(days.into()))
    }
}

impl RetentionOptions {
    /// Refuses what cannot be done.
    pub fn check(&self) -> Result<(), RetentionError> {
        self.default.check(None)?;
        for (name, retention) in &self.tables {
            if schema::table(name).is_none() && !schema::is_custom_table_name(name) {
                return Err(RetentionError::UnknownTable { table: name.clone() });
            }
            retention.check(Some(name))?;
        }
        Ok(())
    }

    fn of(&self, table: &Table) -> Retention {
        let named = |(name, _): &(&String, &Retention)| {
            **name == table.name || schema::table(name).is_some_and(|known| known.name == table.name)
        };
        self.tables.iter().find(named).map_or(self.default, |(_, retention)| *retention)
    }
}

impl Maintenance {
    /// Takes the days that are past their retention out of the tables. Their files stay until vacuum removes them, so that queries that
    /// run go on.
    pub async fn retain(&self, options: &RetentionOptions, now: DateTime<Utc>) -> Result<Retired, StorageError> {
        options.check().map_err(|source| StorageError::Retention { source })?;
        let _one_job = self.workspace.maintenance_lock.lock().await;
        let mut retired = Retired::default();
        let versions = self.versions()?;
        for name in versions.tables.keys() {
            let Some(table) = self.table(name, &versions) else { continue };
            let Some(first_kept) = options.of(table).first_kept(now.date_naive()) else { continue };
            let details = json!({"firstDayKept": first_kept.to_string()}).as_object().cloned().unwrap_or_default();
            let info = CommitInfo { command: "retention".to_owned(), details };
            let decide = async |versions: &Versions| self.past(table, versions, first_kept, now).await;
            let Some(change) = self.commit(ChangeKind::Retention, info, decide).await? else { continue };
            let sum = |of: fn(&crate::journal::RemovedFile) -> u64| change.removes.iter().map(of).sum();
            let rows = RetiredRows { rows: sum(|file| file.rows), files: sum(|_| 1), bytes: sum(|file| file.size) };
            retired.tables.insert(name.clone(), rows);
        }
        Ok(retired)
    }

    async fn past(
        &self,
        table: &'static Table,
        versions: &Versions,
        first_kept: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Option<TableChange>, StorageError> {
        let files = self.files(table, versions).await?;
        let all = versions.tables.get(&table.name).map_or(0, |table| table.files);
        let (past, kept): (Vec<&StoredFile>, Vec<&StoredFile>) = files.iter().partition(|file| file.day < first_kept);
        if past.is_empty() {
            return Ok(None);
        }
        let mut change = self.change(table, versions)?;
        change.removes = past.iter().map(|file| file.removed(now.timestamp_millis())).collect();
        // Of files of other programs it is not known when their rows are: the span then stays as it was.
        if files.len() as u64 == all {
            let first = kept.iter().map(|file| file.first).min().unwrap_or(i64::MAX);
            let last = kept.iter().map(|file| file.last).max().unwrap_or(i64::MIN);
            change.span_after = Some((first, last));
        }
        Ok(Some(change))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(interactive: Option<u32>, total: Option<u32>) -> Retention {
        Retention { interactive_days: interactive, total_days: total }
    }

    #[test]
    fn what_cannot_be_kept_honestly_is_refused() {
        for retention in [days(None, None), days(Some(90), None), days(None, Some(90)), days(Some(90), Some(90))] {
            assert_eq!(retention.check(None), Ok(()));
        }
        assert_eq!(days(Some(90), Some(365)).check(None), Err(RetentionError::Archive { table: None }));
        assert_eq!(days(Some(90), Some(30)).check(None), Err(RetentionError::TotalTooShort { table: None }));
        for wrong in [0, LONGEST_DAYS + 1] {
            assert_eq!(
                days(Some(wrong), None).check(None),
                Err(RetentionError::OutOfRange { table: None, days: wrong })
            );
        }
        let tables = BTreeMap::from([("NoSuchTable".to_owned(), Retention::default())]);
        let error = RetentionOptions { tables, ..RetentionOptions::default() }.check().expect_err("is no table");
        assert_eq!(error.to_string(), "there is no table `NoSuchTable`");
    }

    #[test]
    fn a_table_has_its_own_retention_or_the_default() {
        let tables = BTreeMap::from([("SigninLogs".to_owned(), days(Some(30), None))]);
        let options = RetentionOptions { default: days(Some(90), None), tables };
        let today: NaiveDate = "2024-05-01".parse().expect("a date");
        let first = |name: &str| options.of(schema::table(name).expect("built in")).first_kept(today);
        assert_eq!(first("SigninLogs").map(|day| day.to_string()).as_deref(), Some("2024-04-01"));
        assert_eq!(first("AuditLogs").map(|day| day.to_string()).as_deref(), Some("2024-02-01"));
    }
}
