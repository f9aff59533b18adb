//! Rows whose text has a partner: semi joins by one text.
//!
//! DataFusion's hash join hashes the text of each row and writes down pairs of rows before it knows that one is enough, and a filter below it
//! first puts batches together and copies their texts. Here a text that rows share is looked for once and found again by where it lies, the rows
//! of a batch are kept or not where they are, and so they come to whoever groups them by the same text.
//!
//! | where | what |
//! |---|---|
//! | `rule.rs` | places the operator in plans |
//! | `exec.rs` | the operator |

mod exec;
mod rule;
#[cfg(test)]
mod tests;

pub(crate) use exec::TextPartnersExec;
pub(crate) use rule::TextPartners;
