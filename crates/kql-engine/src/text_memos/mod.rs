//! What is computed of one column of texts alone is computed once for each text and not once for each row, over all batches: rows decoded
//! from a Parquet dictionary share their texts. `rule` finds such expressions, `expr` computes them, `memo` is what they
//! gave, `shared_memos` those of many plans over the same rows.

mod expr;
mod memo;
mod rule;
mod shared_memos;
#[cfg(test)]
mod tests;

pub(crate) use expr::PerText;
pub(crate) use rule::TextMemos;
pub(crate) use shared_memos::{SharedMemos, SharedMemosOption};
