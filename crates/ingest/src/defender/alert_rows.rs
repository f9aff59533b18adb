//! The rows of an alert in `SecurityAlert`, `AlertInfo` and `AlertEvidence`.

use std::sync::LazyLock;

use schema::Table;
use serde_json::{Value, json};

use super::alert_facts::AlertFacts;
use super::entity_list::entity_list;
use super::evidence::Evidence;
use crate::json::JsonValue;
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::Rows;

/// What Log Analytics writes as the source of alerts.
const SOURCE_SYSTEM: &str = "Detection";
/// Whose alerts these are.
const VENDOR: &str = "Microsoft";

/// A table with the columns that are set, looked up once.
struct Columns<const N: usize> {
    table: &'static Table,
    names: [&'static str; N],
    indexes: [ColumnIndex; N],
}

impl<const N: usize> Columns<N> {
    fn of(table: &str, names: [&'static str; N]) -> Self {
        let table = schema::table(table).expect("a built-in table");
        let index = |name| ColumnIndex::of(table, name).expect("a column of the table");
        Self { table, names, indexes: names.map(index) }
    }

    fn index(&self, name: &str) -> Option<ColumnIndex> {
        self.names.iter().position(|known| *known == name).map(|place| self.indexes[place])
    }

    /// Sets a text cell, unless the text is empty.
    fn text(&self, row: &mut RowBuilder, name: &str, value: &str) {
        if let Some(index) = self.index(name).filter(|_| !value.is_empty()) {
            row.set_json(index, &JsonValue::Text(value.into()));
        }
    }

    fn time(&self, row: &mut RowBuilder, name: &str, value: Option<chrono::DateTime<chrono::Utc>>) {
        if let (Some(index), Some(value)) = (self.index(name), value) {
            row.set_time(index, value);
        }
    }
}

static SECURITY_ALERT: LazyLock<Columns<29>> = LazyLock::new(|| {
    Columns::of(
        "SecurityAlert",
        [
            "TimeGenerated",
            "AlertLink",
            "AlertName",
            "AlertSeverity",
            "AlertType",
            "CompromisedEntity",
            "Description",
            "DisplayName",
            "EndTime",
            "Entities",
            "ExtendedProperties",
            "IsIncident",
            "ProcessingEndTime",
            "ProductComponentName",
            "ProductName",
            "ProviderName",
            "RemediationSteps",
            "StartTime",
            "Status",
            "SubTechniques",
            "SystemAlertId",
            "Tactics",
            "Techniques",
            "TenantId",
            "VendorName",
            "VendorOriginalId",
            "SourceSystem",
            "_RawExtra",
            "SourceComputerId",
        ],
    )
});

static ALERT_INFO: LazyLock<Columns<9>> = LazyLock::new(|| {
    Columns::of(
        "AlertInfo",
        [
            "TimeGenerated",
            "AlertId",
            "AttackTechniques",
            "Category",
            "DetectionSource",
            "ServiceSource",
            "Severity",
            "TenantId",
            "Title",
        ],
    )
});

static ALERT_EVIDENCE: LazyLock<Columns<40>> = LazyLock::new(|| {
    Columns::of(
        "AlertEvidence",
        [
            "TimeGenerated",
            "AccountDomain",
            "AccountName",
            "AccountObjectId",
            "AccountSid",
            "AccountUpn",
            "AdditionalFields",
            "AlertId",
            "Application",
            "ApplicationId",
            "AttackTechniques",
            "Categories",
            "CloudPlatform",
            "CloudResource",
            "DetectionSource",
            "DeviceId",
            "DeviceName",
            "EmailSubject",
            "EntityType",
            "EvidenceDirection",
            "EvidenceRole",
            "FileName",
            "FileSize",
            "FolderPath",
            "NetworkMessageId",
            "OAuthApplicationId",
            "ProcessCommandLine",
            "RegistryKey",
            "RegistryValueData",
            "RegistryValueName",
            "RemoteIP",
            "RemoteUrl",
            "ResourceID",
            "ResourceType",
            "ServiceSource",
            "Severity",
            "SHA1",
            "SHA256",
            "TenantId",
            "Title",
        ],
    )
});

/// Adds the alert to all three tables.
pub(crate) fn add_alert(alert: &mut AlertFacts, rows: &mut Rows) {
    add_security_alert(alert, rows);
    add_alert_info(alert, rows);
    for evidence in &alert.evidence {
        add_evidence(alert, evidence, rows);
    }
}

fn add_security_alert(alert: &mut AlertFacts, rows: &mut Rows) {
    let columns = &*SECURITY_ALERT;
    let row = rows.row(columns.table);
    let (sub_techniques, techniques): (Vec<&String>, Vec<&String>) =
        alert.techniques.iter().partition(|technique| technique.contains('.'));
    let alert_type = if alert.alert_type.is_empty() { &alert.title } else { &alert.alert_type };
    let compromised = alert.evidence.iter().find_map(Evidence::compromised_name).unwrap_or_default();
    let tactic = alert.tactic().map(schema::Tactic::as_str).unwrap_or_default();
    let (provider, product) = alert
        .product
        .map_or((alert.service.as_str(), alert.service.as_str()), |product| (product.provider, product.name));
    columns.time(row, "TimeGenerated", Some(alert.created));
    columns.time(row, "StartTime", Some(alert.first.unwrap_or(alert.created)));
    columns.time(row, "EndTime", Some(alert.last.or(alert.first).unwrap_or(alert.created)));
    columns.time(row, "ProcessingEndTime", Some(alert.updated.unwrap_or(alert.created)));
    for (name, value) in [
        ("AlertLink", alert.link.as_str()),
        ("AlertName", &alert.title),
        ("AlertSeverity", &alert.severity),
        ("AlertType", alert_type),
        ("CompromisedEntity", &compromised),
        ("Description", &alert.description),
        ("DisplayName", &alert.title),
        ("Entities", &entity_list(&alert.evidence)),
        ("ExtendedProperties", &properties(alert)),
        ("ProductComponentName", &alert.detection),
        ("ProductName", product),
        ("ProviderName", provider),
        ("RemediationSteps", &json_list(std::slice::from_ref(&alert.remediation))),
        ("Status", &alert.status),
        ("SubTechniques", &json_list(&sub_techniques)),
        ("SystemAlertId", &alert.id),
        ("Tactics", tactic),
        ("Techniques", &json_list(&techniques)),
        ("TenantId", &alert.tenant),
        ("VendorName", VENDOR),
        ("VendorOriginalId", &alert.vendor_id),
        ("SourceSystem", SOURCE_SYSTEM),
    ] {
        columns.text(row, name, value);
    }
    if let Some(index) = columns.index("IsIncident") {
        row.set_bool(index, false);
    }
    if let Some(index) = columns.index("_RawExtra") {
        alert.extra.write(row, index);
    }
    row.end_row();
}

fn add_alert_info(alert: &AlertFacts, rows: &mut Rows) {
    let columns = &*ALERT_INFO;
    let row = rows.row(columns.table);
    columns.time(row, "TimeGenerated", Some(alert.created));
    for (name, value) in [
        ("AlertId", alert.id.as_str()),
        ("AttackTechniques", &json_list(&alert.techniques)),
        ("Category", &alert.category),
        ("DetectionSource", &alert.detection),
        ("ServiceSource", &alert.service),
        ("Severity", &alert.severity),
        ("TenantId", &alert.tenant),
        ("Title", &alert.title),
    ] {
        columns.text(row, name, value);
    }
    row.end_row();
}

fn add_evidence(alert: &AlertFacts, evidence: &Evidence, rows: &mut Rows) {
    let columns = &*ALERT_EVIDENCE;
    let row = rows.row(columns.table);
    columns.time(row, "TimeGenerated", Some(evidence.time.unwrap_or(alert.created)));
    for (name, value) in &evidence.columns {
        columns.text(row, name, value);
    }
    for (name, value) in [
        ("AlertId", alert.id.as_str()),
        ("AttackTechniques", &json_list(&alert.techniques)),
        ("Categories", &json_list(std::slice::from_ref(&alert.category))),
        ("DetectionSource", &alert.detection),
        ("EntityType", &evidence.entity_type),
        ("EvidenceDirection", evidence.direction),
        ("EvidenceRole", evidence.role),
        ("ServiceSource", &alert.service),
        ("Severity", &alert.severity),
        ("TenantId", &alert.tenant),
        ("Title", &alert.title),
        ("AdditionalFields", &evidence.json),
    ] {
        columns.text(row, name, value);
    }
    row.end_row();
}

fn properties(alert: &AlertFacts) -> String {
    if alert.properties.is_empty() {
        return String::new();
    }
    let properties = alert.properties.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
    Value::Object(properties.collect()).to_string()
}

/// The values as a JSON array, those that are empty left out; empty where none is left.
fn json_list(values: &[impl AsRef<str>]) -> String {
    let values: Vec<&str> = values.iter().map(AsRef::as_ref).filter(|value| !value.is_empty()).collect();
    if values.is_empty() { String::new() } else { json!(values).to_string() }
}
