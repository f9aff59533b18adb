//! Groups of rows by text in one table that all partitions share.
//!
//! DataFusion groups the rows of each partition, spreads the groups by their keys and groups them again: a group is looked up, its state
//! written and read at least twice, all the more where there are about as many groups as rows. With few threads, which mostly decode what they
//! read, one table for all costs less: each batch is put into it at once. Where a filter leaves most rows, as only its first batches tell, threads
//! would wait for the table, and the two steps cost less again.
//!
//! Where a scan can give texts as keys into a dictionary ([`GivingKeys`]), it is asked to when the groups are made: a text of a dictionary is then
//! looked up once, and rows are copied as keys.
//!
//! All rows of a scan by a time and texts (`count() by bin(TimeGenerated, 1h), ResultType`) make few groups of many rows: each partition then has a table of
//! its own, and they are merged at the end. Times come in runs, texts as keys, and pairs of small numbers have a place each, so that the whole
//! query takes three quarters of the processor time that it takes with DataFusion's tables (2 million sign-ins).
//!
//! A key that a storage keeps as numbers, from which the plan writes its text ([`TEXT_OF_NUMBER`]), is found by the number, and the texts of groups
//! alone are written.

#[cfg(test)]
mod apart_tests;
mod exec;
mod keyed_scans;
mod keys;
mod rule;
mod side_by_side;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod text_of_number;
mod two_steps;
#[cfg(test)]
pub(crate) mod written;

pub(crate) use exec::SharedGroupsExec;
pub use keyed_scans::GivingKeys;
pub(crate) use keyed_scans::KeyedScans;
pub(crate) use rule::{SharedGroups, may_share_groups};
pub(crate) use source::Source;
pub use text_of_number::TEXT_OF_NUMBER;
pub(crate) use text_of_number::TextOfNumber;
