//! One atomic ingest over several tables.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use deltalake_core::kernel::Add;
use schema::Table;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::buffers::{Buffers, RowRef, SortedRows, TableBuffer};
use crate::crash_point::{CrashAt, CrashPoint};
use crate::data_file::{self, Partition};
use crate::journal::{ChangeKind, JournalEntry, TableChange};
use crate::versions::Versions;
use crate::workspace::Inner;
use crate::writer_lock::WriterLock;
use crate::{StorageError, disk, durable, layout, recovery, terms};

/// Size of the rows that wait for their files, in bytes. Beyond it the largest table is written early. Some 175,000 sign-ins, more than a row
/// group: opening a file of a wide table takes a query about a millisecond, so that files of fewer rows cost more than reading them.
const BUFFER_LIMIT: usize = 512 * 1024 * 1024;

/// In-memory size of one batch, in bytes. With `BUFFER_LIMIT` this keeps every text column under 2 GiB.
const BATCH_LIMIT: usize = 1024 * 1024 * 1024;

/// What an ingest was, for the history of its tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitInfo {
    /// What wrote the rows, such as `ingest` or `investigate`.
    pub command: String,
    /// Anything else worth keeping with it.
    pub details: Map<String, Value>,
}

/// What a commit added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommitSummary {
    /// The number of this ingest, counted from 1.
    pub sequence: u64,
    /// By table name; only tables that got rows.
    pub tables: BTreeMap<String, TableSummary>,
}

/// What a commit added to one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableSummary {
    /// Rows.
    pub rows: u64,
    /// Size of the data files.
    pub bytes: u64,
    /// Number of data files.
    pub files: u64,
}

/// One atomic ingest over several tables: its rows are visible all at once, after the commit, or never.
///
/// Holds the workspace's writer lock. Dropping it without a commit leaves nothing behind.
#[derive(Debug)]
pub struct Append {
    workspace: Arc<Inner>,
    /// `None` where who asks holds it.
    _lock: Option<WriterLock>,
    sequence: u64,
    /// Of a flush: the place in the write-ahead log through which these are the rows.
    log_position: Option<u64>,
    /// The tables as they were when the ingest began.
    before: Versions,
    buffers: Mutex<Buffers>,
    /// Held while buffers are written early, so that at most one table is in memory twice.
    spill: Mutex<()>,
    written: Mutex<BTreeMap<&'static str, Written>>,
    /// Set once the ingest is decided: from then on its files are not ours to remove.
    decided: bool,
    crash_at: CrashAt,
}

/// The files of one table so far.
#[derive(Debug)]
struct Written {
    table: &'static Table,
    arrow_schema: SchemaRef,
    adds: Vec<Add>,
    rows: u64,
    first: i64,
    last: i64,
}

impl Append {
    pub(crate) fn new(workspace: Arc<Inner>, lock: Option<WriterLock>, before: Versions) -> Self {
        Self {
            workspace,
            _lock: lock,
            sequence: before.sequence + 1,
            log_position: None,
            before,
            buffers: Mutex::default(),
            spill: Mutex::default(),
            written: Mutex::default(),
            decided: false,
            crash_at: CrashAt::default(),
        }
    }

    /// Moves rows of the write-ahead log through that place into files.
    pub(crate) fn of_log(workspace: Arc<Inner>, before: Versions, log_position: u64, crash_at: CrashAt) -> Self {
        let mut append = Self::new(workspace, None, before);
        append.log_position = Some(log_position);
        append.crash_at = crash_at;
        append
    }

    #[cfg(test)]
    pub(crate) fn crash_at(&mut self, point: CrashPoint) {
        self.crash_at = CrashAt(Some(point));
    }

    /// Adds rows, which must have exactly the columns of [`Table::arrow_schema`]. May be called from many threads; one that
    /// finds the buffers full writes the largest table's rows to files before it returns.
    pub fn write(&self, table: &'static Table, batch: RecordBatch) -> Result<(), StorageError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.check(table, &batch)?;
        let bytes = lock(&self.buffers).add(table, batch);
        if bytes > BUFFER_LIMIT { self.spill() } else { Ok(()) }
    }

    fn check(&self, table: &'static Table, batch: &RecordBatch) -> Result<(), StorageError> {
        let known = lock(&self.written).get(table.name.as_str()).map(|written| Arc::clone(&written.arrow_schema));
        let expected = match known {
            Some(known) => known,
            None => self.expect(table)?,
        };
        check_rows(table, &expected, batch)
    }

