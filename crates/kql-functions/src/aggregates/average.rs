//! `avg`: a real for numbers, NaN of no values; decimals and timespans keep their type.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array};
use arrow::datatypes::DataType;

use super::conditional::Conditional;
use super::definition::Aggregate;
use super::groups::{grow, selected, take_first};
use crate::column::{
    absent, as_decimal, concrete, decimal_results, decimals, long_results, longs, real_results, reals,
};
use crate::signature::refuse;
use crate::{Arg, ArgumentInfo, FunctionError, GroupState, Resolved, Type, signature};

pub(super) static AVG: Aggregate = Aggregate::new(
    "avg",
    resolve,
    |_, resolved| Box::new(Average::new(resolved.parameters[0])),
    |resolved| vec![sum_type(resolved.parameters[0]), DataType::Int64],
);

pub(super) static AVGIF: Conditional = Conditional::new("avgif", &AVG, 1);

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 1, 1)?;
    let (parameter, result) = match args[0].ty {
        Type::Int | Type::Long => (Type::Long, Type::Real),
        Type::Real => (Type::Real, Type::Real),
        ty @ (Type::Decimal | Type::TimeSpan | Type::DateTime) => (ty, ty),
        found => return Err(refuse(0, "a number, timespan or datetime", found)),
    };
    Ok(Resolved { parameters: vec![parameter], result })
}

fn sum_type(ty: Type) -> DataType {
    if ty == Type::Real { DataType::Float64 } else { Type::Decimal.arrow() }
}

/// Sums of whole numbers are exact, those of reals are not.
#[derive(Debug)]
struct Average {
    ty: Type,
    whole: Vec<i128>,
    reals: Vec<f64>,
    counts: Vec<i64>,
}

impl Average {
    fn new(ty: Type) -> Self {
        Average { ty, whole: Vec::new(), reals: Vec::new(), counts: Vec::new() }
    }

    fn grow(&mut self, n_groups: usize) {
        grow(&mut self.whole, n_groups);
        grow(&mut self.reals, n_groups);
        grow(&mut self.counts, n_groups);
    }

    fn add_whole(&mut self, rows: impl Iterator<Item = (usize, usize)>, get: impl Fn(usize) -> Option<i128>) {
        for (row, group) in rows {
            if let Some(value) = get(row) {
                self.whole[group] = self.whole[group].wrapping_add(value);
                self.counts[group] += 1;
            }
        }
    }
}

impl GroupState for Average {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        self.grow(n_groups);
        let arg = Arg::Array(args[0].clone());
        let rows = selected(groups, filter);
        match self.ty {
            Type::Real => {
                let values = reals(&arg);
                for (row, group) in rows {
                    if let Some(value) = values.get(row) {
                        self.reals[group] += value;
                        self.counts[group] += 1;
                    }
                }
            }
            Type::Decimal => {
                let values = decimals(&arg);
                self.add_whole(rows, |row| values.get(row));
            }
            _ => {
                let values = longs(&arg);
                self.add_whole(rows, |row| values.get(row).map(i128::from));
            }
        }
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        self.grow(n_groups);
        let counts: Int64Array = concrete(&partial[1], &DataType::Int64);
        groups.iter().zip(counts.values()).for_each(|(group, count)| self.counts[*group] += count);
        if self.ty == Type::Real {
            let sums: Float64Array = concrete(&partial[0], &DataType::Float64);
            groups.iter().zip(sums.values()).for_each(|(group, sum)| self.reals[*group] += sum);
        } else {
            let sums: Decimal128Array = concrete(&partial[0], &Type::Decimal.arrow());
            for (group, sum) in groups.iter().zip(sums.values()) {
                self.whole[*group] = self.whole[*group].wrapping_add(*sum);
            }
        }
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        let (whole, reals) = (take_first(&mut self.whole, n), take_first(&mut self.reals, n));
        let sums: ArrayRef = if self.ty == Type::Real {
            Arc::new(Float64Array::from(reals))
        } else {
            Arc::new(as_decimal(Decimal128Array::from(whole)))
        };
        vec![sums, Arc::new(Int64Array::from(take_first(&mut self.counts, n)))]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        let (whole, reals) = (take_first(&mut self.whole, n), take_first(&mut self.reals, n));
        let counts = take_first(&mut self.counts, n);
        let mean = |group: usize| whole[group].checked_div(i128::from(counts[group]));
        match self.ty {
            Type::Real => real_results(n, |group| Some(reals[group] / counts[group] as f64)),
            // The sum wraps around like a long, as in Kusto.
            Type::Long => real_results(n, |group| Some(whole[group] as i64 as f64 / counts[group] as f64)),
            Type::Decimal => decimal_results(n, mean),
            Type::TimeSpan | Type::DateTime => {
                long_results(n, |group| mean(group).and_then(|ticks| i64::try_from(ticks).ok()))
            }
            ty => absent(ty, n),
        }
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.whole.capacity() * 16 + (self.reals.capacity() + self.counts.capacity()) * 8
    }
}
