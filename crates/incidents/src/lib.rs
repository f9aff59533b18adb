//! From alerts to incidents: grouping within a rule, joining across rules, and what an incident says.
//!
//! Pure and deterministic: the same alerts give the same incidents with the same ids, in whatever order they come.

mod correlate;
mod disjoint_sets;
mod grouping;
mod joining;
mod scopes;
mod summary;

pub use correlate::{CorrelationOptions, correlate};
