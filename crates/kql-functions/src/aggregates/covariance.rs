//! `covariance` and `covariancep` of two numbers, by updating means.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array};
use arrow::datatypes::DataType;

use super::conditional::Conditional;
use super::definition::{Aggregate, MakeState};
use super::groups::{grow, selected, take_first};
use crate::Type::Real;
use crate::column::{concrete, real_results, reals};
use crate::signature::fixed;
use crate::{Arg, GroupState};

pub(super) static COVARIANCE: Aggregate = covariance("covariance", |_, _| Covariance::boxed(false));
pub(super) static COVARIANCEP: Aggregate = covariance("covariancep", |_, _| Covariance::boxed(true));
pub(super) static COVARIANCEIF: Conditional = Conditional::new("covarianceif", &COVARIANCE, 2);
pub(super) static COVARIANCEPIF: Conditional = Conditional::new("covariancepif", &COVARIANCEP, 2);

const fn covariance(name: &'static str, state: MakeState) -> Aggregate {
    Aggregate::new(
        name,
        |args| fixed(args, &[Real, Real], 2, Real),
        state,
        |_| vec![DataType::Int64, DataType::Float64, DataType::Float64, DataType::Float64],
    )
}

/// Count, means, and the sum of the products of the distances from them.
#[derive(Debug, Clone, Copy, Default)]
struct Products {
    count: i64,
    x: f64,
    y: f64,
    sum: f64,
}

impl Products {
    fn merge(&mut self, other: Products) {
        if other.count == 0 {
            return;
        }
        let (left, right) = (self.count as f64, other.count as f64);
        let total = left + right;
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        self.sum += other.sum + dx * dy * left * right / total;
        self.x += dx * right / total;
        self.y += dy * right / total;
        self.count += other.count;
    }
}

#[derive(Debug)]
struct Covariance {
    groups: Vec<Products>,
    is_population: bool,
}

impl Covariance {
    fn boxed(is_population: bool) -> Box<dyn GroupState> {
        Box::new(Covariance { groups: Vec::new(), is_population })
    }
}

impl GroupState for Covariance {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let [x, y] = [0, 1].map(|at| reals(&Arg::Array(args[at].clone())));
        for (row, group) in selected(groups, filter) {
            if let (Some(x), Some(y)) = (x.get(row), y.get(row)) {
                self.groups[group].merge(Products { count: 1, x, y, sum: 0.0 });
            }
        }
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let counts: Int64Array = concrete(&partial[0], &DataType::Int64);
        let [x, y, sums] = [1, 2, 3].map(|at| concrete::<Float64Array>(&partial[at], &DataType::Float64));
        for (row, group) in groups.iter().enumerate() {
            let other = Products { count: counts.value(row), x: x.value(row), y: y.value(row), sum: sums.value(row) };
            self.groups[*group].merge(other);
        }
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        let taken = take_first(&mut self.groups, n);
        let field = |field: fn(&Products) -> f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(taken.iter().map(field)))
        };
        let counts = Int64Array::from_iter_values(taken.iter().map(|products| products.count));
        vec![Arc::new(counts), field(|p| p.x), field(|p| p.y), field(|p| p.sum)]
    }

    /// 0 of no pair and of one.
    fn finish(&mut self, n: usize) -> ArrayRef {
        let taken = take_first(&mut self.groups, n);
        real_results(n, |group| {
            let products = taken[group];
            let divisor = if self.is_population { products.count } else { products.count - 1 };
            Some(if divisor > 0 { products.sum / divisor as f64 } else { 0.0 })
        })
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.groups.capacity() * size_of::<Products>()
    }
}
