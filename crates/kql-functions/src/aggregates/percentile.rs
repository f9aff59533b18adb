//! `percentile` and its forms: the value at the nearest rank, without interpolation.
//!
//! Results are exact up to a number of values of a group, and of a digest of them beyond (see [`Digest`]).

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryViewArray, BinaryViewBuilder, BooleanArray, StringViewBuilder};
use arrow::datatypes::DataType;

use super::definition::Aggregate;
use super::group_digests::GroupDigests;
use super::groups::{each_selected, grow, selected, take_first};
use crate::column::{Longs, Strings, concrete, long_results, longs, real_results, reals, written_nullable};
use crate::dynamic::{ArrayWriter, elements, write_value};
use crate::signature::{accept, refuse};
use crate::sketch::{Digest, stored, value_of};
use crate::{Arg, ArgumentInfo, FunctionError, GroupState, Resolved, Type, Value, number, signature};

/// Most percentages of one call.
const MAX_RANKS: usize = 64;

pub(super) static PERCENTILE: Aggregate = Aggregate::new(
    "percentile",
    |args| {
        signature::count(args, 2, 2)?;
        let ty = value_type(args[0].ty)?;
        Ok(Resolved { parameters: vec![ty, accept(1, args[1].ty, Type::Real)?], result: ty })
    },
    |args, resolved| Percentiles::boxed(resolved, Output::One(ranks(args, 1)), false),
    |_| vec![DataType::BinaryView],
);

/// The second argument says how often a value counts.
pub(super) static PERCENTILEW: Aggregate = Aggregate::new(
    "percentilew",
    |args| {
        signature::count(args, 3, 3)?;
        let ty = value_type(args[0].ty)?;
        let parameters = vec![ty, accept(1, args[1].ty, Type::Long)?, accept(2, args[2].ty, Type::Real)?];
        Ok(Resolved { parameters, result: ty })
    },
    |args, resolved| Percentiles::boxed(resolved, Output::One(ranks(args, 2)), true),
    |_| vec![DataType::BinaryView],
);

pub(super) static PERCENTILES_ARRAY: Aggregate = Aggregate::new(
    "percentiles_array",
    |args| resolve_array(args, 1),
    |args, resolved| Percentiles::boxed(resolved, Output::Array(ranks(args, 1)), false),
    |_| vec![DataType::BinaryView],
);

pub(super) static PERCENTILESW_ARRAY: Aggregate = Aggregate::new(
    "percentilesw_array",
    |args| resolve_array(args, 2),
    |args, resolved| Percentiles::boxed(resolved, Output::Array(ranks(args, 2)), true),
    |_| vec![DataType::BinaryView],
);

/// The digest as a dynamic; a second argument says how often a value counts.
pub(super) static TDIGEST: Aggregate = Aggregate::new(
    "tdigest",
    |args| {
        signature::count(args, 1, 2)?;
        let mut parameters = vec![value_type(args[0].ty)?];
        if let Some(weight) = args.get(1) {
            parameters.push(accept(1, weight.ty, Type::Long)?);
        }
        Ok(Resolved { parameters, result: Type::Dynamic })
    },
    |args, resolved| Percentiles::boxed(resolved, Output::Digest, args.len() == 2),
    |_| vec![DataType::BinaryView],
);

/// Percentages from an argument on are numbers, or one array of them.
fn resolve_array(args: &[ArgumentInfo], first: usize) -> Result<Resolved, FunctionError> {
    signature::count(args, first + 1, MAX_RANKS)?;
    let mut parameters: Vec<_> = args.iter().map(|arg| arg.ty).collect();
    parameters[0] = value_type(args[0].ty)?;
    if first == 2 {
        parameters[1] = accept(1, args[1].ty, Type::Long)?;
    }
    for (index, arg) in args.iter().enumerate().skip(first) {
        if arg.ty != Type::Dynamic || args.len() > first + 1 {
            accept(index, arg.ty, Type::Real)?;
        }
    }
    Ok(Resolved { parameters, result: Type::Dynamic })
}

fn value_type(ty: Type) -> Result<Type, FunctionError> {
    match ty {
        Type::Int | Type::Long => Ok(Type::Long),
        Type::Real | Type::Decimal | Type::Dynamic => Ok(Type::Real),
        Type::DateTime | Type::TimeSpan => Ok(ty),
        found => Err(refuse(0, "a number, datetime or timespan", found)),
    }
}

