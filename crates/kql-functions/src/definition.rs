//! The one shape of a scalar function in this crate: a name, a signature and a kernel.

use arrow::array::ArrayRef;

use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, ScalarFunction, Type};

/// Matches arguments with a signature.
pub(crate) type Resolve = fn(&[ArgumentInfo]) -> Result<Resolved, FunctionError>;

/// Computes a result.
pub(crate) type Kernel = fn(&[Arg], &Resolved, &EvalContext) -> ArrayRef;

/// A scalar function as a constant.
#[derive(Debug)]
pub(crate) struct Definition {
    name: &'static str,
    aliases: &'static [&'static str],
    resolve: Resolve,
    kernel: Kernel,
    deterministic: bool,
    cheap: bool,
    reads_geo_database: bool,
    results: &'static [(&'static str, Type)],
}

impl Definition {
    /// A function without aliases whose result depends on its arguments only.
    pub(crate) const fn new(name: &'static str, resolve: Resolve, kernel: Kernel) -> Self {
        Definition {
            name,
            aliases: &[],
            resolve,
            kernel,
            deterministic: true,
            cheap: false,
            reads_geo_database: false,
            results: &[],
        }
    }

    /// The same under more names.
    pub(crate) const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// It gives several columns: see [`ScalarFunction::results`].
    pub(crate) const fn results(mut self, results: &'static [(&'static str, Type)]) -> Self {
        self.results = results;
        self
    }

    /// The same arguments may give another result each time.
    pub(crate) const fn random(mut self) -> Self {
        self.deterministic = false;
        self
    }

    /// It costs a few nanoseconds a row.
    pub(crate) const fn cheap(mut self) -> Self {
        self.cheap = true;
        self
    }

    /// The result depends on the database of places, too.
    pub(crate) const fn reads_geo_database(mut self) -> Self {
        self.reads_geo_database = true;
        self
    }
}

impl ScalarFunction for Definition {
    fn name(&self) -> &'static str {
        self.name
    }

    fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    fn resolve(&self, args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
        (self.resolve)(args)
    }

    fn eval(&self, args: &[Arg], resolved: &Resolved, ctx: &EvalContext) -> ArrayRef {
        (self.kernel)(args, resolved, ctx)
    }

    fn results(&self) -> &'static [(&'static str, Type)] {
        self.results
    }

    fn is_cheap(&self) -> bool {
        self.cheap
    }

    fn is_deterministic(&self) -> bool {
        self.deterministic
    }

    fn reads_geo_database(&self) -> bool {
        self.reads_geo_database
    }
}
