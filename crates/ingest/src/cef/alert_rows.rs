//! Alerts of identity products as rows of `SecurityAlert`, `AlertInfo` and `AlertEvidence`.

use chrono::{DateTime, Utc};
use schema::{Entity, EntityKind, Table};
use serde_json::{Value, json};

use crate::cef::alert::IdentityAlert;
use crate::cef::alert_entities::AlertEntity;
use crate::cef::event::CefEvent;
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::Rows;

/// `VendorName` of these alerts in Sentinel.
const VENDOR_NAME: &str = "Microsoft";

/// Number of the first entity in `Entities`: 1 is the alert itself.
const FIRST_ENTITY: usize = 2;

/// Columns of text of `SecurityAlert`.
const SECURITY_ALERT: [&str; 19] = [
    "AlertName",
    "DisplayName",
    "AlertType",
    "AlertSeverity",
    "Description",
    "ProviderName",
    "ProductName",
    "VendorName",
    "VendorOriginalId",
    "SystemAlertId",
    "Status",
    "AlertLink",
    "Tactics",
    "Techniques",
    "SubTechniques",
    "Entities",
    "ExtendedProperties",
    "CompromisedEntity",
    "SourceSystem",
];

/// Columns of text of `AlertInfo`.
const ALERT_INFO: [&str; 7] =
    ["AlertId", "Title", "Category", "Severity", "ServiceSource", "DetectionSource", "AttackTechniques"];

/// Columns of text of `AlertEvidence`.
const ALERT_EVIDENCE: [&str; 16] = [
    "AlertId",
    "Title",
    "Categories",
    "Severity",
    "ServiceSource",
    "DetectionSource",
    "AttackTechniques",
    "EntityType",
    "EvidenceRole",
    "EvidenceDirection",
    "AccountName",
    "AccountDomain",
    "AccountUpn",
    "DeviceName",
    "RemoteIP",
    "Application",
];

/// A table with its columns of text and of time.
struct Columns<const TEXTS: usize, const TIMES: usize> {
    table: &'static Table,
    texts: [ColumnIndex; TEXTS],
    times: [ColumnIndex; TIMES],
}

impl<const TEXTS: usize, const TIMES: usize> Columns<TEXTS, TIMES> {
    fn of(table: &str, texts: [&str; TEXTS], times: [&str; TIMES]) -> Self {
        let table = schema::table(table).expect("a built-in table");
        let column = |name: &str| ColumnIndex::of(table, name).expect("a column of the table");
        Self { table, texts: texts.map(column), times: times.map(column) }
    }

    fn set(&self, row: &mut RowBuilder, texts: [&str; TEXTS], times: [DateTime<Utc>; TIMES]) {
        for (index, text) in self.texts.iter().zip(texts) {
            row.set_str(*index, text);
        }
        for (index, time) in self.times.iter().zip(times) {
            row.set_time(*index, time);
        }
    }
}

/// Writes the rows of alerts.
pub(crate) struct AlertRows {
    security_alert: Columns<19, 4>,
    is_incident: ColumnIndex,
    alert_info: Columns<7, 2>,
    alert_evidence: Columns<16, 2>,
    additional_fields: ColumnIndex,
}

impl AlertRows {
    /// The writer, with its columns looked up.
    pub fn new() -> Self {
        let security_alert = Columns::of(
            "SecurityAlert",
            SECURITY_ALERT,
            ["TimeGenerated", "StartTime", "EndTime", "ProcessingEndTime"],
        );
        let alert_evidence = Columns::of("AlertEvidence", ALERT_EVIDENCE, ["TimeGenerated", "Timestamp"]);
        Self {
            is_incident: ColumnIndex::of(security_alert.table, "IsIncident").expect("a column of the table"),
            additional_fields: ColumnIndex::of(alert_evidence.table, "AdditionalFields")
                .expect("a column of the table"),
            security_alert,
            alert_info: Columns::of("AlertInfo", ALERT_INFO, ["TimeGenerated", "Timestamp"]),
            alert_evidence,
        }
    }

