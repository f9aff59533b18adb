//! KQL's window functions that go on from row to row: ranks, running sums, sessions.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Int64Array, PrimitiveArray, UInt64Array};
use arrow::compute::{cast, partition};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Field, FieldRef, Float64Type, Int32Type, Int64Type,
};
use datafusion::error::Result;
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{PartitionEvaluator, Signature, Volatility, WindowUDFImpl};
use kql_functions::Type;
use serde::{Deserialize, Serialize};

/// What a row is given. The last argument of each may be a condition that starts over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RowFunction {
    /// Its number, from 1.
    Number,
    /// The sum of the values so far; null counts as nothing.
    Sum {
        /// Type of value and sum.
        ty: Type,
    },
    /// One more than the row before if its value is another.
    DenseRank,
    /// The number of the first row with its value.
    MinimalRank,
    /// The time of the first row of its session, in ticks.
    Session {
        /// A session is shorter than this, in ticks.
        longest: i64,
        /// Its rows are nearer to each other than this, in ticks.
        gap: i64,
    },
}

impl RowFunction {
    /// Type of the result.
    pub fn result(self) -> Type {
        match self {
            RowFunction::Number | RowFunction::DenseRank | RowFunction::MinimalRank => Type::Long,
            RowFunction::Sum { ty } => ty,
            RowFunction::Session { .. } => Type::DateTime,
        }
    }

    /// Number of arguments before the condition.
    fn values(self) -> usize {
        usize::from(!matches!(self, RowFunction::Number))
    }
}

/// A [`RowFunction`] as a window function of a plan.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct RowFunctionUdf {
    function: RowFunction,
    arguments: usize,
    signature: Signature,
}

impl RowFunctionUdf {
    /// The function with that many arguments.
    pub fn new(function: RowFunction, arguments: usize) -> Self {
        let signature = match arguments {
            0 => Signature::nullary(Volatility::Immutable),
            count => Signature::any(count, Volatility::Immutable),
        };
        Self { function, arguments, signature }
    }

    /// What it was made with.
    pub fn parts(&self) -> (RowFunction, usize) {
        (self.function, self.arguments)
    }
}

impl WindowUDFImpl for RowFunctionUdf {
    fn name(&self) -> &str {
        match self.function {
            RowFunction::Number => "kql_row_number",
            RowFunction::Sum { .. } => "kql_row_cumsum",
            RowFunction::DenseRank => "kql_row_rank_dense",
            RowFunction::MinimalRank => "kql_row_rank_min",
            RowFunction::Session { .. } => "kql_row_window_session",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn partition_evaluator(&self, _: PartitionEvaluatorArgs) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Evaluator(self.function)))
    }

    fn field(&self, args: WindowUDFFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(args.name(), self.function.result().arrow(), true)))
    }
}

#[derive(Debug)]
struct Evaluator(RowFunction);

impl PartitionEvaluator for Evaluator {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let restart = values.get(self.0.values()).map(|array| cast(array, &DataType::Boolean)).transpose()?;
        let restarts = |row: usize| {
            restart.as_ref().is_some_and(|array| {
                let array = array.as_boolean();
                array.is_valid(row) && array.value(row)
            })
        };
        let value = match values.first() {
            Some(array) if self.0.values() > 0 => Arc::clone(array),
            _ => Arc::new(UInt64Array::from(vec![0; rows])),
        };
        match self.0 {
            RowFunction::Number => Ok(numbers(rows, restarts)),
            RowFunction::Sum { ty } => sums(&value, ty, restarts),
            RowFunction::DenseRank => ranks(&value, restarts, |rank, _| rank + 1),
            RowFunction::MinimalRank => ranks(&value, restarts, |_, number| number),
            RowFunction::Session { longest, gap } => sessions(&value, longest, gap, restarts),
        }
    }
}

fn numbers(rows: usize, restarts: impl Fn(usize) -> bool) -> ArrayRef {
    let mut number = 0;
    let numbers = (0..rows).map(|row| {
        number = if restarts(row) { 1 } else { number + 1 };
        number
    });
    Arc::new(Int64Array::from_iter_values(numbers))
}

fn sums(values: &ArrayRef, ty: Type, restarts: impl Fn(usize) -> bool) -> Result<ArrayRef> {
    let values = cast(values, &ty.arrow())?;
    Ok(match ty {
        Type::Int => Arc::new(running::<Int32Type>(&values, 0, i32::wrapping_add, restarts)) as ArrayRef,
        Type::Real => Arc::new(running::<Float64Type>(&values, 0.0, |a, b| a + b, restarts)),
        Type::Decimal => {
            let sums: Decimal128Array = running::<Decimal128Type>(&values, 0, i128::wrapping_add, restarts);
            cast(&(Arc::new(sums) as ArrayRef), &ty.arrow())?
        }
        _ => Arc::new(running::<Int64Type>(&values, 0, i64::wrapping_add, restarts)),
    })
}

