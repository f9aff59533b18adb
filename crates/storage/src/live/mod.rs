//! A workspace that takes rows while it is read.
//!
//! | module | concept |
//! |---|---|
//! | `live_workspace` | appending, reading, closing |
//! | `live_options`, `live_status`, `append_error`, `batch_id` | its limits, numbers, refusals, names of batches |
//! | `admission` | how much may wait, and what happens beyond |
//! | `core`, `writer`, `group` | what its parts share; the thread that writes the log; the requests that share a sync |
//! | `start` | replaying the log |
//! | `flush` | moving rows to Delta |
//! | `live_view`, `fresh_rows`, `run` | what readers see: files and rows that are not yet in files |
//! | `custom_columns` | columns of custom tables that come from several senders at once |
//! | `fresh_scan` | fresh rows as DataFusion scans them |
//!
//! A request is acknowledged when its record is synced and its rows are in the view. A flush takes the rows of some tables through a place in the log,
//! writes them to files and commits these by the journal, with that place; the new versions of tables and the view without those
//! rows are published in one step. Segments of the log go when no row needs them.

mod admission;
mod append_error;
mod batch_id;
mod core;
pub(crate) mod custom_columns;
mod flush;
pub(crate) mod fresh_rows;
pub(crate) mod fresh_scan;
mod group;
mod live_options;
mod live_status;
pub(crate) mod live_view;
mod live_workspace;
pub(crate) mod run;
mod start;
#[cfg(test)]
mod tests;
mod writer;

pub use append_error::AppendError;
pub use batch_id::BatchId;
pub(crate) use core::Core;
pub(crate) use flush::flush;
pub(crate) use fresh_rows::{FreshRows, FreshTable};
pub use live_options::{Clock, LiveOptions};
pub use live_status::{Appended, FlushSummary, LiveStatus};
pub(crate) use live_view::{LiveView, View};
pub use live_workspace::LiveWorkspace;
pub(crate) use start::{start, start_from};