    /// Adds the rows of the alert that the event is; none when it is no alert.
    pub fn write(&self, event: &CefEvent, time: DateTime<Utc>, sent: Option<DateTime<Utc>>, rows: &mut Rows) {
        if let Some(alert) = IdentityAlert::of(event, time, sent, rows.latest_time()) {
            self.write_security_alert(&alert, rows);
            let techniques = json_list(alert.known.all_techniques());
            let category = alert.known.tactics().next().unwrap_or_default();
            self.write_info(&alert, category, &techniques, rows);
            for entity in &alert.entities {
                self.write_evidence(&alert, entity, category, &techniques, rows);
            }
        }
    }

    fn write_security_alert(&self, alert: &IdentityAlert, rows: &mut Rows) {
        let tactics: Vec<&str> = alert.known.tactics().collect();
        let texts = [
            alert.name,
            alert.name,
            alert.class,
            alert.severity.as_str(),
            alert.description,
            alert.source.provider_name,
            alert.source.product_name,
            VENDOR_NAME,
            alert.vendor_id,
            &alert.system_id,
            "New",
            alert.link,
            &tactics.join(", "),
            &json_list(alert.known.techniques()),
            &json_list(alert.known.sub_techniques()),
            &entities_json(&alert.entities),
            &alert.properties,
            &compromised(&alert.entities),
            "Detection",
        ];
        let row = rows.row(self.security_alert.table);
        self.security_alert.set(row, texts, [alert.generated, alert.start, alert.end, alert.generated]);
        row.set_bool(self.is_incident, false);
        row.end_row();
    }

    fn write_info(&self, alert: &IdentityAlert, category: &str, techniques: &str, rows: &mut Rows) {
        let source = alert.source.service_source;
        let texts = [&alert.alert_id, alert.name, category, alert.severity.as_str(), source, source, techniques];
        let row = rows.row(self.alert_info.table);
        self.alert_info.set(row, texts, [alert.generated, alert.generated]);
        row.end_row();
    }

    fn write_evidence(
        &self,
        alert: &IdentityAlert,
        found: &AlertEntity,
        category: &str,
        techniques: &str,
        rows: &mut Rows,
    ) {
        let entity = &found.entity;
        let (kind, role) = match entity.kind {
            EntityKind::Account => ("User", "Impacted"),
            EntityKind::Host => ("Machine", "Impacted"),
            EntityKind::Ip => ("Ip", "Related"),
            _ => ("CloudApplication", "Related"),
        };
        let source = alert.source.service_source;
        let of = |wanted: EntityKind, name: &str| {
            entity.identifier(name).filter(|_| entity.kind == wanted).unwrap_or_default()
        };
        let named = |wanted: EntityKind| if entity.kind == wanted { entity.friendly_name() } else { String::new() };
        let upn = named(EntityKind::Account);
        let texts = [
            alert.alert_id.as_str(),
            alert.name,
            &if category.is_empty() { String::new() } else { json_list([category]) },
            alert.severity.as_str(),
            source,
            source,
            techniques,
            kind,
            role,
            found.direction.as_str(),
            of(EntityKind::Account, "Name"),
            of(EntityKind::Account, "NTDomain"),
            if upn.contains('@') { &upn } else { "" },
            &named(EntityKind::Host),
            of(EntityKind::Ip, "Address"),
            of(EntityKind::CloudApplication, "Name"),
        ];
        let row = rows.row(self.alert_evidence.table);
        self.alert_evidence.set(row, texts, [alert.generated, alert.generated]);
        row.set_dynamic(self.additional_fields, &entity.to_sentinel_json(FIRST_ENTITY).to_string());
        row.end_row();
    }
}

/// A JSON array of strings; empty text for none, as the tables have it.
fn json_list<'t>(items: impl IntoIterator<Item = &'t str>) -> String {
    let items: Vec<&str> = items.into_iter().collect();
    if items.is_empty() { String::new() } else { json!(items).to_string() }
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
