//! Scalar functions: a folder per family.

use crate::ScalarFunction;

/// All scalar functions.
pub(crate) fn functions() -> Vec<&'static dyn ScalarFunction> {
    Vec::new()
}
