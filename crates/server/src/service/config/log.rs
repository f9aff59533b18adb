//! Logs of the service itself.

use serde::Deserialize;

/// What the service says on standard error.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogConfig {
    /// `text` for people, `json` for collectors.
    pub(crate) form: LogForm,
    /// `error`, `warn`, `info`, `debug` or `trace` of our own crates; or directives of `tracing` for all, such as `info,server=debug`.
    pub(crate) level: String,
}

/// A form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogForm {
    /// For people.
    Text,
    /// An object a line.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { form: LogForm::Text, level: "info".to_owned() }
    }
}
