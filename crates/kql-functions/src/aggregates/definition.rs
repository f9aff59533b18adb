//! The one shape of an aggregate in this crate.

use arrow::datatypes::DataType;

use crate::{AggregateFunction, ArgumentInfo, FunctionError, GroupState, Resolved};

/// Makes a state.
pub(super) type MakeState = fn(&[ArgumentInfo], &Resolved) -> Box<dyn GroupState>;

/// An aggregate as a constant.
#[derive(Debug)]
pub(super) struct Aggregate {
    name: &'static str,
    aliases: &'static [&'static str],
    resolve: fn(&[ArgumentInfo]) -> Result<Resolved, FunctionError>,
    state: MakeState,
    partial: fn(&Resolved) -> Vec<DataType>,
}

impl Aggregate {
    pub(super) const fn new(
        name: &'static str,
        resolve: fn(&[ArgumentInfo]) -> Result<Resolved, FunctionError>,
        state: MakeState,
        partial: fn(&Resolved) -> Vec<DataType>,
    ) -> Self {
        Aggregate { name, aliases: &[], resolve, state, partial }
    }

    /// The same under more names.
    pub(super) const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}

impl AggregateFunction for Aggregate {
    fn name(&self) -> &'static str {
        self.name
    }

    fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    fn resolve(&self, args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
        (self.resolve)(args)
    }

    fn state(&self, args: &[ArgumentInfo], resolved: &Resolved) -> Box<dyn GroupState> {
        (self.state)(args, resolved)
    }

    fn partial_types(&self, _: &[ArgumentInfo], resolved: &Resolved) -> Vec<DataType> {
        (self.partial)(resolved)
    }
}
