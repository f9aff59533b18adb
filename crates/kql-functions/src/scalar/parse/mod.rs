//! Texts of known formats as dynamics.

mod command_line;
mod csv;
mod path;
mod url;
mod user_agent;
mod user_agent_patterns;
mod xml;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![
        &command_line::PARSE_COMMAND_LINE,
        &csv::PARSE_CSV,
        &path::PARSE_PATH,
        &url::PARSE_URL,
        &url::PARSE_URLQUERY,
        &user_agent::PARSE_USER_AGENT,
        &xml::PARSE_XML,
    ]
}
