//! Microsoft Defender and Sentinel: advanced hunting, alerts and incidents; Intune.
//!
//! | module | concept |
//! |---|---|
//! | `streaming` | records of the streaming API, `AdvancedHunting-TABLE` |
//! | `hunting_rows`, `action_types` | rows of hunting results, whose table is told by their columns |
//! | `hunting_table` | the columns of a table of advanced hunting |
//! | `alert` | alerts of Graph, the incidents API and Defender for Endpoint |
//! | `incident` | incidents of Graph, the incidents API and Sentinel, with the alerts in them |
//! | `alert_facts`, `alert_rows` | what an alert says, and its rows in `SecurityAlert`, `AlertInfo` and `AlertEvidence` |
//! | `evidence`, `evidence_shapes`, `entity_list` | what an alert is about, and `SecurityAlert.Entities` |
//! | `product` | names of products |
//! | `intune` | audit and operational logs of Intune |
//! | `loose` | fields in camel case, Pascal case or with underscores |

mod action_types;
mod alert;
mod alert_facts;
mod alert_rows;
mod entity_list;
mod evidence;
mod evidence_shapes;
mod hunting_rows;
mod hunting_table;
mod incident;
mod intune;
mod loose;
mod product;
mod streaming;

use crate::decoder::Decoder;

/// The decoders of records in envelopes; asked before those of Entra, whose envelope is the same.
pub(crate) fn envelope_decoders() -> Vec<Box<dyn Decoder>> {
    vec![Box::new(streaming::StreamingDecoder::new()), Box::new(intune::IntuneDecoder::new())]
}

/// The decoders of alerts and incidents.
pub(crate) fn alert_decoders() -> Vec<Box<dyn Decoder>> {
    vec![Box::new(incident::IncidentDecoder::new()), Box::new(alert::AlertDecoder::new())]
}

/// The decoder of bare rows; asked last, because it goes by names of columns alone.
pub(crate) fn row_decoder() -> Box<dyn Decoder> {
    Box::new(hunting_rows::HuntingRowDecoder::new())
}
