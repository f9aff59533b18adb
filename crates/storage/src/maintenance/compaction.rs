//! Merges small files of a table into larger ones. The rows stay as they are: no query answers differently.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use deltalake_core::kernel::Add;
use schema::Table;
use serde_json::json;

use super::Maintenance;
use super::compaction_plan::{self, CompactionOptions, Merge};
use super::merge::{self, Merged, TimedInput};
use super::merge_form::{is_understood, merged_schema};
use super::merge_input::InputHeader;
use super::stored_file::StoredFile;
use crate::delta_log::LoggedFile;
use crate::file_writer::{FileWriter, discard};
use crate::journal::ChangeKind;
use crate::parquet_options::ROW_GROUP_ROWS;
use crate::versions::Versions;
use crate::{CommitInfo, StorageError, durable, layout, terms};

/// How long after its end a day counts as one that may still get many rows: senders deliver late, and a flush takes its time.
const DAY_STAYS_OPEN: TimeDelta = TimeDelta::hours(2);

/// Tells a job to end soon. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

/// What a compaction did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Merges that were committed.
    pub merges: u64,
    /// Files that left the tables.
    pub files_before: u64,
    /// Files that came in their place.
    pub files_after: u64,
    /// Rows of these files.
    pub rows: u64,
    /// Size of the files that left, in bytes.
    pub bytes_before: u64,
    /// Size of the files that came, in bytes.
    pub bytes_after: u64,
    /// Merges that were not made as a file could not be read: the table, and why.
    pub failed: Vec<(String, String)>,
    /// Whether there is more to do: a limit was reached, or the job was told to stop.
    pub is_partial: bool,
}

/// What holds for all merges of a run.
#[derive(Clone, Copy)]
struct Run<'a> {
    options: &'a CompactionOptions,
    now: DateTime<Utc>,
    stop: &'a Stop,
}

/// Files that are written and not yet committed.
pub(super) struct WrittenMerge {
    inputs: Vec<StoredFile>,
    pub(super) adds: Vec<Add>,
    rows: u64,
}

impl Stop {
    /// Tells it.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was told.
    pub fn is_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many files of a table a compaction would merge now.
pub(crate) fn small_files(
    table: &Table,
    files: &[LoggedFile],
    now: DateTime<Utc>,
    options: &CompactionOptions,
) -> usize {
    let files: Vec<StoredFile> = files.iter().filter_map(|file| StoredFile::of(table, file)).collect();
    let merges = compaction_plan::plan(&files, open_from(now), options);
    merges.iter().map(|merge| merge.files.len()).sum()
}

/// The first day that may still get many rows.
fn open_from(now: DateTime<Utc>) -> NaiveDate {
    (now - DAY_STAYS_OPEN).date_naive()
}

impl Maintenance {
    /// Merges small files of all tables, a commit for each merge. What was committed before an error or a stop stays.
    pub async fn compact(
        &self,
        options: &CompactionOptions,
        now: DateTime<Utc>,
        stop: &Stop,
    ) -> Result<Compacted, StorageError> {
        let _one_job = self.workspace.maintenance_lock.lock().await;
        let mut done = Compacted::default();
        let versions = self.versions()?;
        for name in versions.tables.keys() {
            let Some(table) = self.table(name, &versions) else { continue };
            let files = self.files(table, &versions).await?;
            for merge in compaction_plan::plan(&files, open_from(now), options) {
                if stop.is_told() || done.merges >= options.most_merges as u64 {
                    done.is_partial = true;
                    return Ok(done);
                }
                self.merge(table, merge, Run { options, now, stop }, &mut done).await?;
            }
        }
        Ok(done)
    }

