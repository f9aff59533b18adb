//! What fuzz targets call: every reader of what clients send.

use crate::graph::HuntingRequest;
use crate::kusto::{KustoRequest, MappingKind, parse_command, parse_mapping};
use crate::log_analytics::{LogAnalyticsRequest, Prefer, parse_batch};
use crate::timespan::parse_range;

/// Reads any bytes as each kind of request.
pub fn fuzz_requests(bytes: &[u8]) {
    let _ = KustoRequest::parse(bytes);
    let _ = LogAnalyticsRequest::parse(bytes);
    let _ = parse_batch(bytes);
    let _ = HuntingRequest::parse(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = parse_command(text);
        let _ = parse_mapping(MappingKind::Json, text);
        let _ = parse_mapping(MappingKind::Csv, text);
        let _ = parse_range(text, 0);
        let _ = Prefer::parse([text]);
    }
}
