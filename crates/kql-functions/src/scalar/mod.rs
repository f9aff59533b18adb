//! Scalar functions: a folder per family, each listing its own.

mod binary;
mod conditional;
mod conversion;
mod datetime;
mod dynamic;
mod encoding;
mod geo;
mod hash;
mod ip;
mod math;
mod parse;
mod series;
mod sketch;
mod string;
#[cfg(test)]
mod testing;
mod unit;

pub use datetime::period_lengths;
pub use ip::Network;
pub use series::{SeriesNumbers, series_as_json};

use crate::ScalarFunction;

/// All scalar functions.
pub(crate) fn functions() -> Vec<&'static dyn ScalarFunction> {
    [
        binary::functions(),
        conditional::functions(),
        conversion::functions(),
        datetime::functions(),
        dynamic::functions(),
        encoding::functions(),
        geo::functions(),
        hash::functions(),
        ip::functions(),
        math::functions(),
        parse::functions(),
        series::functions(),
        sketch::functions(),
        string::functions(),
        unit::functions(),
    ]
    .concat()
}
