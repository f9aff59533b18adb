//! What an alert says, in whichever form it came.

use chrono::{DateTime, Utc};
use schema::{Severity, Tactic};

use super::evidence::Evidence;
use super::loose::{Loose, same_name};
use super::product::{Product, as_words, detection_source};
use crate::decoder::Reject;
use crate::json::JsonObject;
use crate::rows::ExtraFields;

/// Fields that are read, in the spelling of Graph; all others go to `_RawExtra`.
const READ: [&str; 42] = [
    "@odata.type",
    "@odata.context",
    "id",
    "alertId",
    "providerAlertId",
    "title",
    "description",
    "severity",
    "category",
    "status",
    "serviceSource",
    "detectionSource",
    "detectorId",
    "alertWebUrl",
    "recommendedActions",
    "createdDateTime",
    "creationTime",
    "alertCreationTime",
    "lastUpdateDateTime",
    "lastUpdatedTime",
    "lastUpdateTime",
    "firstActivityDateTime",
    "firstActivity",
    "firstEventTime",
    "lastActivityDateTime",
    "lastActivity",
    "lastEventTime",
    "mitreTechniques",
    "tenantId",
    "aadTenantId",
    "incidentId",
    "classification",
    "determination",
    "assignedTo",
    "investigationState",
    "threatFamilyName",
    "productName",
    "evidence",
    "entities",
    "devices",
    "relatedUser",
    "computerDnsName",
];

/// Fields that become `ExtendedProperties`, and their names there.
const PROPERTIES: [(&str, &str); 8] = [
    ("incidentId", "IncidentId"),
    ("category", "Category"),
    ("detectionSource", "DetectionSource"),
    ("classification", "Classification"),
    ("determination", "Determination"),
    ("assignedTo", "AssignedTo"),
    ("investigationState", "InvestigationState"),
    ("threatFamilyName", "ThreatFamilyName"),
];

/// An alert.
#[derive(Debug)]
pub(crate) struct AlertFacts {
    /// As the suite knows it; the id that `AlertInfo` and `AlertEvidence` share.
    pub id: String,
    /// As the product that found it knows it.
    pub vendor_id: String,
    pub title: String,
    pub description: String,
    /// As Sentinel writes it.
    pub severity: String,
    /// The product's category, often an ATT&CK tactic.
    pub category: String,
    /// As Sentinel writes it.
    pub status: String,
    /// The product that found it, where it is known.
    pub product: Option<&'static Product>,
    /// `AlertInfo.ServiceSource`.
    pub service: String,
    /// `AlertInfo.DetectionSource`.
    pub detection: String,
    /// What found it within the product, such as a detector's id.
    pub alert_type: String,
    pub link: String,
    pub remediation: String,
    pub created: DateTime<Utc>,
    pub updated: Option<DateTime<Utc>>,
    pub first: Option<DateTime<Utc>>,
    pub last: Option<DateTime<Utc>>,
    /// ATT&CK techniques and sub-techniques.
    pub techniques: Vec<String>,
    pub tenant: String,
    /// `ExtendedProperties` of `SecurityAlert`.
    pub properties: Vec<(&'static str, String)>,
    pub evidence: Vec<Evidence>,
    /// What none of these holds.
    pub extra: ExtraFields,
}

impl AlertFacts {
    /// Reads an alert of Graph, the incidents API or Defender for Endpoint; `fallback_time` is that of its incident.
    pub fn read(object: &JsonObject, fallback_time: Option<DateTime<Utc>>) -> Result<Self, Reject> {
        let loose = Loose(object);
        let text = |names: &[&str]| loose.text(names).unwrap_or_default().into_owned();
        let id = loose.text(&["alertId", "id"]).ok_or_else(|| Reject::new("alert without an id"))?.into_owned();
        let created = loose.time(&["createdDateTime", "creationTime", "alertCreationTime"]).or(fallback_time);
        let created = created.ok_or_else(|| Reject::new("alert without a time"))?;
        let is_endpoint = loose.has("machineId");
        let source = text(&["serviceSource"]);
        let product = if is_endpoint && source.is_empty() { Some(Product::endpoint()) } else { Product::of(&source) };
        let vendor_id = loose.text(&["providerAlertId"]).map_or_else(|| id.clone(), std::borrow::Cow::into_owned);
        Ok(Self {
            vendor_id,
            title: text(&["title"]),
            description: text(&["description"]),
            severity: severity(&text(&["severity"])),
            category: text(&["category"]),
            status: status(&text(&["status"])).to_owned(),
            service: product.map_or_else(|| as_words(&source), |product| product.service.to_owned()),
            product,
            detection: detection_source(&text(&["detectionSource"])),
            alert_type: text(&["detectorId"]),
            link: text(&["alertWebUrl"]),
            remediation: text(&["recommendedActions"]),
            created,
            updated: loose.time(&["lastUpdateDateTime", "lastUpdatedTime", "lastUpdateTime"]),
            first: loose.time(&["firstActivityDateTime", "firstActivity", "firstEventTime"]),
            last: loose.time(&["lastActivityDateTime", "lastActivity", "lastEventTime"]),
            techniques: loose.texts(&["mitreTechniques"]),
            tenant: text(&["tenantId", "aadTenantId"]),
            properties: PROPERTIES.iter().filter_map(|(field, name)| Some((*name, loose.path(field)?))).collect(),
            evidence: evidence(object),
            extra: extra(object),
            id,
        })
    }

    /// The ATT&CK tactic that the category is, if it is one.
    pub fn tactic(&self) -> Option<Tactic> {
        self.category.parse().ok()
    }
}

/// All evidence: what is listed, the devices, and the machine and user of an alert of Defender for Endpoint.
fn evidence(object: &JsonObject) -> Vec<Evidence> {
    let loose = Loose(object);
    let mut found: Vec<Evidence> = loose.objects(&["devices"]).iter().filter_map(|device| machine(device)).collect();
    if loose.has("machineId") || loose.has("computerDnsName") {
        let machine = Evidence::machine(object);
        found.extend(machine.map(|machine| Evidence { json: String::new(), ..machine }));
    }
    found.extend(loose.objects(&["relatedUser"]).iter().filter_map(Evidence::user));
    found.extend(loose.objects(&["evidence", "entities"]).iter().map(Evidence::read));
    found
}

fn machine(device: &JsonObject) -> Option<Evidence> {
    let machine = Evidence::machine(device)?;
    Some(Evidence { json: super::evidence::to_json(device), ..machine })
}

fn extra(object: &JsonObject) -> ExtraFields {
    let mut extra = ExtraFields::new();
    for (name, value) in object.iter() {
        let is_read = READ.iter().any(|read| same_name(read, name)) || same_name("machineId", name);
        let is_empty = value.is_blank() || value.as_array().is_some_and(|elements| elements.is_empty());
        if !is_read && !is_empty {
            extra.push(name, value);
        }
    }
    extra
}

/// `high` as `High`; what is no severity, such as `unSpecified`, counts as informational.
pub(super) fn severity(written: &str) -> String {
    let known = Severity::ALL.into_iter().find(|severity| severity.as_str().eq_ignore_ascii_case(written));
    known.unwrap_or(Severity::Informational).as_str().to_owned()
}

/// The status as `SecurityAlert` writes it.
fn status(written: &str) -> &'static str {
    match written.to_ascii_lowercase().as_str() {
        "new" => "New",
        "inprogress" | "active" => "InProgress",
        "resolved" => "Resolved",
        "dismissed" => "Dismissed",
        _ => "Unknown",
    }
}
