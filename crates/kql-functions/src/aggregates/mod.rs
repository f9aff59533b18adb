//! Aggregate functions: one file each, or one per family that shares its state.
//!
//! `arg_max` and `arg_min` return several columns and are not in the list: see [`ArgExtremeState`].

mod arg_extreme;
mod average;
mod bitwise;
mod collect;
mod conditional;
mod count;
mod covariance;
mod definition;
mod distinct;
mod extreme;
mod fold;
mod group_digests;
mod groups;
mod hash;
mod held_rows;
mod item_texts;
mod make_series;
mod percentile;
mod rank;
mod schema;
mod sum;
mod take_any;
mod value_log;
mod variance;

use crate::AggregateFunction;

pub use arg_extreme::ArgExtremeState;
pub use make_series::MAX_VALUES as MAX_SERIES_VALUES;

/// All aggregates.
pub(crate) fn functions() -> Vec<&'static dyn AggregateFunction> {
    vec![
        &average::AVG,
        &average::AVGIF,
        &bitwise::BINARY_ALL_AND,
        &bitwise::BINARY_ALL_OR,
        &bitwise::BINARY_ALL_XOR,
        &collect::MAKE_BAG,
        &collect::MAKE_BAG_IF,
        &collect::MAKE_LIST,
        &collect::MAKE_LIST_IF,
        &collect::MAKE_LIST_WITH_NULLS,
        &collect::MAKE_SET,
        &collect::MAKE_SET_IF,
        &collect::MAKELIST,
        &collect::MAKESET,
        &count::COUNT,
        &count::COUNTIF,
        &covariance::COVARIANCE,
        &covariance::COVARIANCEIF,
        &covariance::COVARIANCEP,
        &covariance::COVARIANCEPIF,
        &distinct::COUNT_DISTINCT,
        &distinct::COUNT_DISTINCTIF,
        &distinct::DCOUNT,
        &distinct::DCOUNTIF,
        &distinct::HLL,
        &distinct::HLL_IF,
        &distinct::HLL_MERGE,
        &extreme::MAX,
        &extreme::MAXIF,
        &extreme::MIN,
        &extreme::MINIF,
        &make_series::AXIS,
        &make_series::VALUES,
        &percentile::PERCENTILE,
        &percentile::PERCENTILES_ARRAY,
        &percentile::PERCENTILESW_ARRAY,
        &percentile::PERCENTILEW,
        &percentile::TDIGEST,
        &percentile::TDIGEST_MERGE,
        &schema::BUILDSCHEMA,
        &sum::SUM,
        &sum::SUMIF,
        &take_any::TAKE_ANY,
        &take_any::TAKE_ANYIF,
        &variance::STDEV,
        &variance::STDEVIF,
        &variance::STDEVP,
        &variance::STDEVPIF,
        &variance::VARIANCE,
        &variance::VARIANCEIF,
        &variance::VARIANCEP,
        &variance::VARIANCEPIF,
    ]
}

#[cfg(test)]
mod tests;
