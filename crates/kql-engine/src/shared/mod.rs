//! Rows that several replays read: scanned, decoded and filtered once, and kept while windows may look at them.

mod emptiness;
mod held_rows;
mod selection;
mod shown_catalog;
mod sieve;
mod tables;
mod window_scan;
mod window_table;

pub(crate) use emptiness::{Leaf, gives_nothing};
pub(crate) use held_rows::Piece;
pub(crate) use shown_catalog::ShownCatalog;
pub use tables::SharedTables;
pub(crate) use window_scan::{WindowRows, selections_of};
pub(crate) use window_table::with_window_tables;
