//! The `…if` form of an aggregate: one more argument says which rows count.

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::datatypes::DataType;

use super::definition::Aggregate;
use crate::column::Bools;
use crate::signature::accept;
use crate::{AggregateFunction, Arg, ArgumentInfo, FunctionError, GroupState, Resolved, Type};

/// An aggregate with a predicate among its arguments.
#[derive(Debug)]
pub(super) struct Conditional {
    name: &'static str,
    aliases: &'static [&'static str],
    base: &'static Aggregate,
    /// Where the predicate stands.
    predicate: usize,
}

impl Conditional {
    pub(super) const fn new(name: &'static str, base: &'static Aggregate, predicate: usize) -> Self {
        Conditional { name, aliases: &[], base, predicate }
    }

    /// The same under more names.
    pub(super) const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    fn without_predicate<T: Clone>(&self, all: &[T]) -> Vec<T> {
        let others = all.iter().enumerate().filter(|(index, _)| *index != self.predicate);
        others.map(|(_, item)| item.clone()).collect()
    }

    fn base_resolved(&self, resolved: &Resolved) -> Resolved {
        Resolved { parameters: self.without_predicate(&resolved.parameters), result: resolved.result }
    }
}

impl AggregateFunction for Conditional {
    fn name(&self) -> &'static str {
        self.name
    }

    fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    fn resolve(&self, args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
        let Some(predicate) = args.get(self.predicate) else {
            let expected = format!("at least {} arguments", self.predicate + 1);
            return Err(FunctionError::ArgumentCount { expected, found: args.len() });
        };
        let bool = accept(self.predicate, predicate.ty, Type::Bool)?;
        let mut resolved = self.base.resolve(&self.without_predicate(args))?;
        resolved.parameters.insert(self.predicate, bool);
        Ok(resolved)
    }

    fn state(&self, args: &[ArgumentInfo], resolved: &Resolved) -> Box<dyn GroupState> {
        let inner = self.base.state(&self.without_predicate(args), &self.base_resolved(resolved));
        Box::new(ConditionalState { inner, predicate: self.predicate })
    }

    fn partial_types(&self, args: &[ArgumentInfo], resolved: &Resolved) -> Vec<DataType> {
        self.base.partial_types(&self.without_predicate(args), &self.base_resolved(resolved))
    }
}

#[derive(Debug)]
struct ConditionalState {
    inner: Box<dyn GroupState>,
    predicate: usize,
}

impl GroupState for ConditionalState {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        let mut others = args.to_vec();
        let predicate = Bools::of(&Arg::Array(others.remove(self.predicate)));
        let passes = |row: usize| filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
        let both: BooleanArray =
            (0..groups.len()).map(|row| Some(passes(row) && predicate.get(row) == Some(true))).collect();
        self.inner.update(&others, groups, Some(&both), n_groups);
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        self.inner.merge(partial, groups, n_groups);
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        self.inner.partial(n)
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        self.inner.finish(n)
    }

    fn size(&self) -> usize {
        self.inner.size()
    }
}
