//! Conversion between units of measure.

mod convert;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    convert::FUNCTIONS.iter().map(|function| -> &'static dyn ScalarFunction { function }).collect()
}
