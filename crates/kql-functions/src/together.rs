//! Rows that are looked up together.
//!
//! A look into a large table waits for memory, more than once in a row: for its slot, for the entry, for the text of the entry. Each of these is
//! first read for a number of rows, one row not waiting for another, so that the processor asks memory for many at a time.

use std::ops::Range;

/// As many as the processor can wait for at a time, and some more.
pub(crate) const TOGETHER: usize = 64;

/// Ranges of at most [`TOGETHER`] rows, that cover all of so many.
pub(crate) fn together(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows).step_by(TOGETHER).map(move |from| from..rows.min(from + TOGETHER))
}
