//! Joins of rows that agree on keys and whose times lie within a window of each other: failures and the success that follows
//! them within ten minutes.
//!
//! DataFusion pairs all rows of a key and then filters the pairs. Here the rows of a key are sorted by time, so that only those
//! within the window are paired (`window` finds it in the filter of a join, `rule` places the operator).

mod difference;
mod exec;
mod gathered;
mod index;
mod keys;
mod rule;
mod stream;
#[cfg(test)]
mod tests;
mod texts_apart;
#[cfg(test)]
mod texts_apart_tests;
mod window;

pub(crate) use exec::TimeWindowJoinExec;
pub(crate) use rule::TimeWindowJoins;
pub(crate) use texts_apart::TextsApart;
