//! What a scalar function and an aggregate are: name, signature, kernel.

use std::fmt::Debug;

use arrow::array::{ArrayRef, BooleanArray};
use serde::{Deserialize, Serialize};

use crate::{GeoDatabase, SeriesNumbers, Type, Value};

/// What the binder knows of an argument before anything runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ArgumentInfo {
    /// Its type.
    pub ty: Type,
    /// Its value, where it is a constant.
    pub constant: Option<Value>,
}

/// The outcome of matching arguments with a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// The type each argument is cast to before the kernel sees it; as many as there are arguments.
    pub parameters: Vec<Type>,
    /// The type of the result.
    pub result: Type,
}

/// Why arguments do not match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FunctionError {
    /// Too few or too many.
    ArgumentCount {
        /// Such as `2 arguments` or `1 to 3 arguments`.
        expected: String,
        /// How many were given.
        found: usize,
    },
    /// An argument of a type that the function does not take.
    ArgumentType {
        /// Which, from 0.
        index: usize,
        /// Such as `string` or `a number`.
        expected: String,
        /// What was given.
        found: Type,
    },
    /// Anything else: lower-case start, no full stop.
    Other {
        /// Which argument is to blame, from 0.
        index: Option<usize>,
        /// What is wrong.
        message: String,
    },
}

/// One argument of a kernel, already in the physical form of its resolved type.
#[derive(Debug, Clone)]
pub enum Arg {
    /// One value a row.
    Array(ArrayRef),
    /// The same value in all rows: an array of length one.
    Scalar(ArrayRef),
}

/// What a kernel may know beside its arguments.
#[derive(Debug, Clone, Copy)]
pub struct EvalContext<'a> {
    /// How many rows the result has.
    pub rows: usize,
    /// `now()` of the query, in ticks.
    pub now: i64,
    /// Where IP addresses lie, if the engine was told.
    pub geo_database: Option<&'a dyn GeoDatabase>,
    /// Which results are read of a function with several, one bit each: see [`ScalarFunction::results`].
    pub wanted: u64,
}

/// [`EvalContext::wanted`] where all results are read.
pub const ALL_RESULTS: u64 = u64::MAX;

impl EvalContext<'_> {
    /// Whether a result of a function with several is read; those that are not may be null.
    pub fn wants(&self, result: usize) -> bool {
        self.wanted.checked_shr(u32::try_from(result).unwrap_or(u32::MAX)).is_none_or(|rest| rest & 1 == 1)
    }
}

/// A scalar function. Implementations are unit structs, listed in their folder's `functions()`.
pub trait ScalarFunction: Debug + Send + Sync {
    /// Its KQL name.
    fn name(&self) -> &'static str;

    /// Other names of the same function (`iif` of `iff`, `parsejson` of `parse_json`).
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }

    /// Matches the arguments: the types to cast them to, and the type of the result.
    fn resolve(&self, args: &[ArgumentInfo]) -> Result<Resolved, FunctionError>;

    /// Computes the result for `ctx.rows` rows, in the physical form of the resolved result type.
    /// When all arguments are `Scalar` the result may have length one.
    /// Never fails on data.
    fn eval(&self, args: &[Arg], resolved: &Resolved, ctx: &EvalContext) -> ArrayRef;

    /// Several results as columns of their own, each with what ends its column's name and its type; none for most
    /// functions. The kernel's result is then a dynamic array of them, in order, or null where all are null.
    fn results(&self) -> &'static [(&'static str, Type)] {
        &[]
    }

    /// Its first argument, a dynamic array of numbers, may come as a list of numbers: see [`SeriesNumbers`].
    fn takes_series(&self) -> bool {
        false
    }

    /// What [`ScalarFunction::eval_series`] gives for each of [`ScalarFunction::results`]; nothing for functions that give dynamic arrays only.
    fn series_results(&self) -> &'static [SeriesNumbers] {
        &[]
    }

    /// The same as [`ScalarFunction::eval`], with each result as lists of numbers; those that nobody reads may be null.
    fn eval_series(&self, _args: &[Arg], _ctx: &EvalContext) -> Vec<ArrayRef> {
        Vec::new()
    }

    /// The same arguments give the same result (false for `rand()`, `new_guid()`).
    fn is_deterministic(&self) -> bool {
        true
    }

    /// It costs no more than finding out which texts repeat.
    fn is_cheap(&self) -> bool {
        false
    }

    /// It reads [`EvalContext::geo_database`], so that a call without one means nothing.
    fn reads_geo_database(&self) -> bool {
        false
    }
}

/// An aggregate function. Implementations are unit structs, listed in `aggregates::functions()`.
pub trait AggregateFunction: Debug + Send + Sync {
    /// Its KQL name.
    fn name(&self) -> &'static str;

    /// Other names (`makeset` of `make_set`: see also [`AggregateFunction::resolve`] for their own caps).
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }

    /// Matches the arguments. Constant parameters (a set's size, a percentile) arrive as constants.
    fn resolve(&self, args: &[ArgumentInfo]) -> Result<Resolved, FunctionError>;

    /// An accumulator for all groups of a partition. `args` are the same as given to `resolve`.
    fn state(&self, args: &[ArgumentInfo], resolved: &Resolved) -> Box<dyn GroupState>;

    /// The Arrow types of the partial state that [`GroupState::partial`] makes.
    fn partial_types(&self, args: &[ArgumentInfo], resolved: &Resolved) -> Vec<arrow::datatypes::DataType>;
}

/// The running state of an aggregate over many groups, addressed by group number.
pub trait GroupState: Debug + Send {
    /// Takes in a batch: `groups[i]` is the group of row `i`; rows where `filter` is not true are skipped.
    /// `n_groups` is the number of groups seen so far, the new ones included.
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize);

    /// Takes in partial states made by [`GroupState::partial`]; row `i` belongs to `groups[i]`.
    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize);

    /// The partial state of the first `n` groups, which are then dropped and the rest renumbered from 0.
    fn partial(&mut self, n: usize) -> Vec<ArrayRef>;

    /// The results of the first `n` groups, which are then dropped and the rest renumbered from 0.
    fn finish(&mut self, n: usize) -> ArrayRef;

    /// Bytes held.
    fn size(&self) -> usize;
}
