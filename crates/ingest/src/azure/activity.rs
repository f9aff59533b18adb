//! The Azure activity log: records of diagnostic settings, and events of the management API.

use std::borrow::Cow;

use schema::Table;

use crate::azure::resource_id::ResourceId;
use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};
use crate::time::parse_time;

/// Categories of the activity log; the last three are those of before 2020.
const CATEGORIES: [&str; 11] = [
    "Administrative",
    "Security",
    "ServiceHealth",
    "Alert",
    "Recommendation",
    "Policy",
    "Autoscale",
    "ResourceHealth",
    "Action",
    "Write",
    "Delete",
];

/// Claims that name who called, the best first: a person's name, the id of an application's service principal.
const CALLER_CLAIMS: [&str; 7] = [
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
    "upn",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
    "unique_name",
    "email",
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
    "appid",
];

/// Status of an event of the management API, and how the table words it.
const STATUSES: [(&str, &str); 4] =
    [("Succeeded", "Success"), ("Started", "Start"), ("Failed", "Failure"), ("Accepted", "Accept")];

/// What Log Analytics writes as the source of these rows.
const SOURCE_SYSTEM: &str = "Azure";

/// Fields of both forms that the decoder reads by name; all others go to `_RawExtra`.
const KNOWN_FIELDS: [&str; 33] = [
    "time",
    "eventTimestamp",
    "submissionTimestamp",
    "category",
    "operationName",
    "operationId",
    "resultType",
    "status",
    "resultSignature",
    "subStatus",
    "callerIpAddress",
    "caller",
    "correlationId",
    "eventDataId",
    "identity",
    "authorization",
    "claims",
    "level",
    "Level",
    "properties",
    "httpRequest",
    "resourceId",
    "resourceUri",
    "resourceGroupName",
    "resourceProviderName",
    "subscriptionId",
    "tenantId",
    "TenantId",
    "hierarchy",
    "ReleaseVersion",
    "RoleLocation",
    "additionalProperties",
    "@odata.type",
];

struct Columns {
    table: &'static Table,
    time: ColumnIndex,
    submitted: ColumnIndex,
    operation: ColumnIndex,
    operation_value: ColumnIndex,
    operation_id: ColumnIndex,
    category: ColumnIndex,
    category_value: ColumnIndex,
    status: ColumnIndex,
    status_value: ColumnIndex,
    substatus: ColumnIndex,
    substatus_value: ColumnIndex,
    authorization: [ColumnIndex; 2],
    claims: [ColumnIndex; 2],
    properties: [ColumnIndex; 2],
    caller: ColumnIndex,
    caller_address: ColumnIndex,
    correlation: ColumnIndex,
    event_data: ColumnIndex,
    hierarchy: ColumnIndex,
    request: ColumnIndex,
    level: ColumnIndex,
    group: ColumnIndex,
    provider: ColumnIndex,
    provider_value: ColumnIndex,
    resource: ColumnIndex,
    resource_id: [ColumnIndex; 2],
    subscription: [ColumnIndex; 2],
    tenant: ColumnIndex,
    source: ColumnIndex,
    extra: ColumnIndex,
}

/// Decodes the Azure activity log.
pub struct ActivityDecoder {
    columns: Columns,
}

