//! What can go wrong with a workspace.

use std::io;
use std::path::{Path, PathBuf};

use datafusion::error::DataFusionError;
use deltalake_core::DeltaTableError;
use parquet::errors::ParquetError;

use crate::RetentionError;

/// Why a workspace could not be opened, written or read.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The file system refused.
    #[error("could not {action} `{}`", path.display())]
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The folder holds no `workspace.json`.
    #[error("`{}` is not a workspace", path.display())]
    NotAWorkspace {
        /// The folder.
        path: PathBuf,
    },
    /// The folder to create a workspace in holds something already.
    #[error("`{}` is not an empty folder", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The workspace was written by a newer version of this program.
    #[error("workspace `{}` has format {found}, this version reads up to {supported}", path.display())]
    NewerFormat {
        /// The workspace.
        path: PathBuf,
        /// Its format version.
        found: u32,
        /// The newest format version known here.
        supported: u32,
    },
    /// Another process, or another append of this one, writes to the workspace.
    #[error("workspace `{}` is being written by {}", path.display(), holder(*pid))]
    Locked {
        /// The workspace.
        path: PathBuf,
        /// The process that holds the lock, where it left its id.
        pid: Option<u32>,
    },
    /// A file of the workspace's own is not what this program writes.
    #[error("`{}` is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: serde_json::Error,
    },
    /// The Delta log of a table could not be read or written.
    #[error("could not {action} the log of table `{table}` in `{}`", path.display())]
    Log {
        /// What was tried.
        action: &'static str,
        /// The table.
        table: String,
        /// The table's folder.
        path: PathBuf,
        /// The cause.
        source: Box<DeltaTableError>,
    },
    /// A data file could not be written.
    #[error("could not write `{}`", path.display())]
    DataFile {
        /// The Parquet file.
        path: PathBuf,
        /// The cause.
        source: Box<ParquetError>,
    },
    /// Rows given for a table do not have its columns.
    #[error("rows for table `{table}` do not have its columns: {difference}")]
    WrongColumns {
        /// The table.
        table: String,
        /// The first difference.
        difference: String,
    },
    /// A batch is larger than can be written at once.
    #[error("a batch of {bytes} bytes for table `{table}` is larger than the limit of {limit}")]
    BatchTooLarge {
        /// The table.
        table: String,
        /// The batch's size in memory.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Rows could not be sorted or gathered.
    #[error("could not arrange the rows of table `{table}`")]
    Rows {
        /// The table.
        table: String,
        /// The cause.
        source: Box<arrow::error::ArrowError>,
    },
    /// Stored rows could not be read.
    #[error("could not read table `{table}`")]
    Scan {
        /// The table.
        table: String,
        /// The cause.
        source: Box<DataFusionError>,
    },
    /// A time bucket has no length.
    #[error("a time bucket of {microseconds} µs has no length")]
    EmptyBucket {
        /// The length asked for.
        microseconds: i64,
    },
    /// Merged files do not have the rows of those that they were to replace. Nothing was changed.
    #[error("merging files of table `{table}` gave {found} rows instead of {expected}")]
    RowsLost {
        /// The table.
        table: String,
        /// Rows of the files before.
        expected: u64,
        /// Rows of the files after.
        found: u64,
    },
    /// A file does not have the size that its log says.
    #[error("`{}` has {found} bytes instead of {expected}", path.display())]
    WrongSize {
        /// The file.
        path: PathBuf,
        /// Bytes that it should have.
        expected: u64,
        /// Bytes that it has.
        found: u64,
    },
    /// A backup would lie in what it is a backup of.
    #[error("`{}` is within the workspace", path.display())]
    WithinWorkspace {
        /// The folder.
        path: PathBuf,
    },
    /// A retention cannot be had.
    #[error("the retention is not possible")]
    Retention {
        /// The cause.
        source: RetentionError,
    },
    /// The log holds acknowledged rows that cannot be read.
    #[error("`{}` cannot be replayed from byte {offset} on: {problem}", path.display())]
    DamagedLog {
        /// The file.
        path: PathBuf,
        /// Where it is damaged.
        offset: u64,
        /// What is wrong there.
        problem: String,
    },
    /// The log of a workspace that another process writes holds more rows than can be read beside it.
    #[error("`{}` holds more than {limit} bytes of rows that are not yet in tables", path.display())]
    LogTooLong {
        /// The log's folder.
        path: PathBuf,
        /// The limit, in bytes of rows in memory.
        limit: u64,
    },
    /// A custom table cannot be made.
    #[error("table `{table}` cannot be made: {problem}")]
    CustomTable {
        /// The table.
        table: String,
        /// What is in its way.
        problem: String,
    },
    /// The workspace was live and is no longer.
    #[error("workspace `{}` takes no more rows: it was closed", path.display())]
    NotLive {
        /// The workspace.
        path: PathBuf,
    },
    /// A thread of this process ended before its work did.
    #[error("the work on `{}` was interrupted", path.display())]
    Interrupted {
        /// The workspace.
        path: PathBuf,
    },
}

impl StorageError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotAWorkspace { .. } => Some("name the folder of a workspace, or make one by ingesting into it"),
            Self::NotEmpty { .. } => Some("name a new or an empty folder"),
            Self::NewerFormat { .. } => Some("use the version that wrote it, or a newer one"),
            Self::Locked { .. } => Some("wait until it ends; reading needs no lock"),
            Self::Damaged { .. } => Some("restore the workspace from a backup, or ingest again into a new one"),
            Self::WrongSize { .. } => {
                Some("restore the workspace from a backup; `vedette doctor` lists what is damaged")
            }
            Self::WithinWorkspace { .. } => Some("name a folder elsewhere, best on another disk"),
            Self::Retention { source } => source.hint(),
            Self::DamagedLog { .. } => Some(
                "run `vedette repair --workspace W`: what can be read goes to the tables, the damaged file is moved aside",
            ),
            Self::LogTooLong { .. } => Some("ask the service, or start it: it moves the rows to tables"),
            _ => None,
        }
    }

    pub(crate) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { action, path, source }
    }

    pub(crate) fn scan(table: &str) -> impl FnOnce(DataFusionError) -> Self {
        let table = table.to_owned();
        move |source| Self::Scan { table, source: Box::new(source) }
    }
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}