fn running<T: ArrowPrimitiveType>(
    values: &ArrayRef,
    zero: T::Native,
    add: fn(T::Native, T::Native) -> T::Native,
    restarts: impl Fn(usize) -> bool,
) -> PrimitiveArray<T> {
    let values = values.as_primitive::<T>();
    let mut sum = zero;
    let sums = (0..values.len()).map(|row| {
        if restarts(row) {
            sum = zero;
        }
        if values.is_valid(row) {
            sum = add(sum, values.value(row));
        }
        sum
    });
    PrimitiveArray::<T>::from_iter_values(sums).with_data_type(values.data_type().clone())
}

/// Ranks of runs of equal values: `next` gives the rank of a run from the rank before and the number of its first row.
fn ranks(values: &ArrayRef, restarts: impl Fn(usize) -> bool, next: fn(i64, i64) -> i64) -> Result<ArrayRef> {
    let mut ranks = Vec::with_capacity(values.len());
    let (mut rank, mut number) = (0, 0);
    for run in partition(std::slice::from_ref(values))?.ranges() {
        for row in run.clone() {
            let is_restart = restarts(row);
            number = if is_restart { 1 } else { number + 1 };
            if is_restart {
                rank = 1;
            } else if row == run.start {
                rank = next(rank, number);
            }
            ranks.push(rank);
        }
    }
    Ok(Arc::new(Int64Array::from(ranks)))
}

/// A session ends before a row that is too far from its first row or from its last, or after a row without a time.
fn sessions(times: &ArrayRef, longest: i64, gap: i64, restarts: impl Fn(usize) -> bool) -> Result<ArrayRef> {
    let times = cast(times, &DataType::Int64)?;
    let times = times.as_primitive::<Int64Type>();
    let mut starts: Vec<Option<i64>> = Vec::with_capacity(times.len());
    let mut last: Option<(i64, i64)> = None;
    for row in 0..times.len() {
        if times.is_null(row) {
            last = None;
            starts.push(None);
            continue;
        }
        let time = times.value(row);
        let start = match last {
            Some((start, before))
                if !restarts(row) && time < start.saturating_add(longest) && time < before.saturating_add(gap) =>
            {
                start
            }
            _ => time,
        };
        last = Some((start, time));
        starts.push(Some(start));
    }
    Ok(Arc::new(Int64Array::from(starts)))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Float64Array, Int32Array};

    use super::*;

    #[test]
    fn a_null_adds_nothing_and_a_restart_begins_with_its_row() {
        let values: ArrayRef = Arc::new(Int32Array::from(vec![None, Some(2), Some(3), Some(4)]));
        let sums = sums(&values, Type::Int, |row| row == 2).unwrap();
        assert_eq!(sums.as_primitive::<Int32Type>().values(), &[0, 2, 3, 7]);
        let reals: ArrayRef = Arc::new(Float64Array::from(vec![0.5, 1.0]));
        let sums = super::sums(&reals, Type::Real, |_| false).unwrap();
        assert_eq!(sums.as_primitive::<Float64Type>().values(), &[0.5, 1.5]);
    }

    #[test]
    fn a_session_ends_at_its_length_at_a_gap_and_after_a_null() {
        let times: ArrayRef =
            Arc::new(Int64Array::from(vec![Some(0), Some(4), Some(8), Some(12), None, Some(13), Some(18)]));
        let starts = sessions(&times, 10, 5, |_| false).unwrap();
        let starts: Vec<Option<i64>> = starts.as_primitive::<Int64Type>().iter().collect();
        assert_eq!(starts, [Some(0), Some(0), Some(0), Some(12), None, Some(13), Some(18)]);
    }

    #[test]
    fn ranks_start_over_within_a_run() {
        let values: ArrayRef = Arc::new(Int64Array::from(vec![7, 7, 7, 8]));
        let dense = ranks(&values, |row| row == 2, |rank, _| rank + 1).unwrap();
        assert_eq!(dense.as_primitive::<Int64Type>().values(), &[1, 1, 1, 2]);
        let minimal = ranks(&values, |row| row == 2, |_, number| number).unwrap();
        assert_eq!(minimal.as_primitive::<Int64Type>().values(), &[1, 1, 1, 2]);
    }
}
