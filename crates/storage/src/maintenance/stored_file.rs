//! A data file of a table as plans of house-keeping see it.

use arrow::datatypes::{DataType, TimeUnit};
use chrono::NaiveDate;
use schema::Table;

use crate::delta_log::LoggedFile;
use crate::file_statistics::{Bound, FileStatistics};
use crate::journal::RemovedFile;
use crate::{data_file, layout};

/// A data file that this program wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredFile {
    /// Below the table's folder.
    pub(crate) path: String,
    pub(crate) day: NaiveDate,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) rows: u64,
    /// Earliest time, in µs since 1970.
    pub(crate) first: i64,
    /// Latest time, in µs since 1970.
    pub(crate) last: i64,
}

impl StoredFile {
    /// `None` for a file that another program wrote, or of which it is not known what it holds.
    pub(crate) fn of(table: &Table, file: &LoggedFile) -> Option<Self> {
        if !data_file::is_name_of_ours(&file.path) {
            return None;
        }
        let type_of = |name: &str| {
            (*name == table.time_column).then(|| DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))
        };
        let statistics = FileStatistics::from_json(file.statistics.as_deref()?, type_of)?;
        let bounds = statistics.columns.get(&table.time_column)?;
        let (Bound::Time(first), Bound::Time(last)) = (bounds.min.clone()?, bounds.max.clone()?) else { return None };
        let day = layout::day_in(&file.path)?;
        Some(Self { path: file.path.clone(), day, size: file.size, rows: statistics.rows, first, last })
    }

    /// The same as a file that leaves the table.
    pub(crate) fn removed(&self, now_milliseconds: i64) -> RemovedFile {
        RemovedFile {
            path: self.path.clone(),
            day: self.day.to_string(),
            size: self.size,
            rows: self.rows,
            removed: now_milliseconds,
        }
    }
}
