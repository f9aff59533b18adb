//! Alerts of Microsoft's identity products in CEF: which events are alerts, and what they say.

use chrono::{DateTime, Utc};
use schema::Severity;

use crate::cef::alert_entities::{AlertEntity, entities_of};
use crate::cef::alert_knowledge::KnownAlert;
use crate::cef::event::CefEvent;
use crate::cef::export::TIME_COLUMN;
use crate::cef::time::time_of;
use crate::hash::guid_of;
use crate::json::quote;
use crate::limits::ALERT_LABELS;

/// A product whose alerts come in CEF.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AlertSource {
    vendor: &'static str,
    product: &'static str,
    /// `ProviderName` of its rows in `SecurityAlert`.
    pub provider_name: &'static str,
    /// `ProductName` there.
    pub product_name: &'static str,
    /// `ServiceSource` and `DetectionSource` of its rows in `AlertInfo`.
    pub service_source: &'static str,
    /// Before the product's own id in `AlertId`.
    id_prefix: &'static str,
    /// Label of the custom string with the link to the alert.
    link_label: &'static str,
}

/// The products. Names as Sentinel and Defender write them; Advanced Threat Analytics has no connector there, so its own name stands.
const SOURCES: [AlertSource; 3] = [
    AlertSource {
        vendor: "Microsoft",
        product: "Azure ATP",
        provider_name: "Azure Advanced Threat Protection",
        product_name: "Azure Advanced Threat Protection",
        service_source: "Microsoft Defender for Identity",
        id_prefix: "aa",
        link_label: "url",
    },
    AlertSource {
        vendor: "Microsoft",
        product: "ATA",
        provider_name: "Advanced Threat Analytics",
        product_name: "Advanced Threat Analytics",
        service_source: "Advanced Threat Analytics",
        id_prefix: "",
        link_label: "url",
    },
    AlertSource {
        vendor: "MCAS",
        product: "SIEM_Agent",
        provider_name: "MCAS",
        product_name: "Microsoft Cloud App Security",
        service_source: "Microsoft Defender for Cloud Apps",
        id_prefix: "ca",
        link_label: "portalURL",
    },
];

/// Ends of the classes of security alerts; health alerts end otherwise (`MonitoringAlert`).
const ALERT_SUFFIXES: [&str; 2] = ["SecurityAlert", "SuspiciousActivity"];

/// Start of the classes of Defender for Cloud Apps' alerts; its activities start with `EVENT_`.
const CLOUD_APPS_ALERT_PREFIX: &str = "ALERT_";

/// Custom strings of CEF that may have a label.
const LABELLED_KEYS: [&str; 9] = ["cs1", "cs2", "cs3", "cs4", "cs5", "cs6", "cn1", "cn2", "cn3"];

impl AlertSource {
    /// The product of this vendor and name.
    pub fn find(vendor: &str, product: &str) -> Option<&'static Self> {
        SOURCES.iter().find(|source| source.vendor == vendor && source.product == product)
    }

    fn is_alert(&self, class: &str) -> bool {
        if self.vendor == "MCAS" {
            class.starts_with(CLOUD_APPS_ALERT_PREFIX)
        } else {
            ALERT_SUFFIXES.iter().any(|suffix| class.ends_with(suffix))
        }
    }
}

/// An alert, ready to be written to rows.
pub(super) struct IdentityAlert<'e> {
    pub source: &'static AlertSource,
    /// `SystemAlertId`: the same whenever the product sends the alert.
    pub system_id: String,
    /// The product's own id; empty where it gives none.
    pub vendor_id: &'e str,
    /// `AlertId` of the Defender tables.
    pub alert_id: String,
    pub name: &'e str,
    pub class: &'e str,
    pub severity: Severity,
    pub description: &'e str,
    pub link: &'e str,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub generated: DateTime<Utc>,
    pub known: KnownAlert,
    pub entities: Vec<AlertEntity>,
    /// The rest of the extension as a JSON object.
    pub properties: String,
}

impl<'e> IdentityAlert<'e> {
    /// The alert that the event is, if it is one. `time` is the event's, `sent` when its carrier was sent.
    pub fn of(
        event: &'e CefEvent,
        time: DateTime<Utc>,
        sent: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let source = AlertSource::find(&event.vendor, &event.product).filter(|source| source.is_alert(&event.class))?;
        let link = labelled(event, source.link_label).unwrap_or_default();
        let external_id = event.get("externalId").unwrap_or_default();
        let vendor_id = if source.vendor == "MCAS" { external_id } else { id_in_link(link, source.id_prefix) };
        let identity = if vendor_id.is_empty() {
            let of = |key: &str| event.get(key).unwrap_or_default();
            [&event.class, external_id, of("start"), of("suser"), of("shost"), of("msg")].join("|")
        } else {
            vendor_id.to_owned()
        };
        let system_id = if is_guid(vendor_id) {
            vendor_id.to_ascii_lowercase()
        } else {
            guid_of(&format!("{}|{identity}", source.provider_name))
        };
        let alert_id = if vendor_id.is_empty() { &system_id } else { vendor_id };
        let start = time_of(event, &["start", "startTime"], now).unwrap_or(time);
        Some(Self {
            source,
            alert_id: format!("{}{alert_id}", source.id_prefix),
            system_id,
            vendor_id,
            name: &event.name,
            class: &event.class,
            severity: severity_of(&event.severity),
            description: event.get("msg").unwrap_or_default(),
            link,
            start,
            end: time_of(event, &["end", "endTime"], now).unwrap_or(start),
            generated: sent.unwrap_or(time),
            known: KnownAlert::find(external_id, &event.class).unwrap_or_default(),
            entities: entities_of(event),
            properties: properties_of(event),
        })
    }
}

