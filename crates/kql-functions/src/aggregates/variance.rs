//! `variance`, `stdev` and their forms for whole populations (`…p`), by Welford's method.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array};
use arrow::datatypes::DataType;

use super::conditional::Conditional;
use super::definition::{Aggregate, MakeState};
use super::groups::{grow, selected, take_first};
use crate::Type::Real;
use crate::column::{concrete, reals};
use crate::signature::fixed;
use crate::{Arg, GroupState};

pub(super) static VARIANCE: Aggregate = spread("variance", |_, _| Spread::boxed(false, false));
pub(super) static VARIANCEP: Aggregate = spread("variancep", |_, _| Spread::boxed(true, false));
pub(super) static STDEV: Aggregate = spread("stdev", |_, _| Spread::boxed(false, true));
pub(super) static STDEVP: Aggregate = spread("stdevp", |_, _| Spread::boxed(true, true));
pub(super) static VARIANCEIF: Conditional = Conditional::new("varianceif", &VARIANCE, 1);
pub(super) static VARIANCEPIF: Conditional = Conditional::new("variancepif", &VARIANCEP, 1);
pub(super) static STDEVIF: Conditional = Conditional::new("stdevif", &STDEV, 1);
pub(super) static STDEVPIF: Conditional = Conditional::new("stdevpif", &STDEVP, 1);

const fn spread(name: &'static str, state: MakeState) -> Aggregate {
    Aggregate::new(
        name,
        |args| fixed(args, &[Real], 1, Real),
        state,
        |_| vec![DataType::Int64, DataType::Float64, DataType::Float64],
    )
}

/// Count, mean and sum of squared distances from the mean.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: i64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.merge(Moments { count: 1, mean: value, squares: 0.0 });
    }

    fn merge(&mut self, other: Moments) {
        if other.count == 0 {
            return;
        }
        let count = self.count + other.count;
        let (left, right, total) = (self.count as f64, other.count as f64, count as f64);
        let distance = other.mean - self.mean;
        self.mean += distance * right / total;
        self.squares += other.squares + distance * distance * left * right / total;
        self.count = count;
    }
}

#[derive(Debug)]
struct Spread {
    groups: Vec<Moments>,
    is_population: bool,
    is_root: bool,
}

impl Spread {
    fn boxed(is_population: bool, is_root: bool) -> Box<dyn GroupState> {
        Box::new(Spread { groups: Vec::new(), is_population, is_root })
    }

    /// 0 of no value and of one.
    fn result(&self, moments: Moments) -> f64 {
        let divisor = if self.is_population { moments.count } else { moments.count - 1 };
        let variance = if divisor > 0 { moments.squares / divisor as f64 } else { 0.0 };
        if self.is_root { variance.sqrt() } else { variance }
    }
}

impl GroupState for Spread {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let values = reals(&Arg::Array(args[0].clone()));
        for (row, group) in selected(groups, filter) {
            if let Some(value) = values.get(row) {
                self.groups[group].add(value);
            }
        }
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let counts: Int64Array = concrete(&partial[0], &DataType::Int64);
        let means: Float64Array = concrete(&partial[1], &DataType::Float64);
        let squares: Float64Array = concrete(&partial[2], &DataType::Float64);
        for (row, group) in groups.iter().enumerate() {
            let other = Moments { count: counts.value(row), mean: means.value(row), squares: squares.value(row) };
            self.groups[*group].merge(other);
        }
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        let taken = take_first(&mut self.groups, n);
        vec![
            Arc::new(taken.iter().map(|moments| Some(moments.count)).collect::<Int64Array>()),
            Arc::new(taken.iter().map(|moments| Some(moments.mean)).collect::<Float64Array>()),
            Arc::new(taken.iter().map(|moments| Some(moments.squares)).collect::<Float64Array>()),
        ]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        let taken = take_first(&mut self.groups, n);
        Arc::new(taken.iter().map(|moments| Some(self.result(*moments))).collect::<Float64Array>())
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.groups.capacity() * size_of::<Moments>()
    }
}
