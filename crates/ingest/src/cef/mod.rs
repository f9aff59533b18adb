//! CEF, the Common Event Format, and the alerts of Defender for Identity, Advanced Threat Analytics and Defender for Cloud Apps that
//! come in it.

mod alert;
mod alert_entities;
mod alert_knowledge;
mod alert_rows;
mod columns;
mod decoder;
mod event;
mod export;
mod rows;
mod text;
mod time;

pub(crate) use alert_rows::write_alert;
pub use decoder::{CefDecoder, ElasticCefDecoder};
pub(crate) use event::CefEvent;
pub use export::CefExportDecoder;
pub use text::CefText;