impl ActivityDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        let table = schema::table("AzureActivity").expect("a built-in table");
        let column = |name: &str| ColumnIndex::of(table, name).expect("a column of the table");
        Self {
            columns: Columns {
                table,
                time: column("TimeGenerated"),
                submitted: column("EventSubmissionTimestamp"),
                operation: column("OperationName"),
                operation_value: column("OperationNameValue"),
                operation_id: column("OperationId"),
                category: column("Category"),
                category_value: column("CategoryValue"),
                status: column("ActivityStatus"),
                status_value: column("ActivityStatusValue"),
                substatus: column("ActivitySubstatus"),
                substatus_value: column("ActivitySubstatusValue"),
                authorization: [column("Authorization"), column("Authorization_d")],
                claims: [column("Claims"), column("Claims_d")],
                properties: [column("Properties"), column("Properties_d")],
                caller: column("Caller"),
                caller_address: column("CallerIpAddress"),
                correlation: column("CorrelationId"),
                event_data: column("EventDataId"),
                hierarchy: column("Hierarchy"),
                request: column("HTTPRequest"),
                level: column("Level"),
                group: column("ResourceGroup"),
                provider: column("ResourceProvider"),
                provider_value: column("ResourceProviderValue"),
                resource: column("Resource"),
                resource_id: [column("ResourceId"), column("_ResourceId")],
                subscription: [column("SubscriptionId"), column("_SubscriptionId")],
                tenant: column("TenantId"),
                source: column("SourceSystem"),
                extra: column("_RawExtra"),
            },
        }
    }
}

impl Default for ActivityDecoder {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether this is an event of the management API: its names are pairs of a value and its localized form.
fn is_event(object: &JsonObject) -> bool {
    object.has("eventTimestamp") && object.has("operationName") && (object.has("eventDataId") || object.has("caller"))
}

/// Whether this is a record of diagnostic settings.
fn is_record(object: &JsonObject) -> bool {
    let category = object.get_str("category");
    category.is_some_and(|category| CATEGORIES.contains(&category.as_ref()))
        && object.has("operationName")
        && (object.has("resourceId") || object.has("identity") || object.has("time"))
        && !object.has("activityDateTime")
}

/// A part of a pair `{"value":…,"localizedValue":…}`, or the text that stands for both.
fn part(object: &JsonObject, name: &str, which: &str) -> Option<String> {
    let value = object.get(name)?;
    let text = match value.as_object() {
        Some(pair) => pair.get(which)?.to_text().into_owned(),
        None => value.to_text().into_owned(),
    };
    (!text.is_empty()).then_some(text)
}

/// The value; a string that holds a JSON object is that.
fn unfolded<'v>(value: &'v JsonValue) -> Cow<'v, str> {
    value.to_text()
}

impl Columns {
    fn fill(&self, object: &JsonObject, row: &mut RowBuilder, extra: &mut ExtraFields) {
        self.fill_names(object, row);
        self.fill_identity(object, row);
        self.fill_resource(object, row);
        let scalars = [
            (self.caller_address, "callerIpAddress"),
            (self.correlation, "correlationId"),
            (self.event_data, "eventDataId"),
            (self.operation_id, "operationId"),
            (self.submitted, "submissionTimestamp"),
            (self.request, "httpRequest"),
            (self.hierarchy, "hierarchy"),
            (self.level, "level"),
            (self.tenant, "tenantId"),
        ];
        for (index, name) in scalars {
            if let Some(value) = object.get_ignore_case(name) {
                row.set_json(index, value);
            }
        }
        if let Some(properties) = object.get("properties").filter(|value| !value.is_blank()) {
            for index in self.properties {
                row.set_json(index, properties);
            }
            let text = unfolded(properties);
            if let Ok(properties) = JsonObject::parse(text.trim()) {
                let named = [
                    (self.hierarchy, "hierarchy"),
                    (self.event_data, "eventDataId"),
                    (self.request, "httpRequest"),
                    (self.category_value, "eventCategory"),
                    (self.caller_address, "clientIpAddress"),
                ];
                for (index, name) in named {
                    if let Some(value) = properties.get(name).filter(|value| !value.is_blank()) {
                        row.set_json(index, value);
                    }
                }
            }
        }
        row.set_str(self.source, SOURCE_SYSTEM);
        for (name, value) in object.iter().filter(|(name, _)| !KNOWN_FIELDS.contains(name)) {
            extra.push(name, value);
        }
    }

