//! The decoders of all formats.

use schema::Table;

use crate::aws::CloudTrailDecoder;
use crate::cef::{CefDecoder, CefExportDecoder, ElasticCefDecoder};
use crate::custom::CustomExport;
use crate::decoder::Decoder;
use crate::log_analytics_export::LogAnalyticsExport;
use crate::office::{CloudAppsAlertDecoder, ExchangeReportDecoder, StateReportDecoder, UnifiedAuditDecoder};
use crate::syslog::SyslogDecoder;

/// All decoders, the most specific first.
pub(crate) fn all_decoders() -> Vec<Box<dyn Decoder>> {
    let mut decoders = crate::defender::envelope_decoders();
    decoders.extend(crate::entra::decoders());
    decoders.push(Box::new(CloudAppsAlertDecoder::new()));
    decoders.push(Box::new(UnifiedAuditDecoder::new()));
    decoders.push(Box::new(ExchangeReportDecoder::new()));
    decoders.push(Box::new(StateReportDecoder::new()));
    decoders.extend(crate::windows::decoders());
    decoders.push(Box::new(CefDecoder::new()));
    decoders.push(Box::new(ElasticCefDecoder::new()));
    decoders.push(Box::new(CefExportDecoder::new()));
    decoders.push(Box::new(CloudTrailDecoder::new()));
    decoders.extend(crate::directory::decoders());
    decoders.extend(crate::azure::decoders());
    decoders.extend(crate::defender::alert_decoders());
    decoders.push(Box::new(LogAnalyticsExport::new()));
    decoders.push(Box::new(CustomExport::new()));
    decoders.push(crate::defender::row_decoder());
    // Takes every line of syslog: decoders of particular lines come before it.
    decoders.push(Box::new(SyslogDecoder::new()));
    decoders
}

/// The decoder that puts any record into this table by the names of its fields.
pub(crate) fn decoders_into(table: &'static Table) -> Vec<Box<dyn Decoder>> {
    if table.is_custom() {
        return vec![Box::new(CustomExport::into_table(&table.name))];
    }
    vec![Box::new(LogAnalyticsExport::into_table(table))]
}
