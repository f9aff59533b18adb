//! KQL's values and functions on Arrow arrays: one file per scalar function and aggregate.
//!
//! Nothing here parses queries or reads storage, and nothing fails on the data of a row: a value
//! that a function cannot take gives null (or `""` for strings), as in Kusto.
//!
//! | to find | look in |
//! |---|---|
//! | what a function is | [`ScalarFunction`], [`AggregateFunction`] |
//! | a scalar function | `scalar/`, a folder per family, listed by its `functions()` |
//! | an aggregate | `aggregates/` |
//! | operators | [`arithmetic`], [`compare`], [`string_ops`] |
//! | casts between types | [`convert`] |
//! | shapes on Earth | [`geometry`] |
//! | keys of groups, numbered | [`keys`] |
//! | text forms of values | [`datetime`], [`timespan`], [`dynamic`], [`number`] |

pub mod aggregates;
pub mod arithmetic;
mod column;
pub mod compare;
pub mod convert;
pub mod datetime;
pub mod decimal;
mod definition;
mod distinct_texts;
pub mod dynamic;
mod function;
mod geo_database;
pub mod geometry;
pub mod guid;
pub mod key_values;
pub mod keys;
pub mod number;
pub mod pattern;
mod registry;
mod scalar;
mod signature;
mod sketch;
pub mod string_ops;
mod text_codes;
mod text_places;
pub mod timespan;
mod together;
mod types;

pub use distinct_texts::DistinctTexts;
pub use function::{
    ALL_RESULTS, AggregateFunction, Arg, ArgumentInfo, EvalContext, FunctionError, GroupState, Resolved, ScalarFunction,
};
pub use geo_database::{GeoDatabase, GeoPlace};
pub use registry::{aggregate, aggregate_names, scalar, scalar_names};
pub use scalar::{Network, SeriesNumbers, period_lengths, series_as_json};
pub use sketch::intersection_counts;
pub use text_codes::{CodedTexts, TextCodes};
pub use types::{DECIMAL_SCALE, Type, Value};
