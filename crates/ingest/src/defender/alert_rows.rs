//! The rows of an alert in `SecurityAlert`, `AlertInfo` and `AlertEvidence`.

use serde_json::{Value, json};

use super::alert_facts::AlertFacts;
use super::entity_list::entity_list;
use super::evidence::Evidence;
use crate::alert_tables::{
    ALERT_EVIDENCE, ALERT_INFO, AlertRow, SECURITY_ALERT, SOURCE_SYSTEM, VENDOR_NAME, json_list,
};
use crate::rows::Rows;

/// Adds the alert to all three tables.
pub(crate) fn add_alert(alert: &mut AlertFacts, rows: &mut Rows) {
    add_security_alert(alert, rows);
    add_alert_info(alert, rows);
    for evidence in &alert.evidence {
        add_evidence(alert, evidence, rows);
    }
}

fn add_security_alert(alert: &mut AlertFacts, rows: &mut Rows) {
    let (sub_techniques, techniques): (Vec<&String>, Vec<&String>) =
        alert.techniques.iter().partition(|technique| technique.contains('.'));
    let alert_type = if alert.alert_type.is_empty() { &alert.title } else { &alert.alert_type };
    let compromised = alert.evidence.iter().find_map(Evidence::compromised_name).unwrap_or_default();
    let tactic = alert.tactic().map(schema::Tactic::as_str).unwrap_or_default();
    let (provider, product) = alert
        .product
        .map_or((alert.service.as_str(), alert.service.as_str()), |product| (product.provider, product.name));
    let mut row = SECURITY_ALERT.row(rows, alert.created);
    row.time("StartTime", alert.first.unwrap_or(alert.created));
    row.time("EndTime", alert.last.or(alert.first).unwrap_or(alert.created));
    row.time("ProcessingEndTime", alert.updated.unwrap_or(alert.created));
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
        ("RemediationSteps", &json_list([&alert.remediation])),
        ("Status", &alert.status),
        ("SubTechniques", &json_list(&sub_techniques)),
        ("SystemAlertId", &alert.id),
        ("Tactics", tactic),
        ("Techniques", &json_list(&techniques)),
        ("TenantId", &alert.tenant),
        ("VendorName", VENDOR_NAME),
        ("VendorOriginalId", &alert.vendor_id),
        ("SourceSystem", SOURCE_SYSTEM),
    ] {
        row.text(name, value);
    }
    row.bool("IsIncident", false);
    row.end_with(&mut alert.extra);
}

fn add_alert_info(alert: &AlertFacts, rows: &mut Rows) {
    let mut row = ALERT_INFO.row(rows, alert.created);
    row.text("Category", &alert.category);
    write_head(alert, &mut row);
    row.end();
}

/// What `AlertInfo` and `AlertEvidence` both say of the alert.
fn write_head(alert: &AlertFacts, row: &mut AlertRow) {
    for (name, value) in [
        ("AlertId", alert.id.as_str()),
        ("AttackTechniques", &json_list(&alert.techniques)),
        ("DetectionSource", &alert.detection),
        ("ServiceSource", &alert.service),
        ("Severity", &alert.severity),
        ("TenantId", &alert.tenant),
        ("Title", &alert.title),
    ] {
        row.text(name, value);
    }
}

fn add_evidence(alert: &AlertFacts, evidence: &Evidence, rows: &mut Rows) {
    let mut row = ALERT_EVIDENCE.row(rows, evidence.time.unwrap_or(alert.created));
    for (name, value) in &evidence.columns {
        row.text(name, value);
    }
    write_head(alert, &mut row);
    for (name, value) in [
        ("Categories", json_list([&alert.category]).as_str()),
        ("EntityType", &evidence.entity_type),
        ("EvidenceDirection", evidence.direction),
        ("EvidenceRole", evidence.role),
        ("AdditionalFields", &evidence.json),
    ] {
        row.text(name, value);
    }
    row.end();
}

fn properties(alert: &AlertFacts) -> String {
    if alert.properties.is_empty() {
        return String::new();
    }
    let properties = alert.properties.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
    Value::Object(properties.collect()).to_string()
}
