//! What is computed of one column of texts alone is computed once for each text and not once for each row, over all batches: rows decoded
//! from a Parquet dictionary share their texts. `rule` finds such expressions, `expr` remembers what they gave.

mod expr;
mod rule;
#[cfg(test)]
mod tests;

pub(crate) use expr::PerText;
pub(crate) use rule::TextMemos;