    /// The columns of this ingest's rows of a table met for the first time. A custom table keeps the columns that it has.
    fn expect(&self, table: &'static Table) -> Result<SchemaRef, StorageError> {
        if let Some(before) = self.before.custom_table(&table.name)
            && let Some(kept) = before.columns.iter().find(|kept| table.column(&kept.name) != Some(kept))
        {
            let difference = format!("no `{}` of the type that the table has", kept.name);
            return Err(StorageError::WrongColumns { table: table.name.clone(), difference });
        }
        let arrow_schema = table.arrow_schema();
        lock(&self.written).entry(table.name.as_str()).or_insert_with(|| Written::new(table, arrow_schema.clone()));
        Ok(arrow_schema)
    }

    fn spill(&self) -> Result<(), StorageError> {
        let _one_at_a_time = lock(&self.spill);
        while lock(&self.buffers).bytes() > BUFFER_LIMIT {
            let Some(buffer) = lock(&self.buffers).take_largest() else { break };
            self.write_buffer(&buffer)?;
        }
        Ok(())
    }

    /// Writes one table's rows, a file a day, and forgets them.
    fn write_buffer(&self, buffer: &TableBuffer) -> Result<(), StorageError> {
        let sorted = buffer.sorted();
        let Some((first, last)) = sorted.span() else { return Ok(()) };
        let adds = self.write_days(buffer, &sorted)?;
        let mut written = lock(&self.written);
        let table = written
            .entry(buffer.table.name.as_str())
            .or_insert_with(|| Written::new(buffer.table, buffer.table.arrow_schema()));
        table.adds.extend(adds);
        table.rows += buffer.rows() as u64;
        table.first = table.first.min(first);
        table.last = table.last.max(last);
        Ok(())
    }

    /// Days are independent, so the threads of the machine share them; each writes one file at a time.
    fn write_days(&self, buffer: &TableBuffer, sorted: &SortedRows) -> Result<Vec<Add>, StorageError> {
        let days: Vec<(i64, &[RowRef])> = sorted.days().collect();
        let folder = layout::table_folder(&self.workspace.path, &buffer.table.name);
        let terms_folder = folder.join(terms::FOLDER);
        durable::create_folder(&terms_folder).map_err(StorageError::io("create", &terms_folder))?;
        let row_bytes = buffer.bytes / buffer.rows().max(1);
        let next = AtomicUsize::new(0);
        let write_some = || -> Result<Vec<Add>, StorageError> {
            let mut adds = Vec::new();
            while let Some(&(day, rows)) = days.get(next.fetch_add(1, Ordering::Relaxed)) {
                let partition = Partition { table: buffer.table, batches: &buffer.batches, row_bytes, day, rows };
                adds.push(data_file::write(&partition, &folder, self.sequence)?);
            }
            Ok(adds)
        };
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(days.len());
        let interrupted = || StorageError::Interrupted { path: self.workspace.path.clone() };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(write_some)).collect();
            let mut adds = Vec::with_capacity(days.len());
            for worker in workers {
                adds.extend(worker.join().map_err(|_| interrupted())??);
            }
            Ok(adds)
        })
    }

    /// Makes the rows durable and visible. An error after the ingest was decided (disk full, say) does not undo it: opening the
    /// workspace again completes it.
    pub async fn commit(self, info: CommitInfo) -> Result<CommitSummary, StorageError> {
        let workspace = Arc::clone(&self.workspace);
        let _commit = workspace.commit_lock.lock().await;
        self.commit_locked(info).await
    }

    /// The same for those who hold the commit lock.
    pub(crate) async fn commit_locked(mut self, info: CommitInfo) -> Result<CommitSummary, StorageError> {
        let path = self.workspace.path.clone();
        let interrupted = move |_| StorageError::Interrupted { path: path.clone() };
        let (append, entry) = tokio::task::spawn_blocking(move || {
            let entry = self.write_files(info);
            (self, entry)
        })
        .await
        .map_err(interrupted)?;
        self = append;
        let entry = entry?;
        if entry.tables.is_empty() {
            return Ok(CommitSummary { sequence: self.sequence - 1, tables: BTreeMap::new() });
        }
        self.crash_at.reached(CrashPoint::FilesWritten).inspect_err(|_| self.decided = true)?;
        self.decided = true;
        entry.write(&self.workspace.journal())?;
        self.crash_at.reached(CrashPoint::Journaled)?;
        recovery::complete(&self.workspace, &entry, self.crash_at).await?;
        Ok(summary(&entry))
    }

    fn write_files(&self, info: CommitInfo) -> Result<JournalEntry, StorageError> {
        let buffers = lock(&self.buffers).take_all();
        for buffer in buffers {
            self.write_buffer(&buffer)?;
        }
        let mut tables = Vec::new();
        for written in std::mem::take(&mut *lock(&self.written)).into_values().filter(|written| written.rows > 0) {
            self.sync_folders(&written)?;
            tables.push(written.into_change(&self.workspace)?);
        }
        let (sequence, log_position) = (self.sequence, self.log_position);
        Ok(JournalEntry { sequence, kind: ChangeKind::Ingest, info, log_position, tables })
    }

    /// Once a folder, not once a file.
    fn sync_folders(&self, written: &Written) -> Result<(), StorageError> {
        let table_folder = layout::table_folder(&self.workspace.path, &written.table.name);
        let paths = written.adds.iter().map(|add| table_folder.join(&add.path));
        let mut folders: Vec<PathBuf> = paths.filter_map(|path| path.parent().map(ToOwned::to_owned)).collect();
        folders.push(table_folder.join(terms::FOLDER));
        folders.sort();
        folders.dedup();
        folders.iter().try_for_each(|folder| durable::sync_folder(folder).map_err(StorageError::io("write", folder)))
    }

    /// Gives up: none of the rows will be in the workspace.
    pub async fn abort(self) {
        drop(self);
    }
}

