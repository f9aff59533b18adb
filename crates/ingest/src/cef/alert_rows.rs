//! Alerts of identity products as rows of `SecurityAlert`, `AlertInfo` and `AlertEvidence`.

use chrono::{DateTime, Utc};
use schema::{Entity, EntityKind};
use serde_json::Value;

use crate::alert_tables::{
    ALERT_EVIDENCE, ALERT_INFO, AlertRow, SECURITY_ALERT, SOURCE_SYSTEM, VENDOR_NAME, json_list,
};
use crate::cef::alert::IdentityAlert;
use crate::cef::alert_entities::AlertEntity;
use crate::cef::event::CefEvent;
use crate::rows::Rows;

/// Number of the first entity in `Entities`: 1 is the alert itself.
const FIRST_ENTITY: usize = 2;

/// Adds the rows of the alert that the event is; none when it is no alert.
pub(crate) fn write_alert(event: &CefEvent, time: DateTime<Utc>, sent: Option<DateTime<Utc>>, rows: &mut Rows) {
    let Some(alert) = IdentityAlert::of(event, time, sent, rows.latest_time()) else { return };
    write_security_alert(&alert, rows);
    let techniques = json_list(alert.known.all_techniques());
    let category = alert.known.tactics().next().unwrap_or_default();
    write_info(&alert, category, &techniques, rows);
    for entity in &alert.entities {
        write_evidence(&alert, entity, category, &techniques, rows);
    }
}

fn write_security_alert(alert: &IdentityAlert, rows: &mut Rows) {
    let tactics: Vec<&str> = alert.known.tactics().collect();
    let mut row = SECURITY_ALERT.row(rows, alert.generated);
    for (name, time) in [("StartTime", alert.start), ("EndTime", alert.end), ("ProcessingEndTime", alert.generated)] {
        row.time(name, time);
    }
    for (name, value) in [
        ("AlertName", alert.name),
        ("DisplayName", alert.name),
        ("AlertType", alert.class),
        ("AlertSeverity", alert.severity.as_str()),
        ("Description", alert.description),
        ("ProviderName", alert.source.provider_name),
        ("ProductName", alert.source.product_name),
        ("VendorName", VENDOR_NAME),
        ("VendorOriginalId", alert.vendor_id),
        ("SystemAlertId", &alert.system_id),
        ("Status", "New"),
        ("AlertLink", alert.link),
        ("Tactics", &tactics.join(", ")),
        ("Techniques", &json_list(alert.known.techniques())),
        ("SubTechniques", &json_list(alert.known.sub_techniques())),
        ("Entities", &entities_json(&alert.entities)),
        ("ExtendedProperties", &alert.properties),
        ("CompromisedEntity", &compromised(&alert.entities)),
        ("SourceSystem", SOURCE_SYSTEM),
    ] {
        row.text(name, value);
    }
    row.bool("IsIncident", false);
    row.end();
}

fn write_info(alert: &IdentityAlert, category: &str, techniques: &str, rows: &mut Rows) {
    let mut row = ALERT_INFO.row(rows, alert.generated);
    row.text("Category", category);
    write_head(alert, techniques, &mut row);
    row.end();
}

/// What `AlertInfo` and `AlertEvidence` both say of the alert.
fn write_head(alert: &IdentityAlert, techniques: &str, row: &mut AlertRow) {
    for (name, value) in [
        ("AlertId", alert.alert_id.as_str()),
        ("Title", alert.name),
        ("Severity", alert.severity.as_str()),
        ("ServiceSource", alert.source.service_source),
        ("DetectionSource", alert.source.service_source),
        ("AttackTechniques", techniques),
    ] {
        row.text(name, value);
    }
}

fn write_evidence(alert: &IdentityAlert, found: &AlertEntity, category: &str, techniques: &str, rows: &mut Rows) {
    let entity = &found.entity;
    let (kind, role) = match entity.kind {
        EntityKind::Account => ("User", "Impacted"),
        EntityKind::Host => ("Machine", "Impacted"),
        EntityKind::Ip => ("Ip", "Related"),
        _ => ("CloudApplication", "Related"),
    };
    let of =
        |wanted: EntityKind, name: &str| entity.identifier(name).filter(|_| entity.kind == wanted).unwrap_or_default();
    let named = |wanted: EntityKind| if entity.kind == wanted { entity.friendly_name() } else { String::new() };
    let upn = named(EntityKind::Account);
    let mut row = ALERT_EVIDENCE.row(rows, alert.generated);
    write_head(alert, techniques, &mut row);
    for (name, value) in [
        ("Categories", json_list([category]).as_str()),
        ("EntityType", kind),
        ("EvidenceRole", role),
        ("EvidenceDirection", found.direction.as_str()),
        ("AccountName", of(EntityKind::Account, "Name")),
        ("AccountDomain", of(EntityKind::Account, "NTDomain")),
        ("AccountUpn", if upn.contains('@') { &upn } else { "" }),
        ("DeviceName", &named(EntityKind::Host)),
        ("RemoteIP", of(EntityKind::Ip, "Address")),
        ("Application", of(EntityKind::CloudApplication, "Name")),
    ] {
        row.text(name, value);
    }
    row.dynamic("AdditionalFields", &entity.to_sentinel_json(FIRST_ENTITY).to_string());
    row.end();
}

fn entities_json(entities: &[AlertEntity]) -> String {
    let numbered = entities.iter().enumerate();
    Value::Array(numbered.map(|(index, found)| found.entity.to_sentinel_json(FIRST_ENTITY + index)).collect())
        .to_string()
}

/// The account that the alert is about, or else the host.
fn compromised(entities: &[AlertEntity]) -> String {
    let first = |kind: EntityKind| entities.iter().map(|found| &found.entity).find(|entity| entity.kind == kind);
    first(EntityKind::Account).or_else(|| first(EntityKind::Host)).map(Entity::friendly_name).unwrap_or_default()
}
