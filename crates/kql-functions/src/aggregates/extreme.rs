//! `max` and `min`: nulls aside; a NaN among reals gives NaN; nothing gives null.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, StringViewArray};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int32Type, Int64Type};

use super::ArgExtremeState;
use super::conditional::Conditional;
use super::definition::Aggregate;
use super::fold::Fold;
use super::groups::{grow, selected, take_first};
use crate::column::Strings;
use crate::signature::refuse;
use crate::{Arg, ArgumentInfo, FunctionError, GroupState, Resolved, Type, signature};

pub(super) static MAX: Aggregate = Aggregate::new(
    "max",
    resolve,
    |_, resolved| {
        let ty = resolved.result.arrow();
        match resolved.result {
            Type::Int => Fold::<Int32Type>::boxed(ty, None, i32::max),
            Type::Real => Fold::<Float64Type>::boxed(ty, None, |a, b| if a.is_nan() || a > b { a } else { b }),
            Type::Decimal => Fold::<Decimal128Type>::boxed(ty, None, i128::max),
            Type::Bool => Box::new(BoolExtreme(ArgExtremeState::new(Type::Bool, &[], true))),
            Type::String | Type::Guid => Box::new(TextExtreme::new(resolved.result, true)),
            _ => Fold::<Int64Type>::boxed(ty, None, i64::max),
        }
    },
    partial_types,
);

pub(super) static MIN: Aggregate = Aggregate::new(
    "min",
    resolve,
    |_, resolved| {
        let ty = resolved.result.arrow();
        match resolved.result {
            Type::Int => Fold::<Int32Type>::boxed(ty, None, i32::min),
            Type::Real => Fold::<Float64Type>::boxed(ty, None, |a, b| if a.is_nan() || a < b { a } else { b }),
            Type::Decimal => Fold::<Decimal128Type>::boxed(ty, None, i128::min),
            Type::Bool => Box::new(BoolExtreme(ArgExtremeState::new(Type::Bool, &[], false))),
            Type::String | Type::Guid => Box::new(TextExtreme::new(resolved.result, false)),
            _ => Fold::<Int64Type>::boxed(ty, None, i64::min),
        }
    },
    partial_types,
);

fn partial_types(resolved: &Resolved) -> Vec<DataType> {
    let ty = resolved.result.arrow();
    if resolved.result == Type::Bool { vec![ty, DataType::Boolean] } else { vec![ty] }
}

/// Of booleans, true is the greater.
#[derive(Debug)]
struct BoolExtreme(ArgExtremeState);

impl GroupState for BoolExtreme {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        self.0.update(&args[0], &[], groups, filter, n_groups);
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        self.0.merge(partial, groups, n_groups);
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        self.0.partial(n)
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        self.0.finish(n).swap_remove(0)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}

pub(super) static MAXIF: Conditional = Conditional::new("maxif", &MAX, 1);
pub(super) static MINIF: Conditional = Conditional::new("minif", &MIN, 1);

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 1, 1)?;
    let ty = match args[0].ty {
        found @ (Type::Guid | Type::Dynamic) => return Err(refuse(0, "a type with an order", found)),
        ty => ty,
    };
    Ok(Resolved { parameters: vec![ty], result: ty })
}

/// The greatest or least text of each group.
#[derive(Debug)]
struct TextExtreme {
    best: Vec<Option<Box<str>>>,
    ty: Type,
    is_max: bool,
}

impl TextExtreme {
    fn new(ty: Type, is_max: bool) -> Self {
        TextExtreme { best: Vec::new(), ty, is_max }
    }
}

impl GroupState for TextExtreme {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.best, n_groups);
        let texts = Strings::of(&Arg::Array(args[0].clone()));
        for (row, group) in selected(groups, filter) {
            let Some(text) = texts.get(row) else { continue };
            let wins = |best: &str| if self.is_max { text > best } else { text < best };
            if self.best[group].as_deref().is_none_or(wins) {
                self.best[group] = Some(text.into());
            }
        }
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        self.update(partial, groups, None, n_groups);
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        vec![Arc::new(take_first(&mut self.best, n).into_iter().collect::<StringViewArray>())]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        let empty = || (self.ty == Type::String).then(|| "".into());
        let best = take_first(&mut self.best, n);
        Arc::new(best.into_iter().map(|text| text.or_else(empty)).collect::<StringViewArray>())
    }

    fn size(&self) -> usize {
        let texts: usize = self.best.iter().flatten().map(|text| text.len()).sum();
        size_of::<Self>() + self.best.capacity() * size_of::<Option<Box<str>>>() + texts
    }
}
