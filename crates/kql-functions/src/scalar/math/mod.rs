//! Numbers.

mod around;
mod beta;
mod bin;
mod classify;
mod random;
mod real;
mod round;
mod sign;
mod welch;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    let mut functions: Vec<&'static dyn ScalarFunction> = vec![
        &around::AROUND,
        &beta::BETA_CDF,
        &beta::BETA_INV,
        &beta::BETA_PDF,
        &bin::BIN,
        &bin::BIN_AT,
        &classify::ISNAN,
        &classify::ISINF,
        &classify::ISFINITE,
        &random::RAND,
        &random::NEW_GUID,
        &real::POW,
        &real::ATAN2,
        &real::PI,
        &round::ROUND,
        &round::CEILING,
        &sign::ABS,
        &sign::SIGN,
        &welch::WELCH_TEST,
    ];
    functions.extend(real::UNARY.iter().map(|function| -> &'static dyn ScalarFunction { function }));
    functions
}
