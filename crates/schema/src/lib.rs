//! The built-in tables as data: names, columns, types, hot dynamic paths.
//!
//! Table and column names are Microsoft's (see `data/README.md` for sources). Knows nothing of ours.

mod arrow;
mod column;
mod embedded;
mod table;
mod tables;

pub use arrow::stored_arrow_type;
pub use column::{Column, ColumnType};
pub use table::{HotPath, Table};
pub use tables::{table, tables};
