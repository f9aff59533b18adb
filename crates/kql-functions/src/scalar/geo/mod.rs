//! Places and shapes on Earth.

mod distance;
mod info;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![&distance::GEO_DISTANCE_2POINTS, &info::GEO_INFO_FROM_IP_ADDRESS]
}
