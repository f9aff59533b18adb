//! Questions to the dynamics that `hll` and `tdigest` give.

mod digest;
mod distinct;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![
        &digest::PERCENTILE_TDIGEST,
        &digest::PERCENTILES_ARRAY_TDIGEST,
        &digest::PERCENTRANK_TDIGEST,
        &digest::RANK_TDIGEST,
        &digest::TDIGEST_MERGE,
        &distinct::DCOUNT_HLL,
        &distinct::HLL_MERGE,
    ]
}