    async fn merge(
        &self,
        table: &'static Table,
        merge: Merge,
        run: Run<'_>,
        done: &mut Compacted,
    ) -> Result<(), StorageError> {
        let folder = layout::table_folder(&self.workspace.path, &table.name);
        let sequence = self.versions()?.sequence + 1;
        let largest = run.options.target_bytes.saturating_mul(2);
        let stop = run.stop.clone();
        let work = tokio::task::spawn_blocking({
            let folder = folder.clone();
            move || write(table, &folder, merge, sequence, largest, &stop)
        });
        let interrupted = |_| StorageError::Interrupted { path: folder.clone() };
        let written = match work.await.map_err(interrupted)? {
            Ok(Some(written)) => written,
            Ok(None) => return Ok(()),
            // One damaged file does not keep the others small.
            Err(error @ StorageError::Rows { .. }) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                done.failed.push((table.name.clone(), format!("{error}: {cause}")));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.commit_merge(table, &written, run.now, done).await
    }

    pub(super) async fn commit_merge(
        &self,
        table: &'static Table,
        written: &WrittenMerge,
        now: DateTime<Utc>,
        done: &mut Compacted,
    ) -> Result<(), StorageError> {
        let details = json!({"files": written.inputs.len(), "rows": written.rows});
        let info =
            CommitInfo { command: "compaction".to_owned(), details: details.as_object().cloned().unwrap_or_default() };
        let decide = async |versions: &Versions| {
            let present: HashSet<String> =
                self.files(table, versions).await?.into_iter().map(|file| file.path).collect();
            if !written.inputs.iter().all(|file| present.contains(&file.path)) {
                return Ok(None);
            }
            let mut change = self.change(table, versions)?;
            change.adds.clone_from(&written.adds);
            change.rows = written.rows;
            change.first = written.inputs.iter().map(|file| file.first).min().unwrap_or(i64::MAX);
            change.last = written.inputs.iter().map(|file| file.last).max().unwrap_or(i64::MIN);
            change.removes = written.inputs.iter().map(|file| file.removed(now.timestamp_millis())).collect();
            Ok(Some(change))
        };
        if self.commit(ChangeKind::Compaction, info, decide).await?.is_none() {
            // Somebody else replaced the inputs, so that these rows are there already.
            let folder = layout::table_folder(&self.workspace.path, &table.name);
            written.adds.iter().for_each(|add| discard(&folder, &add.path));
            return Ok(());
        }
        done.merges += 1;
        done.files_before += written.inputs.len() as u64;
        done.files_after += written.adds.len() as u64;
        done.rows += written.rows;
        done.bytes_before += written.inputs.iter().map(|file| file.size).sum::<u64>();
        done.bytes_after += written.adds.iter().map(|add| u64::try_from(add.size).unwrap_or(0)).sum::<u64>();
        Ok(())
    }
}

/// Writes the merged files; `None` where nothing is left to merge or the job was told to stop.
pub(super) fn write(
    table: &Table,
    folder: &Path,
    merge: Merge,
    sequence: u64,
    largest: u64,
    stop: &Stop,
) -> Result<Option<WrittenMerge>, StorageError> {
    let day = merge.day.to_string();
    let (files, inputs) = opened(table, folder, merge)?;
    if inputs.len() < 2 {
        return Ok(None);
    }
    let expected: u64 = inputs.iter().map(|input| input.header.rows).sum();
    let schemas: Vec<SchemaRef> = inputs.iter().map(|input| Arc::clone(&input.header.schema)).collect();
    let form = merged_schema(table, &schemas);
    let mut output = Output { table, folder, day: &day, sequence, largest, names: Vec::new(), rows: 0 };
    let adds = match output.write(Merged::new(table, form, inputs), stop) {
        Ok(Some(adds)) => adds,
        other => {
            output.names.iter().for_each(|name| discard(folder, name));
            return other.map(|_| None);
        }
    };
    if output.rows != expected {
        output.names.iter().for_each(|name| discard(folder, name));
        return Err(StorageError::RowsLost { table: table.name.clone(), expected, found: output.rows });
    }
    for synced in [folder.join(format!("{}={day}", layout::DAY_COLUMN)), folder.join(terms::FOLDER)] {
        durable::sync_folder(&synced).map_err(StorageError::io("write", &synced))?;
    }
    Ok(Some(WrittenMerge { inputs: files, adds, rows: output.rows }))
}

/// The inputs whose columns are understood and that fit into memory together.
fn opened(table: &Table, folder: &Path, merge: Merge) -> Result<(Vec<StoredFile>, Vec<TimedInput>), StorageError> {
    let mut files = Vec::new();
    let mut inputs = Vec::new();
    for file in merge.files {
        let header = InputHeader::read(table, folder.join(&file.path))?;
        if is_understood(table, &header.schema) && header.rows == file.rows {
            inputs.push(TimedInput { first: file.first, last: file.last, header });
            files.push(file);
        }
    }
    let sizes: Vec<_> = inputs.iter().map(|input| (input.first, input.last, input.header.open_bytes)).collect();
    let fitting = merge::fitting(&sizes, merge::OPEN_BYTES);
    files.truncate(fitting);
    inputs.truncate(fitting);
    Ok((files, inputs))
}

/// The files that a merge writes.
struct Output<'a> {
    table: &'a Table,
    folder: &'a Path,
    day: &'a str,
    sequence: u64,
    /// A file ends when it has this size, in bytes.
    largest: u64,
    /// Of all files begun.
    names: Vec<String>,
    rows: u64,
}

impl Output<'_> {
    fn write(&mut self, mut merged: Merged<'_>, stop: &Stop) -> Result<Option<Vec<Add>>, StorageError> {
        let terms_folder = self.folder.join(terms::FOLDER);
        durable::create_folder(&terms_folder).map_err(StorageError::io("create", &terms_folder))?;
        let mut adds = Vec::new();
        let mut writer: Option<FileWriter> = None;
        while let Some(rows) = merged.next()? {
            if stop.is_told() {
                return Ok(None);
            }
            let mut current = match writer.take() {
                Some(writer) => writer,
                None => self.begin(&rows)?,
            };
            current.write(&rows)?;
            self.rows += rows.num_rows() as u64;
            if current.size() >= self.largest {
                adds.push(replacing(current.finish()?));
            } else {
                writer = Some(current);
            }
        }
        if let Some(writer) = writer {
            adds.push(replacing(writer.finish()?));
        }
        Ok(Some(adds))
    }

    fn begin(&mut self, first: &RecordBatch) -> Result<FileWriter, StorageError> {
        let writer = FileWriter::create(self.table, first, self.folder, self.day, self.sequence, ROW_GROUP_ROWS)?;
        self.names.push(writer.name().to_owned());
        Ok(writer)
    }
}

/// The rows were in the table before.
fn replacing(add: Add) -> Add {
    Add { data_change: false, ..add }
}
