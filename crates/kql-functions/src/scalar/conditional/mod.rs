//! Choices between values.

mod case;
mod coalesce;
mod extremes;
mod iff;
mod not;
mod select;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![&case::CASE, &coalesce::COALESCE, &extremes::MAX_OF, &extremes::MIN_OF, &iff::IFF, &not::NOT]
}
