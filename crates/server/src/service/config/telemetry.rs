//! Traces.

use serde::Deserialize;

use super::ConfigError;

/// Where traces go.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TelemetryConfig {
    /// An OTLP/HTTP endpoint for traces, such as `http://127.0.0.1:4318/v1/traces`; none where it is absent.
    pub(crate) otlp_traces: Option<String>,
}

impl TelemetryConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match &self.otlp_traces {
            Some(url) if url::Url::parse(url).is_err() => {
                Err(ConfigError::new("telemetry.otlp_traces", format!("`{url}` is no address")))
            }
            _ => Ok(()),
        }
    }
}
