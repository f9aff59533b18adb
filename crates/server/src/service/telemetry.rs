//! Logs and traces of the service itself.

use std::io::IsTerminal;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use super::config::{Config, ConfigError, LogForm};

/// Crates whose lines are the service's own.
const OURS: [&str; 7] = ["access", "database", "ingest", "kql_engine", "server", "storage", "vedette"];

/// What must be ended with the service, so that the last traces are sent.
pub(crate) struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Sets up logs and traces for the process. Where somebody did so before, that stays.
    pub(crate) fn start(config: &Config) -> Result<Self, ConfigError> {
        let filter = EnvFilter::try_new(directives(&config.log.level))
            .map_err(|error| ConfigError::new("log.level", format!("`{}`: {error}", config.log.level)))?;
        let is_terminal = std::io::stderr().is_terminal();
        let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(is_terminal);
        let lines = match config.log.form {
            LogForm::Text => lines.with_target(false).boxed(),
            LogForm::Json => lines.json().flatten_event(true).boxed(),
        };
        let traces = config.telemetry.otlp_traces.as_deref().map(traces_to).transpose()?;
        let spans = traces.as_ref().map(|traces| tracing_opentelemetry::layer().with_tracer(traces.tracer("vedette")));
        let _ = tracing_subscriber::registry().with(filter).with(lines).with(spans).try_init();
        Ok(Self { traces })
    }

    /// Sends what waits. Blocks.
    pub(crate) fn end(self) {
        if let Some(traces) = self.traces
            && let Err(error) = traces.shutdown()
        {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// A bare level is that of our own crates; libraries say what is wrong only.
fn directives(level: &str) -> String {
    if level.contains(['=', ',']) {
        return level.to_owned();
    }
    OURS.iter().fold("warn".to_owned(), |all, name| format!("{all},{name}={level}"))
}

fn traces_to(endpoint: &str) -> Result<SdkTracerProvider, ConfigError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(endpoint)
        .build()
        .map_err(|error| ConfigError::new("telemetry.otlp_traces", format!("`{endpoint}`: {error}")))?;
    let resource = Resource::builder().with_service_name("vedette").build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_level_is_ours_and_directives_stay() {
        assert!(directives("debug").starts_with("warn,access=debug,"));
        assert_eq!(directives("info,server=debug"), "info,server=debug");
        assert!(EnvFilter::try_new(directives("loud")).is_err());
    }
}