/// The custom string of this label.
pub(super) fn labelled<'e>(event: &'e CefEvent, label: &str) -> Option<&'e str> {
    let key = LABELLED_KEYS.iter().find(|key| event.get(&format!("{key}Label")) == Some(label))?;
    event.get(key)
}

/// The id at the end of a link to an alert: `…/alerts/aa1d6b…`, `…/suspiciousActivity/5c11…`.
fn id_in_link<'e>(link: &'e str, prefix: &str) -> &'e str {
    let has_id = ["/alerts/", "/suspiciousActivity/", "/securityAlert/"].iter().any(|part| link.contains(part));
    let last = link.rsplit('/').next().filter(|_| has_id).unwrap_or_default();
    let last = last.split(['?', '&', '#']).next().unwrap_or_default();
    last.strip_prefix(prefix).unwrap_or(last)
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The severity of CEF's scale: the sensors send 3 for low, 5 for medium, 10 for high.
fn severity_of(text: &str) -> Severity {
    match text.trim().parse::<f64>() {
        Ok(number) if number > 6.0 => Severity::High,
        Ok(number) if number > 3.0 => Severity::Medium,
        Ok(_) => Severity::Low,
        Err(_) if text.ends_with("igh") => Severity::High,
        Err(_) if text.eq_ignore_ascii_case("medium") => Severity::Medium,
        Err(_) if text.starts_with("Info") => Severity::Informational,
        Err(_) => Severity::Low,
    }
}

/// The extension as a JSON object, custom fields under their labels, without the message and empty values.
fn properties_of(event: &CefEvent) -> String {
    let labels: Vec<(&str, &str)> = event
        .extension
        .iter()
        .filter_map(|(key, value)| Some((key.strip_suffix("Label")?, value.as_ref())))
        .filter(|(_, label)| !label.is_empty())
        .take(ALERT_LABELS)
        .collect();
    let mut json = String::from("{");
    for (key, value) in &event.extension {
        if value.is_empty() || key == "msg" || key == TIME_COLUMN || key.ends_with("Label") {
            continue;
        }
        let label = labels.iter().find(|(labelled, _)| labelled == key).map(|(_, label)| *label);
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&quote(label.unwrap_or(key)));
        json.push(':');
        json.push_str(&quote(value));
    }
    json.push('}');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert_of(fields: &str) -> Option<(String, String, Severity)> {
        let event = CefEvent::parse(fields).unwrap();
        let alert = IdentityAlert::of(&event, DateTime::UNIX_EPOCH, None, DateTime::UNIX_EPOCH)?;
        Some((alert.system_id, alert.alert_id, alert.severity))
    }

    #[test]
    fn the_id_is_that_of_the_product_and_stays() {
        let fields = r"Microsoft|Azure ATP|2|BruteForceSecurityAlert|Title|5|start=2024-01-01T00:00:00Z cs1Label=url cs1=https\://security.microsoft.com/alerts/aaeb6a35da-ff7f-4ab5-a1b5-a07529a89e6d";
        let guid = "eb6a35da-ff7f-4ab5-a1b5-a07529a89e6d";
        assert_eq!(alert_of(fields), Some((guid.to_owned(), format!("aa{guid}"), Severity::Medium)));
        let fields = "MCAS|SIEM_Agent|1|ALERT_CABINET_EVENT_MATCH_AUDIT|policy|3|externalId=596a7e36";
        let (system_id, alert_id, severity) = alert_of(fields).unwrap();
        assert_eq!((alert_id.as_str(), severity), ("ca596a7e36", Severity::Low));
        assert_eq!(alert_of(&fields.replace("policy", "other name")).unwrap().0, system_id);
        assert_ne!(alert_of(&fields.replace("596a7e36", "596a7e37")).unwrap().0, system_id);
    }

    #[test]
    fn an_alert_without_an_id_is_identified_by_what_it_says() {
        let fields = "Microsoft|ATA|1|GoldenTicketSuspiciousActivity|Title|10|suser=alice start=2024-01-01T00:00:00Z";
        let (system_id, alert_id, severity) = alert_of(fields).unwrap();
        assert_eq!((alert_id.as_str(), severity), (system_id.as_str(), Severity::High));
        assert_ne!(alert_of(&fields.replace("alice", "bob")).unwrap().0, system_id);
    }

    #[test]
    fn health_alerts_and_activities_are_no_alerts() {
        for fields in [
            "Microsoft|ATA|1|GatewayStartFailureMonitoringAlert|x|5|externalId=1018",
            "MCAS|SIEM_Agent|1|EVENT_CATEGORY_LOGIN|Log in|0|externalId=1",
            "Contoso|Azure ATP|1|BruteForceSecurityAlert|x|5|",
        ] {
            assert_eq!(alert_of(fields), None, "{fields}");
        }
    }
}
