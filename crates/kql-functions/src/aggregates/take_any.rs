//! `take_any` (`any`): the first value that is not null.
//!
//! With several columns Kusto takes them all from one row: use [`super::ArgExtremeState`] with a constant key.

use arrow::array::{ArrayRef, BooleanArray};

use super::ArgExtremeState;
use super::conditional::Conditional;
use super::definition::Aggregate;
use crate::column::bool_results;
use crate::signature::unchanged;
use crate::{GroupState, Resolved, Type};
use arrow::array::Array;

pub(super) static TAKE_ANY: Aggregate = Aggregate::new(
    "take_any",
    |args| {
        let mut resolved = unchanged(args, 1, 1, Type::Long)?;
        resolved.result = resolved.parameters[0];
        Ok(resolved)
    },
    |_, resolved| Box::new(TakeAny(state(resolved))),
    |resolved| state(resolved).partial_types(),
)
.alias(&["any"]);

pub(super) static TAKE_ANYIF: Conditional = Conditional::new("take_anyif", &TAKE_ANY, 1).alias(&["anyif"]);

/// Rows with a value have a greater key than rows without.
fn state(resolved: &Resolved) -> ArgExtremeState {
    ArgExtremeState::new(Type::Bool, &[resolved.parameters[0]], true)
}

#[derive(Debug)]
struct TakeAny(ArgExtremeState);

impl GroupState for TakeAny {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        let has_value = bool_results(args[0].len(), |row| Some(args[0].is_valid(row)));
        self.0.update(&has_value, args, groups, filter, n_groups);
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        self.0.merge(partial, groups, n_groups);
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        self.0.partial(n)
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        self.0.finish(n).swap_remove(1)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}
