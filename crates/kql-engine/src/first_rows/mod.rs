//! One row of each key, as `join kind=innerunique` needs it of its left side.
//!
//! DataFusion keeps a value of each column for each key, one accumulator a value. Here the first row of a key is handed on as it
//! comes, and only the keys are kept (`exec`); the plans stay those of an aggregation until the end (`rule`).

mod exec;
mod rule;
#[cfg(test)]
mod tests;

pub(crate) use exec::FirstRowsExec;
pub(crate) use rule::{FirstRows, asks_for_first_rows};
