//! What callers may use up.

use serde::Deserialize;

use super::{Bytes, ConfigError, Span};

/// Bounds of the service as a whole. More is refused with 429 or 503, never queued without end.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LimitsConfig {
    /// Open connections.
    pub(crate) connections: usize,
    /// Open connections of one address.
    pub(crate) connections_per_address: usize,
    /// Time for a request's headers to come; also how long an idle connection is kept.
    pub(crate) header_time: Span,
    /// Time that any body has to come, however small; beyond it a pace is asked for.
    pub(crate) body_time: Span,
    /// Time in which a client must take some of its answer.
    pub(crate) write_time: Span,
    /// Bodies in memory at a time, all requests together.
    pub(crate) body_memory: Bytes,
    /// Memory of all queries together.
    pub(crate) query_memory: Bytes,
    /// How long requests may finish after the service was told to stop.
    pub(crate) drain_time: Span,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            connections: 1024,
            connections_per_address: 256,
            header_time: Span::seconds(75),
            body_time: Span::seconds(20),
            write_time: Span::seconds(60),
            body_memory: Bytes(256 << 20),
            query_memory: Bytes(2 << 30),
            drain_time: Span::seconds(30),
        }
    }
}

impl LimitsConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let milliseconds = |span: Span| u64::try_from(span.0.as_millis()).unwrap_or(u64::MAX);
        for (place, value) in [
            ("limits.connections", self.connections as u64),
            ("limits.connections_per_address", self.connections_per_address as u64),
            ("limits.header_time", milliseconds(self.header_time)),
            ("limits.body_time", milliseconds(self.body_time)),
            ("limits.write_time", milliseconds(self.write_time)),
        ] {
            if value == 0 {
                return Err(ConfigError::new(place, "`0` would let nobody in"));
            }
        }
        // A body of the largest kind must fit.
        const LEAST_BODY_MEMORY: u64 = 64 << 20;
        if self.body_memory.0 < LEAST_BODY_MEMORY {
            let least = LEAST_BODY_MEMORY >> 20;
            return Err(ConfigError::new(
                "limits.body_memory",
                format!("`{}` bytes are less than {least} MB", self.body_memory.0),
            ));
        }
        Ok(())
    }
}
