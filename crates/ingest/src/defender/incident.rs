//! Incidents: of Graph, of the incidents API and of Sentinel, with the alerts in them.

use chrono::{DateTime, Utc};
use schema::Table;
use serde_json::{Map, Value, json};

use super::alert_facts::{AlertFacts, severity};
use super::alert_rows::add_alert;
use super::loose::{Loose, same_name};
use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};

/// The type of Sentinel's incidents in Azure Resource Manager, in small letters.
const SENTINEL_TYPE: &str = "microsoft.securityinsights/incidents";
/// `ProviderName` of Sentinel's own incidents.
const SENTINEL: &str = "Azure Sentinel";
/// `ProviderName` of incidents of the Defender portal.
const DEFENDER: &str = "Microsoft 365 Defender";
/// What Log Analytics writes as the source of incidents.
const SOURCE_SYSTEM: &str = "Azure";

/// Fields that are read; all others go to `_RawExtra`.
const READ: [&str; 41] = [
    "@odata.type",
    "@odata.context",
    "additionalProperties",
    "id",
    "incidentId",
    "name",
    "type",
    "properties",
    "displayName",
    "incidentName",
    "title",
    "description",
    "severity",
    "classification",
    "classificationComment",
    "classificationReason",
    "createdDateTime",
    "createdTime",
    "createdTimeUtc",
    "lastUpdateDateTime",
    "lastUpdateTime",
    "lastModifiedTimeUtc",
    "firstActivityTimeUtc",
    "lastActivityTimeUtc",
    "incidentWebUrl",
    "incidentUri",
    "incidentUrl",
    "incidentNumber",
    "assignedTo",
    "owner",
    "labels",
    "tags",
    "customTags",
    "systemTags",
    "providerName",
    "providerIncidentId",
    "comments",
    "additionalData",
    "relatedAnalyticRuleIds",
    "tenantId",
    "alerts",
];

/// Decodes incidents.
pub(super) struct IncidentDecoder {
    table: &'static Table,
    columns: Vec<(&'static str, ColumnIndex)>,
}

/// Columns that are set.
const COLUMNS: [&str; 25] = [
    "TimeGenerated",
    "AdditionalData",
    "AlertIds",
    "Classification",
    "ClassificationComment",
    "ClassificationReason",
    "ClosedTime",
    "Comments",
    "CreatedTime",
    "Description",
    "FirstActivityTime",
    "IncidentName",
    "IncidentNumber",
    "IncidentUrl",
    "Labels",
    "LastActivityTime",
    "LastModifiedTime",
    "Owner",
    "ProviderIncidentId",
    "ProviderName",
    "RelatedAnalyticRuleIds",
    "Severity",
    "Status",
    "Title",
    "TenantId",
];

impl IncidentDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        let table = schema::table("SecurityIncident").expect("a built-in table");
        let index = |name| ColumnIndex::of(table, name).expect("a column of the table");
        Self { table, columns: COLUMNS.iter().map(|name| (*name, index(name))).collect() }
    }

    fn set(&self, row: &mut RowBuilder, name: &str, value: &str) {
        if let Some((_, index)) = self.columns.iter().find(|(known, _)| *known == name).filter(|_| !value.is_empty()) {
            row.set_json(*index, &JsonValue::Text(value.into()));
        }
    }

    fn set_time(&self, row: &mut RowBuilder, name: &str, value: Option<DateTime<Utc>>) {
        if let (Some((_, index)), Some(value)) = (self.columns.iter().find(|(known, _)| *known == name), value) {
            row.set_time(*index, value);
        }
    }

    fn add(&self, incident: &Incident, alerts: &[AlertFacts], rows: &mut Rows) {
        let row = rows.row(self.table);
        let loose = incident.body;
        let first =
            loose.time(&["firstActivityTimeUtc"]).or_else(|| alerts.iter().filter_map(|alert| alert.first).min());
        let last = loose.time(&["lastActivityTimeUtc"]).or_else(|| alerts.iter().filter_map(|alert| alert.last).max());
        let modified = incident.modified.unwrap_or(incident.created);
        let text = |names: &[&str]| loose.text(names).unwrap_or_default();
        let state = state(&text(&["status"]));
        let ids: Vec<&str> = alerts.iter().map(|alert| alert.id.as_str()).collect();
        for (name, time) in [
            ("TimeGenerated", Some(modified)),
            ("CreatedTime", Some(incident.created)),
            ("LastModifiedTime", Some(modified)),
            ("FirstActivityTime", first),
            ("LastActivityTime", last),
            ("ClosedTime", (state == "Closed").then_some(modified)),
        ] {
            self.set_time(row, name, time);
        }
        for (name, value) in [
            ("AdditionalData", incident.additional_data(alerts).as_str()),
            ("AlertIds", &json!(ids).to_string()),
            ("Classification", classification(&text(&["classification"]), state)),
            ("ClassificationComment", &text(&["classificationComment"])),
            ("ClassificationReason", &text(&["classificationReason"])),
            ("Comments", &comments(loose)),
            ("Description", &text(&["description"])),
            ("IncidentName", &incident.name),
            ("IncidentNumber", &text(&["incidentNumber", "incidentId", "id"])),
            ("IncidentUrl", &text(&["incidentWebUrl", "incidentUri", "incidentUrl"])),
            ("Labels", &labels(loose)),
            ("Owner", &owner(loose)),
            ("ProviderIncidentId", &incident.provider_id),
            ("ProviderName", &loose.text(&["providerName"]).unwrap_or(incident.provider().into())),
            ("RelatedAnalyticRuleIds", &json!(loose.texts(&["relatedAnalyticRuleIds"])).to_string()),
            ("Severity", &severity(&text(&["severity"]))),
            ("Status", state),
            ("Title", &text(&["displayName", "incidentName", "title"])),
            ("TenantId", &incident.tenant),
        ] {
            self.set(row, name, value);
        }
        let mut extra = incident.extra(state);
        if let (Some(source), Some(index)) = (row.column("SourceSystem"), row.column("_RawExtra")) {
            row.set_str(source, SOURCE_SYSTEM);
            extra.write(row, index);
        }
        row.end_row();
    }
}

