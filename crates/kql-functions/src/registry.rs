//! Look-up of functions by name, aliases included.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::{AggregateFunction, ScalarFunction, aggregates, scalar as scalars};

static SCALARS: LazyLock<HashMap<&'static str, &'static dyn ScalarFunction>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for function in scalars::functions() {
        for name in std::iter::once(function.name()).chain(function.aliases().iter().copied()) {
            names.insert(name, function);
        }
    }
    names
});

static AGGREGATES: LazyLock<HashMap<&'static str, &'static dyn AggregateFunction>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for function in aggregates::functions() {
        for name in std::iter::once(function.name()).chain(function.aliases().iter().copied()) {
            names.insert(name, function);
        }
    }
    names
});

/// The scalar function of a name, written exactly as in KQL.
pub fn scalar(name: &str) -> Option<&'static dyn ScalarFunction> {
    SCALARS.get(name).copied()
}

/// All names of scalar functions with aliases, sorted.
pub fn scalar_names() -> Vec<&'static str> {
    let mut names: Vec<_> = SCALARS.keys().copied().collect();
    names.sort_unstable();
    names
}

/// The aggregate of a name, written exactly as in KQL.
pub fn aggregate(name: &str) -> Option<&'static dyn AggregateFunction> {
    AGGREGATES.get(name).copied()
}

/// All names of aggregates with aliases, sorted.
pub fn aggregate_names() -> Vec<&'static str> {
    let mut names: Vec<_> = AGGREGATES.keys().copied().collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_functions_share_a_name() {
        let listed: usize = scalars::functions().iter().map(|f| 1 + f.aliases().len()).sum();
        assert_eq!(listed, scalar_names().len());
        let listed: usize = aggregates::functions().iter().map(|f| 1 + f.aliases().len()).sum();
        assert_eq!(listed, aggregate_names().len());
    }
}
