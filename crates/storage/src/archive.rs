//! Which rows of a table are archived: kept, and seen only by who asks for them.

use chrono::{NaiveDate, NaiveTime};
use deltalake_core::kernel::Add;
use schema::Table;
use serde::{Deserialize, Serialize};

use crate::delta_log::LoggedFile;
use crate::journal::TableChange;
use crate::maintenance::StoredFile;

/// The archive of a table, as its version has it: files of days before the first visible one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Archive {
    /// The first day that queries see.
    pub(crate) first_visible: NaiveDate,
    /// Totals of the archived files.
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) files: u64,
    /// Earliest time of a row that is not archived, in µs since 1970; `i64::MAX` where there is none.
    pub(crate) first: i64,
}

/// What a change notes of a table's archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ArchiveNote {
    /// The archive from then on; absent where all rows are visible again.
    pub(crate) after: Option<Archive>,
}

impl Archive {
    /// The archive of a table with these files.
    pub(crate) fn of<'a>(first_visible: NaiveDate, files: impl IntoIterator<Item = &'a StoredFile>) -> Self {
        let mut archive = Self { first_visible, rows: 0, bytes: 0, files: 0, first: i64::MAX };
        files.into_iter().for_each(|file| archive.add(file));
        archive
    }

    /// The first visible moment, in µs since 1970.
    pub(crate) fn visible_from(&self) -> i64 {
        start_of(self.first_visible)
    }

    /// The same after a change that notes nothing of it.
    pub(crate) fn change(&mut self, change: &TableChange) {
        if let Some(table) = table_of(change) {
            change.adds.iter().filter_map(|add| added(table, add)).for_each(|file| self.add(&file));
        }
        let is_archived = |day: &str| day.parse::<NaiveDate>().is_ok_and(|day| day < self.first_visible);
        for file in change.removes.iter().filter(|file| is_archived(&file.day)) {
            self.rows = self.rows.saturating_sub(file.rows);
            self.bytes = self.bytes.saturating_sub(file.size);
            self.files = self.files.saturating_sub(1);
        }
    }

    fn add(&mut self, file: &StoredFile) {
        if file.day < self.first_visible {
            self.rows += file.rows;
            self.bytes += file.size;
            self.files += 1;
        } else {
            self.first = self.first.min(file.first);
        }
    }
}

/// The first moment of a day (UTC), in µs since 1970.
pub(crate) fn start_of(day: NaiveDate) -> i64 {
    day.and_time(NaiveTime::MIN).and_utc().timestamp_micros()
}

fn table_of(change: &TableChange) -> Option<&'static Table> {
    let custom = || {
        schema::is_custom_table_name(&change.table).then(|| schema::custom_table(&change.table, &change.custom_columns))
    };
    schema::table(&change.table).or_else(custom)
}

fn added(table: &Table, add: &Add) -> Option<StoredFile> {
    let file = LoggedFile {
        path: add.path.clone(),
        size: u64::try_from(add.size).unwrap_or(0),
        modified: add.modification_time,
        statistics: add.stats.clone(),
    };
    StoredFile::of(table, &file)
}
