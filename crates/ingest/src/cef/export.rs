//! Rows of `CommonSecurityLog` from Log Analytics that hold alerts of identity products.

use std::borrow::Cow;

use crate::cef::alert::AlertSource;
use crate::cef::alert_rows::write_alert;
use crate::cef::event::CefEvent;
use crate::decoder::{Decoder, Record, Reject};
use crate::json::JsonObject;
use crate::log_analytics_export::LogAnalyticsExport;
use crate::rows::Rows;
use crate::time::parse_time;

/// Suffix that the portal adds to the names of time columns.
const TIME_SUFFIX: &str = " [UTC]";

/// The column of the row's time.
pub(super) const TIME_COLUMN: &str = "TimeGenerated";

/// Columns with the keys of CEF that alerts are made of.
const KEYS: [(&str, &str); 27] = [
    (TIME_COLUMN, TIME_COLUMN),
    ("ExtID", "externalId"),
    ("ExternalID", "externalId"),
    ("Message", "msg"),
    ("StartTime", "start"),
    ("EndTime", "end"),
    ("SourceUserName", "suser"),
    ("SourceHostName", "shost"),
    ("SourceIP", "src"),
    ("DestinationUserName", "duser"),
    ("DestinationHostName", "dhost"),
    ("DestinationIP", "dst"),
    ("DeviceAddress", "dvc"),
    ("DestinationServiceName", "destinationServiceName"),
    ("ApplicationProtocol", "app"),
    ("EventOutcome", "outcome"),
    ("EventCount", "cnt"),
    ("DeviceCustomIPv6Address1", "c6a1"),
    ("DeviceCustomIPv6Address2", "c6a2"),
    ("DeviceCustomString1", "cs1"),
    ("DeviceCustomString1Label", "cs1Label"),
    ("DeviceCustomString2", "cs2"),
    ("DeviceCustomString2Label", "cs2Label"),
    ("DeviceCustomString3", "cs3"),
    ("DeviceCustomString3Label", "cs3Label"),
    ("DeviceCustomString4", "cs4"),
    ("DeviceCustomString4Label", "cs4Label"),
];

/// Values of cells that say nothing: absent numbers and times of exports.
const ABSENT: [&str; 3] = ["null", "0.0.0.0", "1/1/1970, 12:00:00.000 AM"];

/// Decodes exported rows of identity products' alerts: the row as it is, and the alert's own rows.
pub struct CefExportDecoder {
    rows: LogAnalyticsExport,
}

impl CefExportDecoder {
    /// The decoder.
    pub fn new() -> Self {
        let table = schema::table("CommonSecurityLog").expect("a built-in table");
        Self { rows: LogAnalyticsExport::into_table(table) }
    }
}

impl Default for CefExportDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for CefExportDecoder {
    fn format(&self) -> &'static str {
        "log-analytics-export"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let text = |name: &str| record.object.get_str(name);
        text("DeviceVendor").zip(text("DeviceProduct")).is_some_and(|(vendor, product)| {
            AlertSource::find(&vendor, &product).is_some() && record.object.has("DeviceEventClassID")
        })
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        self.rows.decode(record, rows)?;
        let event = event_of(&record.object);
        if let Some(time) = event.get(TIME_COLUMN).and_then(parse_time) {
            write_alert(&event, time, Some(time), rows);
        }
        Ok(())
    }
}

/// The event that the row was made of, as far as an alert needs it.
fn event_of<'r>(object: &'r JsonObject<'_>) -> CefEvent<'r> {
    let text = |name: &str| {
        let value = object.get(name).or_else(|| object.get(&format!("{name}{TIME_SUFFIX}")));
        value.map(|value| value.to_text()).unwrap_or_default()
    };
    let keys = KEYS.iter().map(|(column, key)| (Cow::Borrowed(*key), text(column)));
    CefEvent {
        vendor: text("DeviceVendor"),
        product: text("DeviceProduct"),
        version: text("DeviceVersion"),
        class: text("DeviceEventClassID"),
        name: text("Activity"),
        severity: text("LogSeverity"),
        extension: keys.filter(|(_, value)| !value.is_empty() && !ABSENT.contains(&value.as_ref())).collect(),
    }
}
