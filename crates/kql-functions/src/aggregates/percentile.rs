//! `percentile`: the value at the nearest rank, without interpolation; and `percentiles_array`.
//!
//! All values are kept, so results are exact (Kusto's are, too, for small sets).

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, BooleanArray};
use arrow::datatypes::DataType;

use super::definition::Aggregate;
use super::groups::{grow, selected, take_first};
use crate::column::{concrete, long_results, longs, real_results, reals, written_nullable};
use crate::dynamic::{ArrayWriter, elements, write_value};
use crate::signature::{accept, refuse};
use crate::{Arg, ArgumentInfo, FunctionError, GroupState, Resolved, Type, Value, number, signature};

pub(super) static PERCENTILE: Aggregate = Aggregate::new(
    "percentile",
    |args| {
        signature::count(args, 2, 2)?;
        let ty = value_type(args[0].ty)?;
        Ok(Resolved { parameters: vec![ty, accept(1, args[1].ty, Type::Real)?], result: ty })
    },
    |args, resolved| Box::new(Percentiles::new(resolved.parameters[0], ranks(args), false)),
    |_| vec![DataType::Binary],
);

pub(super) static PERCENTILES_ARRAY: Aggregate = Aggregate::new(
    "percentiles_array",
    |args| {
        signature::count(args, 2, 64)?;
        let mut parameters: Vec<_> = args.iter().map(|arg| arg.ty).collect();
        parameters[0] = value_type(args[0].ty)?;
        Ok(Resolved { parameters, result: Type::Dynamic })
    },
    |args, resolved| Box::new(Percentiles::new(resolved.parameters[0], ranks(args), true)),
    |_| vec![DataType::Binary],
);

fn value_type(ty: Type) -> Result<Type, FunctionError> {
    match ty {
        Type::Int | Type::Long => Ok(Type::Long),
        Type::Real | Type::Decimal | Type::Dynamic => Ok(Type::Real),
        Type::DateTime | Type::TimeSpan => Ok(ty),
        found => Err(refuse(0, "a number, datetime or timespan", found)),
    }
}

/// The percentages after the first argument: numbers, or an array of them.
fn ranks(args: &[ArgumentInfo]) -> Vec<f64> {
    let constants = args.iter().skip(1).filter_map(|arg| arg.constant.as_ref());
    constants
        .flat_map(|constant| match constant {
            Value::Dynamic(json) => elements(json).filter_map(|item| number::parse_real(item.trim())).collect(),
            constant => match constant.cast(Type::Real) {
                Value::Real(rank) => vec![rank],
                _ => Vec::new(),
            },
        })
        .collect()
}

#[derive(Debug)]
struct Percentiles {
    ty: Type,
    ranks: Vec<f64>,
    is_array: bool,
    /// Values in a form whose order is that of the values.
    groups: Vec<Vec<i64>>,
}

/// Bits of a real whose order as signed numbers is the reals' total order; its own inverse.
fn ordered_bits(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

impl Percentiles {
    fn new(ty: Type, ranks: Vec<f64>, is_array: bool) -> Self {
        Percentiles { ty, ranks, is_array, groups: Vec::new() }
    }

    fn value(&self, stored: i64) -> Value {
        match self.ty {
            Type::Real => Value::Real(f64::from_bits(ordered_bits(stored).cast_unsigned())),
            Type::DateTime => Value::DateTime(stored),
            Type::TimeSpan => Value::TimeSpan(stored),
            _ => Value::Long(stored),
        }
    }
}

/// The value at the least rank that covers the percentage; `None` of no values.
fn nearest(sorted: &[i64], percentage: f64) -> Option<i64> {
    let rank = (percentage.clamp(0.0, 100.0) / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

impl GroupState for Percentiles {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let arg = Arg::Array(args[0].clone());
        if self.ty == Type::Real {
            let values = reals(&arg);
            for (row, group) in selected(groups, filter) {
                if let Some(value) = values.get(row) {
                    self.groups[group].push(ordered_bits(value.to_bits().cast_signed()));
                }
            }
            return;
        }
        let values = longs(&arg);
        selected(groups, filter).for_each(|(row, group)| self.groups[group].extend(values.get(row)));
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let states: BinaryArray = concrete(&partial[0], &DataType::Binary);
        for (row, group) in groups.iter().enumerate() {
            let chunks = states.value(row).chunks_exact(8);
            let value = |chunk: &[u8]| chunk.iter().rev().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
            self.groups[*group].extend(chunks.map(|chunk| value(chunk).cast_signed()));
        }
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        let taken = take_first(&mut self.groups, n);
        let bytes = |values: &Vec<i64>| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        vec![Arc::new(BinaryArray::from_iter_values(taken.iter().map(bytes)))]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        let mut taken = take_first(&mut self.groups, n);
        taken.iter_mut().for_each(|values| values.sort_unstable());
        if self.is_array {
            return written_nullable(n, |group, out| {
                let mut array = ArrayWriter::new(out);
                for stored in self.ranks.iter().filter_map(|rank| nearest(&taken[group], *rank)) {
                    write_value(array.element(), &self.value(stored));
                }
                array.end();
                true
            });
        }
        let stored = |group: usize| nearest(&taken[group], self.ranks.first().copied()?);
        if self.ty == Type::Real {
            let real = |stored| f64::from_bits(ordered_bits(stored).cast_unsigned());
            return real_results(n, |group| stored(group).map(real));
        }
        long_results(n, stored)
    }

    fn size(&self) -> usize {
        let values: usize = self.groups.iter().map(Vec::capacity).sum();
        size_of::<Self>() + self.groups.capacity() * size_of::<Vec<i64>>() + values * 8
    }
}
