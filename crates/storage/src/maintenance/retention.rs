//! How long tables keep their rows: days that are past it leave the table whole. Before that they may be archived: kept, and seen only by who
//! asks for them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use schema::Table;
use serde_json::json;

use super::Maintenance;
use super::stored_file::StoredFile;
use crate::archive::{Archive, ArchiveNote};
use crate::journal::{ChangeKind, RemovedFile, TableChange};
use crate::versions::Versions;
use crate::workspace::raise_format;
use crate::{CommitInfo, StorageError};

/// Longest retention, in days: twelve years, as in Sentinel ("Manage data retention in a Log Analytics workspace").
const LONGEST_DAYS: u32 = 4383;

/// How long a table keeps its rows, counted from the day of their time. `None` is for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Days in which queries see the rows; Sentinel's `retentionInDays`.
    pub interactive_days: Option<u32>,
    /// Days until the rows are removed; Sentinel's `totalRetentionInDays`. The same as `interactive_days` where it is absent; where it is more, rows are
    /// archived in between (Sentinel's long-term retention).
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

/// What a run removed and archived, by table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retired {
    /// Only tables that lost rows.
    pub tables: BTreeMap<String, RetiredRows>,
    /// Only tables whose archive is another one than before.
    pub archived: BTreeMap<String, ArchivedRows>,
}

/// What of a table is archived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArchivedRows {
    /// The first day that queries see; absent where they see all.
    pub first_visible: Option<NaiveDate>,
    /// Rows of files of days before.
    pub rows: u64,
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
            (Some(interactive), Some(total)) if total < interactive => {
                Err(RetentionError::TotalTooShort { table: table() })
            }
            _ => Ok(()),
        }
    }

    /// What becomes of days, seen from that one.
    fn days(self, today: NaiveDate) -> Days {
        let before = |days: u32| today.checked_sub_days(chrono::Days::new(days.into()));
        let (interactive, total) = (self.interactive_days, self.total_days.or(self.interactive_days));
        let is_archived = interactive < total;
        Days { first_kept: total.and_then(before), first_visible: interactive.filter(|_| is_archived).and_then(before) }
    }
}

/// What becomes of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Days {
    /// Those before are removed.
    first_kept: Option<NaiveDate>,
    /// Those before are archived; absent where all that are kept are seen.
    first_visible: Option<NaiveDate>,
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
    /// Takes the days that are past their total retention out of the tables, and notes which days queries see. Files that leave a table stay
    /// until vacuum removes them, so that queries that run go on; those that are archived stay as they are.
    pub async fn retain(&self, options: &RetentionOptions, now: DateTime<Utc>) -> Result<Retired, StorageError> {
        options.check().map_err(|source| StorageError::Retention { source })?;
        let _one_job = self.workspace.maintenance_lock.lock().await;
        let mut retired = Retired::default();
        let versions = self.versions()?;
        for name in versions.tables.keys() {
            let Some(table) = self.table(name, &versions) else { continue };
            let days = options.of(table).days(now.date_naive());
            if days.first_visible.is_some() {
                // A program that does not know of archives must not show one.
                raise_format(&self.workspace.path)?;
            }
            let text = |day: Option<NaiveDate>| day.map(|day| day.to_string());
            let details = json!({"firstDayKept": text(days.first_kept), "firstDayVisible": text(days.first_visible)});
            let details = details.as_object().cloned().unwrap_or_default();
            let info = CommitInfo { command: "retention".to_owned(), details };
            let decide = async |versions: &Versions| self.past(table, versions, days, now).await;
            let Some(change) = self.commit(ChangeKind::Retention, info, decide).await? else { continue };
            if !change.removes.is_empty() {
                let sum = |of: fn(&RemovedFile) -> u64| change.removes.iter().map(of).sum();
                let rows = RetiredRows { rows: sum(|file| file.rows), files: sum(|_| 1), bytes: sum(|file| file.size) };
                retired.tables.insert(name.clone(), rows);
            }
            if let Some(ArchiveNote { after }) = &change.archive {
                let rows = after.as_ref().map_or(0, |archive| archive.rows);
                let archived = ArchivedRows { first_visible: days.first_visible, rows };
                retired.archived.insert(name.clone(), archived);
            }
        }
        Ok(retired)
    }

    async fn past(
        &self,
        table: &'static Table,
        versions: &Versions,
        days: Days,
        now: DateTime<Utc>,
    ) -> Result<Option<TableChange>, StorageError> {
        let Some(version) = versions.tables.get(&table.name) else { return Ok(None) };
        let noted = version.archive.as_ref().map(|archive| archive.first_visible);
        let is_noted = noted == days.first_visible;
        if is_noted && days.first_kept.is_none() {
            return Ok(None);
        }
        let files = self.files(table, versions).await?;
        let is_past = |file: &&StoredFile| days.first_kept.is_some_and(|first| file.day < first);
        let (past, kept): (Vec<&StoredFile>, Vec<&StoredFile>) = files.iter().partition(is_past);
        if past.is_empty() && is_noted {
            return Ok(None);
        }
        let mut change = self.change(table, versions)?;
        change.removes = past.iter().map(|file| file.removed(now.timestamp_millis())).collect();
        // Of files of other programs it is not known when their rows are: the span then stays as it was.
        if !past.is_empty() && files.len() as u64 == version.files {
            let first = kept.iter().map(|file| file.first).min().unwrap_or(i64::MAX);
            let last = kept.iter().map(|file| file.last).max().unwrap_or(i64::MIN);
            change.span_after = Some((first, last));
        }
        if noted.is_some() || days.first_visible.is_some() {
            let after = days.first_visible.map(|day| Archive::of(day, kept));
            change.archive = Some(ArchiveNote { after });
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
        for (interactive, total) in
            [(None, None), (Some(90), None), (None, Some(90)), (Some(90), Some(90)), (Some(90), Some(365))]
        {
            assert_eq!(days(interactive, total).check(None), Ok(()));
        }
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
        let first = |name: &str| options.of(schema::table(name).expect("built in")).days(today).first_kept;
        assert_eq!(first("SigninLogs").map(|day| day.to_string()).as_deref(), Some("2024-04-01"));
        assert_eq!(first("AuditLogs").map(|day| day.to_string()).as_deref(), Some("2024-02-01"));
    }

    #[test]
    fn days_are_archived_between_the_two_retentions() {
        let today: NaiveDate = "2024-05-01".parse().expect("a date");
        for (interactive, total, kept, visible) in [
            (None, None, None, None),
            (Some(30), None, Some("2024-04-01"), None),
            (None, Some(30), Some("2024-04-01"), None),
            (Some(30), Some(30), Some("2024-04-01"), None),
            (Some(1), Some(30), Some("2024-04-01"), Some("2024-04-30")),
            (Some(30), Some(LONGEST_DAYS), Some("2012-05-01"), Some("2024-04-01")),
        ] {
            let date = |text: Option<&str>| text.map(|text| text.parse().expect("a date"));
            let expected = Days { first_kept: date(kept), first_visible: date(visible) };
            assert_eq!(days(interactive, total).days(today), expected, "{interactive:?} {total:?}");
        }
    }
}
