//! Which words a row group's text columns hold, so that a search for a word reads only the row groups that can have it.
//!
//! | module | concept |
//! |---|---|
//! | `split` | the terms of a text: runs of letters and digits, without case |
//! | `filter` | a set of terms that may say yes wrongly, never no |
//! | `collector` | gathers the terms of a file's row groups while it is written |
//! | `sidecar` | the filters of one data file, in a file of their own |
//! | `condition` | what a query's filter asks of texts, and which row groups can pass |

mod collector;
mod condition;
mod filter;
mod sidecar;
mod split;

pub(crate) use collector::TermCollector;
pub use condition::{FilterPart, ReadTextTest, SoughtText, TextTest};
pub(crate) use condition::{TextCondition, access_plan};
pub(crate) use sidecar::{FOLDER, TermFile, path_of, write};

#[cfg(test)]
mod tests;
