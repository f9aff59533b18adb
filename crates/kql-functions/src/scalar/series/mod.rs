//! Series: dynamic arrays of numbers at equal steps, such as `make-series` gives.

mod decompose;
mod elementwise;
mod fill;
mod filter;
mod fit_2lines;
mod fit_line;
mod fit_poly;
mod fourier;
mod lists;
mod outliers;
mod periods;
mod reduce;
mod seasonal;
mod statistics;
mod transform;
mod values;

use crate::ScalarFunction;

pub use lists::{SeriesNumbers, series_as_json};

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    let mut functions: Vec<&'static dyn ScalarFunction> = vec![
        &decompose::SERIES_DECOMPOSE,
        &decompose::SERIES_DECOMPOSE_ANOMALIES,
        &decompose::SERIES_DECOMPOSE_FORECAST,
        &elementwise::SERIES_ABS,
        &elementwise::SERIES_CEILING,
        &elementwise::SERIES_FLOOR,
        &elementwise::SERIES_SIGN,
        &fill::SERIES_FILL_BACKWARD,
        &fill::SERIES_FILL_CONST,
        &fill::SERIES_FILL_FORWARD,
        &fill::SERIES_FILL_LINEAR,
        &filter::SERIES_FIR,
        &filter::SERIES_IIR,
        &fit_2lines::SERIES_FIT_2LINES,
        &fit_2lines::SERIES_FIT_2LINES_DYNAMIC,
        &fit_line::SERIES_FIT_LINE,
        &fit_line::SERIES_FIT_LINE_DYNAMIC,
        &fit_poly::SERIES_FIT_POLY,
        &fourier::SERIES_FFT,
        &fourier::SERIES_IFFT,
        &outliers::SERIES_OUTLIERS,
        &periods::SERIES_PERIODS_DETECT,
        &periods::SERIES_PERIODS_VALIDATE,
        &reduce::SERIES_COSINE_SIMILARITY,
        &reduce::SERIES_DOT_PRODUCT,
        &reduce::SERIES_MAGNITUDE,
        &reduce::SERIES_PEARSON_CORRELATION,
        &reduce::SERIES_PRODUCT,
        &reduce::SERIES_SUM,
        &seasonal::SERIES_SEASONAL,
        &statistics::SERIES_STATS,
        &statistics::SERIES_STATS_DYNAMIC,
    ];
    functions.extend(elementwise::UNARY.iter().map(|function| function as &dyn ScalarFunction));
    functions.extend(elementwise::BINARY.iter().map(|function| function as &dyn ScalarFunction));
    functions
}