/// An incident as it came.
struct Incident<'r, 'a> {
    /// Where its fields are: the record, or its `properties`.
    body: Loose<'r, 'a>,
    record: &'r JsonObject<'a>,
    is_sentinel: bool,
    name: String,
    provider_id: String,
    created: DateTime<Utc>,
    modified: Option<DateTime<Utc>>,
    tenant: String,
}

impl<'r, 'a> Incident<'r, 'a> {
    fn read(record: &'r JsonObject<'a>, body: &'r JsonObject<'a>) -> Result<Self, Reject> {
        let (outer, loose) = (Loose(record), Loose(body));
        let is_sentinel = is_sentinel(record);
        let names: &[&str] = if is_sentinel { &["name", "id"] } else { &["incidentId", "id"] };
        let name = outer.text(names).ok_or_else(|| Reject::new("incident without an id"))?.into_owned();
        let modified = loose.time(&["lastUpdateDateTime", "lastUpdateTime", "lastModifiedTimeUtc"]);
        let created = loose.time(&["createdDateTime", "createdTime", "createdTimeUtc"]).or(modified);
        let created = created.ok_or_else(|| Reject::new("incident without a time"))?;
        let number = loose.text(&["providerIncidentId", "incidentNumber"]).filter(|_| is_sentinel);
        let provider_id = number.map_or_else(|| name.clone(), std::borrow::Cow::into_owned);
        let tenant = loose.text(&["tenantId"]).unwrap_or_default().into_owned();
        Ok(Self { body: loose, record, is_sentinel, name, provider_id, created, modified, tenant })
    }

    /// Whose incident it is, where it does not say so itself.
    fn provider(&self) -> &'static str {
        if self.is_sentinel { SENTINEL } else { DEFENDER }
    }

    /// `AdditionalData` as Sentinel writes it: given, or made of the alerts.
    fn additional_data(&self, alerts: &[AlertFacts]) -> String {
        let given = self.body.get("additionalData").and_then(JsonValue::as_object);
        if let Some(given) = given {
            let fields = given.iter().filter(|(name, _)| !same_name(name, "additionalProperties"));
            let fields = fields.filter_map(|(name, value)| {
                Some((camel_case(name), serde_json::from_str::<Value>(&value.to_json()).ok()?))
            });
            return Value::Object(fields.collect::<Map<_, _>>()).to_string();
        }
        let sorted = |mut values: Vec<String>| {
            values.sort();
            values.dedup();
            values
        };
        let products =
            alerts.iter().map(|alert| alert.product.map_or(alert.service.clone(), |found| found.name.into()));
        let tactics = alerts.iter().filter_map(|alert| Some(alert.tactic()?.as_str().to_owned()));
        let techniques = alerts.iter().flat_map(|alert| alert.techniques.clone());
        json!({
            "alertsCount": alerts.len(),
            "bookmarksCount": 0,
            "commentsCount": self.body.objects(&["comments"]).len(),
            "alertProductNames": sorted(products.collect()),
            "tactics": sorted(tactics.collect()),
            "techniques": sorted(techniques.collect()),
        })
        .to_string()
    }

    /// What no column holds; a status that reads otherwise in Sentinel too.
    fn extra(&self, state: &str) -> ExtraFields {
        let mut extra = ExtraFields::new();
        let inner = (!std::ptr::eq(self.record, self.body.0)).then_some(self.body.0);
        for (name, value) in self.record.iter().chain(inner.into_iter().flat_map(JsonObject::iter)) {
            let is_read = READ.iter().any(|read| same_name(read, name));
            let is_state = same_name("status", name) && value.to_text().eq_ignore_ascii_case(state);
            let is_empty = value.is_blank() || value.as_array().is_some_and(|elements| elements.is_empty());
            let is_long_id = self.is_sentinel && name == "id";
            if (!is_read || is_long_id) && !is_state && !is_empty {
                extra.push(name, value);
            }
        }
        extra
    }
}

