//! Summaries of many values in little space, that merge, and that queries can keep as dynamics.

mod digest;
mod distinct_sets;
mod distinct_values;
mod hash_sets;
mod hyperloglog;
mod intersections;

pub use intersections::intersection_counts;

pub(crate) use digest::{Digest, MOST_PLAIN_VALUES, stored, value_of};
pub(crate) use distinct_sets::DistinctSets;
pub(crate) use distinct_values::{DistinctValues, EXACT_COUNT};
pub(crate) use hash_sets::HashSets;
