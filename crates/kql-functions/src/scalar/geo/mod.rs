//! Distances on Earth.

mod distance;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![&distance::GEO_DISTANCE_2POINTS]
}