/// The percentages from an argument on: numbers, or an array of them.
fn ranks(args: &[ArgumentInfo], first: usize) -> Vec<f64> {
    let constants = args.iter().skip(first).filter_map(|arg| arg.constant.as_ref());
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

/// What the values of a group become.
#[derive(Debug)]
enum Output {
    /// The first of the percentages.
    One(Vec<f64>),
    Array(Vec<f64>),
    Digest,
}

#[derive(Debug)]
struct Percentiles {
    ty: Type,
    output: Output,
    has_weights: bool,
    groups: GroupDigests,
}

impl Percentiles {
    fn boxed(resolved: &Resolved, output: Output, has_weights: bool) -> Box<dyn GroupState> {
        Box::new(Percentiles { ty: resolved.parameters[0], output, has_weights, groups: GroupDigests::default() })
    }

    fn add(&mut self, groups: &[usize], filter: Option<&BooleanArray>, value: impl Fn(usize) -> Option<i64>) {
        each_selected(groups, filter, |row, group| {
            if let Some(value) = value(row) {
                self.groups.add(group, value);
            }
        });
    }

    fn add_weighted(
        &mut self,
        weights: &Longs,
        groups: &[usize],
        filter: Option<&BooleanArray>,
        value: impl Fn(usize) -> Option<i64>,
    ) {
        each_selected(groups, filter, |row, group| {
            if let (Some(value), Some(weight)) = (value(row), weights.get(row)) {
                self.groups.add_weighted(group, value, weight);
            }
        });
    }
}

impl GroupState for Percentiles {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        self.groups.grow(n_groups);
        let arg = Arg::Array(args[0].clone());
        let weights: Option<Longs> = self.has_weights.then(|| longs(&Arg::Array(args[1].clone())));
        if self.ty == Type::Real {
            let values = reals(&arg);
            let value = |row| values.get(row).map(stored);
            match weights {
                Some(weights) => self.add_weighted(&weights, groups, filter, value),
                None => self.add(groups, filter, value),
            }
        } else {
            let values = longs(&arg);
            let value = |row| values.get(row);
            match weights {
                Some(weights) => self.add_weighted(&weights, groups, filter, value),
                None => self.add(groups, filter, value),
            }
        }
        self.groups.settle();
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        self.groups.grow(n_groups);
        let states: BinaryViewArray = concrete(&partial[0], &DataType::BinaryView);
        for (row, group) in groups.iter().enumerate() {
            self.groups.merge(*group, states.value(row));
        }
        self.groups.settle();
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        let mut states = BinaryViewBuilder::with_capacity(n);
        self.groups.partial(n, |bytes| states.append_value(bytes));
        vec![Arc::new(states.finish())]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        let ty = self.ty;
        let mut texts = StringViewBuilder::with_capacity(n);
        let mut text = String::new();
        match &self.output {
            Output::Digest => self.groups.take(n, |mut values| {
                text.clear();
                values.digest().write(ty, &mut text);
                texts.append_value(&text);
            }),
            Output::Array(ranks) => self.groups.take(n, |mut values| {
                text.clear();
                let mut array = ArrayWriter::new(&mut text);
                for found in ranks.iter().filter_map(|rank| values.percentile(*rank)) {
                    write_value(array.element(), &value_of(found, ty));
                }
                array.end();
                texts.append_value(&text);
            }),
            Output::One(ranks) => {
                let rank = ranks.first().copied();
                let mut found: Vec<Option<i64>> = Vec::with_capacity(n);
                self.groups.take(n, |mut values| found.push(rank.and_then(|rank| values.percentile(rank))));
                if ty != Type::Real {
                    return long_results(n, |group| found[group]);
                }
                return real_results(n, |group| match value_of(found[group]?, ty) {
                    Value::Real(value) => Some(value),
                    _ => None,
                });
            }
        }
        Arc::new(texts.finish())
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.groups.size()
    }
}

/// Digests joined into one; of several types, the first one's.
pub(super) static TDIGEST_MERGE: Aggregate = Aggregate::new(
    "tdigest_merge",
    |args| signature::fixed(args, &[Type::Dynamic], 1, Type::Dynamic),
    |_, _| Box::new(Merge::default()),
    |_| vec![DataType::Utf8View],
)
.alias(&["merge_tdigest"]);

#[derive(Debug, Default)]
struct Merge {
    groups: Vec<Option<(Digest, Type)>>,
}

impl GroupState for Merge {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let texts = Strings::of(&Arg::Array(args[0].clone()));
        for (row, group) in selected(groups, filter) {
            match (Digest::read(texts.text(row)), &mut self.groups[group]) {
                (Some((digest, ty)), Some((merged, known))) if ty == *known => merged.merge(&digest),
                (Some(first), entry @ None) => *entry = Some(first),
                _ => {}
            }
        }
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        self.update(partial, groups, None, n_groups);
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        vec![self.finish(n)]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        let mut taken = take_first(&mut self.groups, n);
        written_nullable(n, |group, out| taken[group].as_mut().map(|(digest, ty)| digest.write(*ty, out)).is_some())
    }

    fn size(&self) -> usize {
        let held: usize = self.groups.iter().flatten().map(|(digest, _)| digest.size()).sum();
        size_of::<Self>() + self.groups.capacity() * size_of::<Option<(Digest, Type)>>() + held
    }
}
