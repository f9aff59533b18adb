//! The one shape of a scalar function in this crate: a name, a signature and a kernel.

use arrow::array::ArrayRef;

use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, ScalarFunction, SeriesNumbers, Type};

/// Matches arguments with a signature.
pub(crate) type Resolve = fn(&[ArgumentInfo]) -> Result<Resolved, FunctionError>;

/// Computes a result.
pub(crate) type Kernel = fn(&[Arg], &Resolved, &EvalContext) -> ArrayRef;

/// Computes several results as lists of numbers.
pub(crate) type SeriesKernel = fn(&[Arg], &EvalContext) -> Vec<ArrayRef>;

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
    takes_series: bool,
    series: Option<(&'static [SeriesNumbers], SeriesKernel)>,
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
            takes_series: false,
            series: None,
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

    /// Its first argument may be a series: see [`ScalarFunction::takes_series`].
    pub(crate) const fn of_series(mut self) -> Self {
        self.takes_series = true;
        self
    }

    /// All its results may be series: see [`ScalarFunction::series_results`].
    pub(crate) const fn series(mut self, numbers: &'static [SeriesNumbers], kernel: SeriesKernel) -> Self {
        self.series = Some((numbers, kernel));
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

    fn takes_series(&self) -> bool {
        self.takes_series
    }

    fn series_results(&self) -> &'static [SeriesNumbers] {
        self.series.map_or(&[], |(numbers, _)| numbers)
    }

    fn eval_series(&self, args: &[Arg], ctx: &EvalContext) -> Vec<ArrayRef> {
        self.series.map_or_else(Vec::new, |(_, kernel)| kernel(args, ctx))
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
