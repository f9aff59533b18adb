//! Workspaces: log tables on local disk, as Delta tables.
//!
//! | module | concept |
//! |---|---|
//! | `workspace` | a folder with tables; opening, creating, format versions |
//! | `append` | one atomic ingest over several tables: buffers, files, commit |
//! | `journal`, `versions` | what makes it atomic: the decided ingest, and which table versions are visible |
//! | `data_file`, `file_writer`, `layout` | one Parquet file of one day; the columns a table has on disk |
//! | `maintenance` | compaction, retention and vacuum, by the one owner of the writer lock |
//! | `backup` | copies of a workspace at one moment, and workspaces made from them |
//! | `examination` | what is wrong with a workspace and what to do |
//! | `space` | free disk space, looked at before rows are taken in |
//! | `open_snapshots` | which versions of the tables readers of this process still need |
//! | `leaf_column`, `shredding` | scalars at hot paths of documents as columns; what of a file's documents becomes one |
//! | `document_function`, `document_read`, `leaf_value` | which expressions read a hot path, and what they give from a leaf column |
//! | `delta_log`, `fsync_store` | the Delta logs, through `deltalake`, written durably |
//! | `replayed_log` | the files of a version, without `deltalake` where the log is as we leave it |
//! | `terms` | which words a row group can have, so that a search reads only those that do |
//! | `data_file_reader`, `narrow_footer` | how a scan reads files: footers once a process, each with the columns that the scan wants |
//! | `snapshot`, `log_table` | a consistent view over all tables; a table as DataFusion sees it |
//! | `live` | a workspace that takes rows while it is read: acknowledged rows are durable and visible at once |
//! | `wal` | the write-ahead log: rows that are acknowledged and not yet in Delta |
//! | `disk`, `durable` | what is written to disk, and how it outlives a power loss |
//!
//! Knows nothing of KQL, rules or log formats. `deltalake` is used here only, and only for the log.

mod append;
mod archive;
mod asked_predicates;
mod backup;
mod buffers;
mod checkpoint;
mod crash_point;
#[cfg(test)]
mod crash_tests;
mod data_file;
mod data_file_reader;
mod delta_log;
mod disk;
mod document_function;
mod document_read;
mod durable;
mod error;
mod even_scans;
mod examination;
mod expr_adapter;
mod file_groups;
mod file_pruning;
mod file_statistics;
mod file_writer;
mod fsync_store;
mod journal;
mod keyed;
mod layout;
mod leaf_column;
mod leaf_value;
mod live;
mod log_table;
mod maintenance;
mod narrow_footer;
mod open_snapshots;
mod orphans;
mod packed;
mod parquet_options;
mod part_reads;
mod plain_columns;
mod proven_conditions;
mod read_ahead;
mod read_log;
mod recovery;
mod replayed_log;
mod scan_columns;
mod scan_filters;
mod scan_rules;
mod set_aside;
mod shredding;
mod snapshot;
mod space;
mod table_files;
mod terms;
mod time_buckets;
mod versions;
mod wal;
mod workspace;
mod writer_lock;

pub use append::{Append, CommitInfo, CommitSummary, TableSummary};
pub use backup::{Backup, BackupSummary, RestoreError, Restored, restore};
pub use document_function::{DocumentFunction, DocumentFunctions};
pub use error::StorageError;
pub use examination::{Finding, FindingSeverity, examine, examine_tables};
pub use keyed::giving_keys;
pub use leaf_column::path_of;
pub use live::{AppendError, Appended, BatchId, Clock, FlushSummary, LiveOptions, LiveStatus, LiveWorkspace};
pub use log_table::VedetteTable;
pub use maintenance::{
    ArchivedRows, Compacted, CompactionOptions, Maintenance, Retention, RetentionError, RetentionOptions, Retired,
    RetiredRows, Stop, VacuumOptions, Vacuumed,
};
pub use scan_rules::{scan_functions, scan_rules};
pub use set_aside::SetAside;
pub use snapshot::{Snapshot, TableStatistics};
pub use space::{DiskFull, DiskSpace, FileSystem, ProbeSpace, SpaceGuard};
pub use terms::{FilterPart, ReadTextTest, SoughtText, TextTest};
pub use time_buckets::Buckets;
pub use wal::LogDamage;
pub use workspace::{FORMAT_VERSION, Workspace};
