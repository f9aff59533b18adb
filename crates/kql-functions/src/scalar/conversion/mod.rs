//! Conversions between types by name.

mod cast;
mod gettype;
mod parse_json;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![
        &cast::TOSTRING,
        &cast::TOBOOL,
        &cast::TOINT,
        &cast::TOLONG,
        &cast::TOREAL,
        &cast::TODECIMAL,
        &cast::TODATETIME,
        &cast::TOTIMESPAN,
        &cast::TOGUID,
        &gettype::GETTYPE,
        &parse_json::PARSE_JSON,
    ]
}
