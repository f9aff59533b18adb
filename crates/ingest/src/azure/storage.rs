//! The log of requests to blobs of storage accounts.

use schema::Table;

use crate::azure::resource_id::ResourceId;
use crate::decoder::{Decoder, Record, Reject};
use crate::field_map::{FieldMap, Spelling};
use crate::json::{JsonObject, JsonValue};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};
use crate::time::parse_time;

/// Categories of the log.
const CATEGORIES: [&str; 3] = ["StorageRead", "StorageWrite", "StorageDelete"];

/// The part of a resource id that names the blobs of an account.
const BLOBS: &str = "/blobservices/";

/// Part of the host name of blobs.
const BLOB_HOST: &str = ".blob.";

/// Parts of `identity` and their columns.
const IDENTITY: [(&str, &str); 3] =
    [("type", "AuthenticationType"), ("tokenHash", "AuthenticationHash"), ("authorization", "AuthorizationDetails")];

/// Parts of `identity.requester` and their columns.
const REQUESTER: [(&str, &str); 6] = [
    ("appId", "RequesterAppId"),
    ("audience", "RequesterAudience"),
    ("objectId", "RequesterObjectId"),
    ("tenantId", "RequesterTenantId"),
    ("tokenIssuer", "RequesterTokenIssuer"),
    ("upn", "RequesterUpn"),
];

/// Decodes the log of requests to blobs.
pub(super) struct StorageDecoder {
    table: &'static Table,
    envelope: FieldMap,
    properties: FieldMap,
    time: ColumnIndex,
    account: ColumnIndex,
    resource: [ColumnIndex; 2],
    extra: ColumnIndex,
}

impl StorageDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        let table = schema::table("StorageBlobLogs").expect("a built-in table");
        let column = |name: &str| ColumnIndex::of(table, name).expect("a column of the table");
        let names = |names: &[&str]| FieldMap::of(table, Spelling::SmallFirst).ignore(names);
        Self {
            table,
            envelope: names(&["time", "resourceId", "properties", "identity", "resourceType"]),
            properties: names(&[]),
            time: column("TimeGenerated"),
            account: column("AccountName"),
            resource: [column("_ResourceId"), column("_SubscriptionId")],
            extra: column("_RawExtra"),
        }
    }

    fn fill_identity(&self, identity: &JsonValue, row: &mut RowBuilder, extra: &mut ExtraFields) {
        let Some(identity) = identity.as_object() else { return extra.push("identity", identity) };
        let mut set = |object: &JsonObject, names: &[(&str, &str)]| {
            for (name, column) in names {
                let index = ColumnIndex::of(self.table, column);
                if let (Some(index), Some(value)) = (index, object.get(name)) {
                    row.set_json(index, value);
                }
            }
        };
        set(&identity, &IDENTITY);
        let requester = identity.get("requester").and_then(JsonValue::as_object);
        if let Some(requester) = &requester {
            set(requester, &REQUESTER);
        }
        let known = |name: &str| name == "requester" || IDENTITY.iter().any(|(field, _)| *field == name);
        for (name, value) in identity.iter().filter(|(name, _)| !known(name)) {
            extra.push(name, value);
        }
    }
}

/// Whether the request was for a blob.
fn is_blob(object: &JsonObject) -> bool {
    let service = object.get("properties").and_then(JsonValue::as_object);
    let service = service.as_ref().and_then(|properties| properties.get_str("serviceType"));
    if let Some(service) = service {
        return service == "blob";
    }
    let contains =
        |name: &str, part: &str| object.get_str(name).is_some_and(|text| text.to_ascii_lowercase().contains(part));
    contains("resourceId", BLOBS) || contains("uri", BLOB_HOST)
}

impl Decoder for StorageDecoder {
    fn format(&self) -> &'static str {
        "azure-storage"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        let of_log = match object.get_str("category") {
            Some(category) => CATEGORIES.contains(&category.as_ref()),
            None => object.get_str("resourceId").is_some_and(|id| id.to_ascii_lowercase().contains(BLOBS)),
        };
        of_log && object.has("operationName") && is_blob(object)
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let object = &record.object;
        let time = object.get_str("time").and_then(|text| parse_time(&text));
        let time = time.ok_or_else(|| Reject::new("storage record without a time"))?;
        let row = rows.row(self.table);
        let mut extra = ExtraFields::new();
        row.set_time(self.time, time);
        self.envelope.fill(object, row, &mut extra);
        if let Some(properties) = object.get("properties").and_then(JsonValue::as_object) {
            self.properties.fill(&properties, row, &mut extra);
        }
        if let Some(identity) = object.get("identity").filter(|identity| !identity.is_null()) {
            self.fill_identity(identity, row, &mut extra);
        }
        let id = object.get_str("resourceId").unwrap_or_default();
        if !id.is_empty() {
            row.set_str(self.resource[0], &id.to_ascii_lowercase());
            let parts = ResourceId::parse(&id);
            row.set_str(self.resource[1], parts.subscription);
            let mut names = id.split('/').skip_while(|part| !part.eq_ignore_ascii_case("storageAccounts"));
            row.set_str(self.account, names.nth(1).unwrap_or(""));
        }
        extra.write(row, self.extra);
        row.end_row();
        Ok(())
    }
}
