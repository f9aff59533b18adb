//! KQL's values and functions on Arrow arrays: one file per scalar function and aggregate.
//!
//! Nothing here parses queries or reads storage, and nothing fails on the data of a row: a value
//! that a function cannot take gives null (or `""` for strings), as in Kusto.

mod function;
mod types;

pub use function::{
    AggregateFunction, Arg, ArgumentInfo, EvalContext, FunctionError, GroupState, Resolved, ScalarFunction,
};
pub use types::{Type, Value};
