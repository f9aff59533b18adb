//! Alerts: `alerts_v2` of Graph, those of the incidents API by themselves, and those of Defender for Endpoint.

use super::alert_facts::AlertFacts;
use super::alert_rows::add_alert;
use super::loose::Loose;
use crate::decoder::{Decoder, Record, Reject};
use crate::rows::Rows;

/// Decodes alerts.
pub(super) struct AlertDecoder;

impl AlertDecoder {
    /// The decoder.
    pub fn new() -> Self {
        Self
    }
}

impl Decoder for AlertDecoder {
    fn format(&self) -> &'static str {
        "defender-alert"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        // Written alike in all forms, and looked for first because it is quick.
        if !object.has("severity") || !object.has("title") {
            return false;
        }
        let loose = Loose(object);
        let is_graph = || loose.has("createdDateTime") && loose.has("serviceSource") && loose.has("id");
        let is_incidents_api = || loose.has("alertId") && loose.has("creationTime") && loose.has("serviceSource");
        let is_endpoint = || loose.has("alertCreationTime") && loose.has("machineId") && loose.has("id");
        is_graph() || is_incidents_api() || is_endpoint()
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        add_alert(&mut AlertFacts::read(&record.object, None)?, rows);
        Ok(())
    }
}
