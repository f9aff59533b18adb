//! House-keeping: compaction, retention and vacuum.
//!
//! | module | concept |
//! |---|---|
//! | `owner` | [`Maintenance`]: the one that may take files out of tables, and how it commits |
//! | `stored_file` | a data file as plans see it |
//! | `compaction_plan` | which files of a table are merged: a pure function |
//! | `merge`, `merge_input`, `merge_form` | files of one day as one stream in order of time; what columns it has |
//! | `compaction` | carries a plan out |
//! | `retention` | which days of a table are past their retention |
//! | `vacuum`, `log_trimming` | files, and entries of logs, that no reader needs any more |

mod compaction;
mod compaction_plan;
#[cfg(test)]
mod compaction_tests;
mod log_trimming;
mod merge;
mod merge_form;
mod merge_input;
mod owner;
mod retention;
mod stored_file;
mod vacuum;

pub(crate) use compaction::small_files;
pub use compaction::{Compacted, Stop};
pub use compaction_plan::CompactionOptions;
pub use owner::Maintenance;
pub(crate) use owner::Writer;
pub use retention::{ArchivedRows, Retention, RetentionError, RetentionOptions, Retired, RetiredRows};
pub(crate) use stored_file::StoredFile;
pub use vacuum::{VacuumOptions, Vacuumed};