impl Drop for Append {
    fn drop(&mut self) {
        if self.decided {
            return;
        }
        for written in lock(&self.written).values() {
            let folder = layout::table_folder(&self.workspace.path, &written.table.name);
            for add in &written.adds {
                // Best effort: the next writer removes what is left.
                for path in [folder.join(&add.path), terms::path_of(&folder, &add.path)] {
                    let _ = disk::of(&path).remove(&path);
                }
            }
        }
    }
}

impl Written {
    fn new(table: &'static Table, arrow_schema: SchemaRef) -> Self {
        Self { table, arrow_schema, adds: Vec::new(), rows: 0, first: i64::MAX, last: i64::MIN }
    }

    fn into_change(self, workspace: &Inner) -> Result<TableChange, StorageError> {
        let columns = layout::delta_columns(self.table).map_err(|source| StorageError::Log {
            action: "describe",
            table: self.table.name.clone(),
            path: layout::table_folder(&workspace.path, &self.table.name),
            source: Box::new(source),
        })?;
        Ok(TableChange {
            table: self.table.name.clone(),
            columns,
            custom_columns: self.table.custom_columns(),
            statistics_columns: layout::statistics_columns_property(self.table),
            adds: self.adds,
            rows: self.rows,
            first: self.first,
            last: self.last,
            removes: Vec::new(),
            span_after: None,
            archive: None,
        })
    }
}

fn summary(entry: &JournalEntry) -> CommitSummary {
    let tables = entry.tables.iter().map(|change| {
        let summary = TableSummary { rows: change.rows, bytes: change.bytes(), files: change.adds.len() as u64 };
        (change.table.clone(), summary)
    });
    CommitSummary { sequence: entry.sequence, tables: tables.collect() }
}

/// Whether a batch has the columns of its table, and is not too large.
pub(crate) fn check_batch(table: &Table, batch: &RecordBatch) -> Result<(), StorageError> {
    check_rows(table, &table.arrow_schema(), batch)
}

fn check_rows(table: &Table, expected: &SchemaRef, batch: &RecordBatch) -> Result<(), StorageError> {
    if let Some(difference) = difference(expected, batch) {
        return Err(StorageError::WrongColumns { table: table.name.clone(), difference });
    }
    let bytes = batch.get_array_memory_size();
    if bytes > BATCH_LIMIT {
        return Err(StorageError::BatchTooLarge { table: table.name.clone(), bytes, limit: BATCH_LIMIT });
    }
    Ok(())
}

/// The first difference between the columns that a table has and those of a batch.
fn difference(expected: &SchemaRef, batch: &RecordBatch) -> Option<String> {
    let actual = batch.schema();
    let (wanted, given) = (expected.fields().len(), actual.fields().len());
    if wanted != given {
        return Some(format!("{given} columns instead of {wanted}"));
    }
    let different = |(left, right): &(&Arc<_>, &Arc<_>)| !same_field(left, right);
    let (left, right) = expected.fields().iter().zip(actual.fields()).find(different)?;
    Some(format!("`{}` {} instead of `{}` {}", right.name(), right.data_type(), left.name(), left.data_type()))
}

fn same_field(left: &arrow::datatypes::Field, right: &arrow::datatypes::Field) -> bool {
    left.name() == right.name() && left.data_type() == right.data_type() && left.is_nullable() == right.is_nullable()
}

/// A lock whose holder panicked guards plain data: the ingest fails by that thread's error, not by a second panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
