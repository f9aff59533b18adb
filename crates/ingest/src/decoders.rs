//! The decoders of all formats.

use schema::Table;

use crate::aws::CloudTrailDecoder;
use crate::cef::{CefDecoder, CefExportDecoder, ElasticCefDecoder};
use crate::decoder::Decoder;
use crate::log_analytics_export::LogAnalyticsExport;
use crate::office::UnifiedAuditDecoder;
use crate::syslog::SyslogDecoder;

/// All decoders, the most specific first.
pub(crate) fn all_decoders() -> Vec<Box<dyn Decoder>> {
    let mut decoders = crate::entra::decoders();
    decoders.push(Box::new(UnifiedAuditDecoder::new()));
    decoders.extend(crate::windows::decoders());
    decoders.push(Box::new(CefDecoder::new()));
    decoders.push(Box::new(ElasticCefDecoder::new()));
    decoders.push(Box::new(CefExportDecoder::new()));
    decoders.push(Box::new(CloudTrailDecoder::new()));
    decoders.extend(crate::directory::decoders());
    decoders.extend(crate::azure::decoders());
    decoders.push(Box::new(LogAnalyticsExport::new()));
    // Takes every line of syslog: decoders of particular lines come before it.
    decoders.push(Box::new(SyslogDecoder::new()));
    decoders
}

/// The decoder that puts any record into this table by the names of its fields.
pub(crate) fn decoders_into(table: &'static Table) -> Vec<Box<dyn Decoder>> {
    vec![Box::new(LogAnalyticsExport::into_table(table))]
}
