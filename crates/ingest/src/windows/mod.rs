//! Windows event logs: EVTX files, event XML, flat JSON as NXLog writes it, Winlogbeat documents, Azure diagnostics; into the tables
//! SecurityEvent and Event.
//!
//! Each envelope becomes a [`event::WindowsEvent`], and the tables are filled from that.

mod account;
mod azure_diagnostics;
mod binxml;
mod event;
mod event_table;
mod event_xml;
mod event_xml_decoder;
mod evtx;
mod evtx_json;
mod evtx_repair;
#[doc(hidden)]
pub mod fuzzing;
mod json_fields;
mod knowledge;
mod log_analytics;
mod nxlog;
mod read_xml;
mod security_event;
mod tables;
#[cfg(test)]
mod tests;
mod winlogbeat;
mod xml_tokens;

pub(crate) use binxml::EventFields;
pub use event_xml_decoder::EVENT_XML_FIELD;
pub use evtx::read_evtx;
pub use evtx_json::EVTX_FIELD;
pub(crate) use log_analytics::{each_event_data_field, table_of_row};

use crate::decoder::Decoder;

/// The decoders of Windows events, whatever envelope they come in.
pub fn decoders() -> Vec<Box<dyn Decoder>> {
    vec![
        Box::new(evtx_json::EvtxDecoder::new()),
        Box::new(nxlog::NxlogDecoder::new()),
        Box::new(winlogbeat::WinlogbeatDecoder::new()),
        Box::new(azure_diagnostics::AzureDiagnosticsDecoder::new()),
        Box::new(event_xml_decoder::EventXmlDecoder::new()),
    ]
}
