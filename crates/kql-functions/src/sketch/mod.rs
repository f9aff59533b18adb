//! Summaries of many values in little space, that merge, and that queries can keep as dynamics.

mod digest;
mod distinct_values;
mod hyperloglog;
mod intersections;

pub use intersections::intersection_counts;

pub(crate) use digest::{Digest, stored, value_of};
pub(crate) use distinct_values::{DistinctValues, EXACT_COUNT, Hashes};