    /// Operation, category and status, with their localized forms.
    fn fill_names(&self, object: &JsonObject, row: &mut RowBuilder) {
        let is_pair = |name: &str| object.get(name).is_some_and(JsonValue::is_object);
        let status = if object.has("status") { "status" } else { "resultType" };
        let substatus = if object.has("subStatus") { "subStatus" } else { "resultSignature" };
        let names = [
            ("operationName", self.operation_value, self.operation),
            ("category", self.category_value, self.category),
            (status, self.status_value, self.status),
            (substatus, self.substatus_value, self.substatus),
        ];
        for (name, value, localized) in names {
            if let Some(text) = part(object, name, "value") {
                let worded = STATUSES.iter().find(|(event, _)| name == "status" && *event == text);
                row.set_str(value, worded.map_or(text.as_str(), |(_, table)| table));
            }
            if let Some(text) = part(object, name, "localizedValue").filter(|_| is_pair(name)) {
                row.set_str(localized, &text);
            }
        }
    }

    /// Who called, with which rights.
    fn fill_identity(&self, object: &JsonObject, row: &mut RowBuilder) {
        let identity = object.get("identity").and_then(JsonValue::as_object);
        let field = |name: &str| identity.as_ref().and_then(|identity| identity.get(name)).or_else(|| object.get(name));
        if let Some(authorization) = field("authorization").filter(|value| !value.is_blank()) {
            for index in self.authorization {
                row.set_json(index, authorization);
            }
        }
        if let Some(caller) = object.get("caller").filter(|caller| !caller.is_blank()) {
            row.set_json(self.caller, caller);
        }
        let Some(claims) = field("claims").filter(|value| !value.is_blank()) else { return };
        for index in self.claims {
            row.set_json(index, claims);
        }
        let text = unfolded(claims);
        if let Ok(claims) = JsonObject::parse(text.trim()) {
            let named = CALLER_CLAIMS.iter().find_map(|name| claims.get(name).filter(|value| !value.is_blank()));
            if let Some(caller) = named {
                row.set_json(self.caller, caller);
            }
            if let Some(address) = claims.get("ipaddr") {
                row.set_json(self.caller_address, address);
            }
        }
    }

    fn fill_resource(&self, object: &JsonObject, row: &mut RowBuilder) {
        let id = object.get_str("resourceId").or_else(|| object.get_str("resourceUri"));
        let id = id.unwrap_or_default();
        let parts = ResourceId::parse(&id);
        let subscription = object.get_str("subscriptionId").unwrap_or(Cow::Borrowed(parts.subscription));
        let group = object.get_str("resourceGroupName").unwrap_or(Cow::Borrowed(parts.group));
        let provider = part(object, "resourceProviderName", "value");
        let provider = provider.as_deref().unwrap_or(parts.provider);
        let mut set = |index: ColumnIndex, text: &str| {
            if !text.is_empty() {
                row.set_str(index, text);
            }
        };
        set(self.resource_id[0], &id);
        set(self.resource_id[1], &id.to_ascii_lowercase());
        for index in self.subscription {
            set(index, &subscription);
        }
        set(self.group, &group);
        set(self.provider_value, provider);
        if let Some(localized) = part(object, "resourceProviderName", "localizedValue") {
            set(self.provider, &localized);
        }
        set(self.resource, parts.name);
    }
}

impl Decoder for ActivityDecoder {
    fn format(&self) -> &'static str {
        "azure-activity"
    }

    fn recognizes(&self, record: &Record) -> bool {
        is_event(&record.object) || is_record(&record.object)
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let object = &record.object;
        let read = |name: &str| object.get_str(name).and_then(|text| parse_time(&text));
        let time = read("eventTimestamp").or_else(|| read("time")).or_else(|| read("submissionTimestamp"));
        let time = time.ok_or_else(|| Reject::new("activity record without a time"))?;
        let row = rows.row(self.columns.table);
        let mut extra = ExtraFields::new();
        row.set_time(self.columns.time, time);
        self.columns.fill(object, row, &mut extra);
        extra.write(row, self.columns.extra);
        row.end_row();
        Ok(())
    }
}
