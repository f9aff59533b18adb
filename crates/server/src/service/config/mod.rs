//! The configuration: one TOML file, one struct a concern, checked before anything starts.
//!
//! Secrets never stand in the file: a [`Secret`] is `{ env = "NAME" }` or `{ file = "path" }`.
//!
//! To add a concern: a file here with a struct (`#[serde(default, deny_unknown_fields)]`, every key documented, a `check`), a field in
//! [`Config`], a section in `docs/serve.md`.

mod access;
mod database;
mod housekeeping;
mod http;
mod ingestion;
mod limits;
mod load;
mod log;
mod queries;
mod retention;
mod secret;
mod storage;
mod telemetry;
mod units;
mod workspace;

use serde::Deserialize;

use super::doors::RuleConfig;
pub(crate) use access::{AccessConfig, OidcConfig};
pub(crate) use database::DatabaseConfig;
pub(crate) use housekeeping::HousekeepingConfig;

pub(crate) use http::{HttpConfig, HttpsConfig};
pub(crate) use ingestion::{FolderConfig, IngestionConfig, SyslogConfig};
pub(crate) use limits::LimitsConfig;
pub(crate) use log::{LogConfig, LogForm};
pub(crate) use queries::{LEAST_QUERY_MEMORY, QueriesConfig};
pub(crate) use retention::RetentionConfig;
pub(crate) use secret::Secret;
pub(crate) use storage::StorageConfig;
pub(crate) use telemetry::TelemetryConfig;
pub(crate) use units::{Bytes, Span};
pub(crate) use workspace::WorkspaceConfig;

/// Why a configuration cannot be used: the key, its value, what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct ConfigError {
    /// The key, such as `https.certificate`, or the file where it cannot be read.
    pub place: String,
    /// What is wrong, with the value in backticks, and the hint on its own line.
    pub message: String,
}

impl ConfigError {
    pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

/// All of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the workspace lies.
    pub(crate) workspace: WorkspaceConfig,
    /// The state of the service.
    pub(crate) database: DatabaseConfig,
    /// Signing in.
    pub(crate) access: AccessConfig,
    /// Plain HTTP.
    pub(crate) http: HttpConfig,
    /// HTTP over TLS.
    pub(crate) https: HttpsConfig,
    /// What callers may use up.
    pub(crate) limits: LimitsConfig,
    /// What the service does to its workspace by itself.
    pub(crate) housekeeping: HousekeepingConfig,
    /// How long tables keep their rows.
    pub(crate) retention: RetentionConfig,
    /// How rows that come in are kept.
    pub(crate) storage: StorageConfig,
    /// How what comes in is taken.
    pub(crate) ingestion: IngestionConfig,
    /// Data collection rules, beside those made through the service.
    #[serde(rename = "data_collection_rules")]
    pub(crate) rules: Vec<RuleConfig>,
    /// Listeners for syslog.
    pub(crate) syslog: SyslogConfig,
    /// Folders whose files are read as they come.
    pub(crate) folders: Vec<FolderConfig>,
    /// How queries are run.
    pub(crate) queries: QueriesConfig,
    /// Logs of the service itself.
    pub(crate) log: LogConfig,
    /// Traces.
    pub(crate) telemetry: TelemetryConfig,
}

impl Config {
    /// Checks what the types do not: values, files, combinations.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.http.check()?;
        self.https.check()?;
        if self.http.listen.is_empty() && self.https.listen.is_empty() {
            return Err(ConfigError::new("http.listen", "neither `http.listen` nor `https.listen` has an address"));
        }
        self.workspace.check()?;
        self.access.check()?;
        self.limits.check()?;
        self.housekeeping.check()?;
        self.retention.check()?;
        self.storage.check()?;
        self.syslog.check()?;
        for folder in &self.folders {
            folder.check()?;
        }
        for rule in &self.rules {
            let named = || format!("data_collection_rules.{}", rule.name);
            rule.rule().map_err(|reason| ConfigError::new(named(), reason))?;
        }
        if !self.syslog.tls.is_empty() && self.https.certificate.as_os_str().is_empty() {
            let hint = "`vedette tls init` makes a certificate and its key";
            return Err(ConfigError::new(
                "syslog.tls",
                format!("needs `https.certificate` and `https.key`\nhint: {hint}"),
            ));
        }
        self.queries.check(self.limits.query_memory.0)?;
        self.telemetry.check()
    }
}
