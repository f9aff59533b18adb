//! Windows event logs: EVTX files, flat JSON as NXLog writes it, Winlogbeat documents; into the tables SecurityEvent and Event.
//!
//! Each envelope becomes a [`event::WindowsEvent`], and the tables are filled from that.

mod account;
mod event;
mod event_table;
mod event_xml;
mod evtx;
mod evtx_json;
mod evtx_names;
mod evtx_repair;
#[doc(hidden)]
pub mod fuzzing;
mod json_fields;
mod knowledge;
mod nxlog;
mod security_event;
mod tables;
#[cfg(test)]
mod tests;
mod winlogbeat;

pub use evtx::read_evtx;

use crate::decoder::Decoder;

/// The decoders of Windows events, whatever envelope they come in.
pub fn decoders() -> Vec<Box<dyn Decoder>> {
    vec![
        Box::new(evtx_json::EvtxDecoder::new()),
        Box::new(nxlog::NxlogDecoder::new()),
        Box::new(winlogbeat::WinlogbeatDecoder::new()),
    ]
}
