//! What comes in beside requests, and how.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Bytes, ConfigError, Span};

/// The ways in.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct IngestionConfig {
    /// Whether rows that are over two days old or a day ahead get the time of their arrival, as in Azure Monitor. Files, Kusto ingestion and
    /// `_bulk` are taken as sent in any case.
    pub(crate) bound_times: bool,
}

impl Default for IngestionConfig {
    fn default() -> Self {
        Self { bound_times: true }
    }
}

/// Listeners for syslog, each an address and port; empty for none.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SyslogConfig {
    /// For datagrams.
    pub(crate) udp: String,
    /// For TCP.
    pub(crate) tcp: String,
    /// For TLS, with the certificate of `https`.
    pub(crate) tls: String,
    /// Open connections of TCP and TLS together.
    pub(crate) connections: usize,
    /// Longest message; the rest of a longer one is cut off.
    pub(crate) message: Bytes,
    /// Messages of one sender in a second; more are not read until the next (TCP, TLS) or dropped and counted (UDP).
    pub(crate) messages_per_second: u64,
    /// How long messages may wait for others to be stored together.
    pub(crate) batch_time: Span,
}

impl Default for SyslogConfig {
    fn default() -> Self {
        Self {
            udp: String::new(),
            tcp: String::new(),
            tls: String::new(),
            connections: 512,
            message: Bytes(64 << 10),
            messages_per_second: 50_000,
            batch_time: Span(std::time::Duration::from_millis(200)),
        }
    }
}

impl SyslogConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (place, address) in [("syslog.udp", &self.udp), ("syslog.tcp", &self.tcp), ("syslog.tls", &self.tls)] {
            super::http::check_address(place, address)?;
        }
        if self.connections == 0 || self.messages_per_second == 0 {
            return Err(ConfigError::new("syslog.connections", "`0` would let nobody in"));
        }
        const MOST_MESSAGE: u64 = 1 << 20;
        if !(480..=MOST_MESSAGE).contains(&self.message.0) {
            return Err(ConfigError::new(
                "syslog.message",
                format!("`{}` bytes are not between 480 and 1 MB", self.message.0),
            ));
        }
        Ok(())
    }
}

/// A folder whose files are read as they come.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FolderConfig {
    /// The folder. Names that begin with `.` or end with `.tmp` or `.part` are left alone until they are renamed.
    pub(crate) path: PathBuf,
    /// Where files are moved once they are read; they stay where this is absent.
    #[serde(default)]
    pub(crate) done: Option<PathBuf>,
    /// How long size and time must stay the same before a file counts as complete.
    #[serde(default = "settle_time")]
    pub(crate) settle: Span,
}

fn settle_time() -> Span {
    Span::seconds(5)
}

impl FolderConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for path in std::iter::once(&self.path).chain(&self.done) {
            if !path.is_dir() {
                return Err(ConfigError::new("folders.path", format!("no folder `{}`", path.display())));
            }
        }
        if self.done.as_ref().is_some_and(|done| done.starts_with(&self.path)) {
            return Err(ConfigError::new("folders.done", "lies in the folder that is watched"));
        }
        Ok(())
    }
}