fn is_sentinel(object: &JsonObject) -> bool {
    object.get_str("type").is_some_and(|kind| kind.eq_ignore_ascii_case(SENTINEL_TYPE))
}

/// The status as Sentinel writes it; a merged incident is closed there.
fn state(written: &str) -> &'static str {
    match written.to_ascii_lowercase().as_str() {
        "new" => "New",
        "resolved" | "redirected" | "closed" => "Closed",
        _ => "Active",
    }
}

/// The classification as Sentinel writes it.
fn classification(written: &str, state: &str) -> &'static str {
    match written.to_ascii_lowercase().as_str() {
        "truepositive" => "TruePositive",
        "falsepositive" => "FalsePositive",
        "benignpositive" | "informationalexpectedactivity" => "BenignPositive",
        "undetermined" => "Undetermined",
        _ if state == "Closed" => "Undetermined",
        _ => "",
    }
}

fn owner(incident: Loose) -> String {
    let given = incident.get("owner").and_then(JsonValue::as_object);
    let given = given.as_ref().map(Loose);
    let part = |name: &str| given.and_then(|owner| owner.text(&[name]).map(std::borrow::Cow::into_owned));
    let assigned = part("assignedTo").or_else(|| incident.text(&["assignedTo"]).map(std::borrow::Cow::into_owned));
    let upn = part("userPrincipalName").or_else(|| assigned.clone().filter(|name| name.contains('@')));
    json!({"objectId": part("objectId"), "email": part("email"), "assignedTo": assigned, "userPrincipalName": upn})
        .to_string()
}

/// Labels as Sentinel writes them; tags of people are labels of theirs.
fn labels(incident: Loose) -> String {
    let label = |name: &str, kind: &str| json!({"labelName": name, "labelType": kind});
    let mut labels: Vec<Value> = incident
        .objects(&["labels"])
        .iter()
        .filter_map(|given| {
            let given = Loose(given);
            Some(label(&given.text(&["labelName"])?, &given.text(&["labelType"]).unwrap_or("User".into())))
        })
        .collect();
    for (field, kind) in [("tags", "User"), ("customTags", "User"), ("systemTags", "AutoAssigned")] {
        labels.extend(incident.texts(&[field]).iter().map(|tag| label(tag, kind)));
    }
    Value::Array(labels).to_string()
}

/// Comments as Sentinel writes them.
fn comments(incident: Loose) -> String {
    let comments = incident.objects(&["comments"]);
    let comment = |given: &JsonObject| {
        let given = Loose(given);
        let part = |names: &[&str]| given.text(names).map(std::borrow::Cow::into_owned);
        json!({
            "message": part(&["comment", "message"]),
            "createdTimeUtc": part(&["createdDateTime", "createdTime", "createdTimeUtc"]),
            "author": {"name": part(&["createdByDisplayName", "createdBy"])},
        })
    };
    Value::Array(comments.iter().map(comment).collect()).to_string()
}

/// `alerts_count` as `alertsCount`.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_').filter(|word| !word.is_empty());
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut characters = word.chars();
        camel.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(characters.as_str());
    }
    camel
}

impl Decoder for IncidentDecoder {
    fn format(&self) -> &'static str {
        "defender-incident"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        if is_sentinel(object) {
            return true;
        }
        // Written alike in all forms, and looked for first because it is quick.
        if !object.has("severity") || !object.has("status") {
            return false;
        }
        let loose = Loose(object);
        let is_graph = || loose.has("id") && loose.has("displayName") && loose.has("createdDateTime");
        let is_incidents_api = || loose.has("incidentId") && loose.has("incidentName") && loose.has("createdTime");
        let is_incident = || loose.has("redirectIncidentId") || loose.has("incidentWebUrl") || loose.has("alerts");
        (is_graph() || is_incidents_api()) && is_incident()
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let properties = record.object.get("properties").and_then(JsonValue::as_object);
        let body = properties.as_ref().unwrap_or(&record.object);
        let incident = Incident::read(&record.object, body)?;
        // All are read before any row is added: an incident is placed whole or not at all.
        let alerts = incident.body.objects(&["alerts"]);
        let read = |alert: &JsonObject| AlertFacts::read(alert, Some(incident.created));
        let mut alerts: Vec<AlertFacts> = alerts.iter().map(read).collect::<Result<_, _>>()?;
        self.add(&incident, &alerts, rows);
        for alert in &mut alerts {
            if alert.tenant.is_empty() {
                alert.tenant.clone_from(&incident.tenant);
            }
            add_alert(alert, rows);
        }
        Ok(())
    }
}
