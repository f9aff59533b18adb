//! Parts that occur more than once in a plan, such as a `let` table with a `summarize` that is used twice, run once: their rows
//! are kept in memory, and the rest of the plan scans those.

mod part_scan;
mod part_table;
mod parted;
mod same;

pub(crate) use part_scan::{PartRows, part_of};
pub(crate) use parted::{Parted, parted};
