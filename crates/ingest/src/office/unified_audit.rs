//! Records of the Office 365 unified audit log, as the Management Activity API gives them and `Search-UnifiedAuditLog` wraps them.

use schema::Table;

use crate::decoder::{Decoder, Record, Reject};
use crate::field_map::{FieldMap, Spelling};
use crate::json::{JsonObject, JsonValue};
use crate::office::content_hash::{content_hash, text_hash};
use crate::office::record_type::{logon_type_name, record_type_name, user_type_name};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};
use crate::time::parse_time;

/// What Log Analytics writes as the source of these rows.
const SOURCE_SYSTEM: &str = "OfficeActivityManager";

/// Why such a record is refused.
const FLATTENED: &str = "unified audit record taken apart by a collector: the file of whole records beside it (without `Simple_` or \
                         `Converted_`) holds the same events";

/// Fields whose column is not named like them.
const RENAMED: [(&str, &str); 14] = [
    ("Workload", "OfficeWorkload"),
    ("ObjectId", "OfficeObjectId"),
    ("Id", "OfficeId"),
    ("Site", "Site_"),
    ("SiteUrl", "Site_Url"),
    ("SourceName", "Source_Name"),
    ("EventData", "Event_Data"),
    ("ClientIPAddress", "Client_IPAddress"),
    ("AzureActiveDirectoryEventType", "AzureActiveDirectory_EventType"),
    ("Target", "AADTarget"),
    ("StartTime", "Start_Time"),
    ("SendOnBehalfOfUserMailboxGuid", "SendonBehalfOfUserMailboxGuid"),
    ("AddOnName", "AddonName"),
    ("ExtraProperties", "ExtraProperties"),
];

/// Decodes unified audit records into `OfficeActivity`.
pub struct UnifiedAuditDecoder {
    table: &'static Table,
    fields: FieldMap,
    time: ColumnIndex,
    record_type: ColumnIndex,
    user_type: ColumnIndex,
    logon_type: ColumnIndex,
    record_id: ColumnIndex,
    result_reason: ColumnIndex,
    external_access: ColumnIndex,
    source_system: ColumnIndex,
    extra: ColumnIndex,
}

impl UnifiedAuditDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        let table = schema::table("OfficeActivity").expect("a built-in table");
        let column = |name: &str| ColumnIndex::of(table, name).expect("a column of the table");
        Self {
            table,
            fields: FieldMap::of(table, Spelling::Same).rename(table, &RENAMED).ignore(&[
                "CreationTime",
                "RecordType",
                "UserType",
                "LogonType",
                "Version",
            ]),
            time: column("TimeGenerated"),
            record_type: column("RecordType"),
            user_type: column("UserType"),
            logon_type: column("Logon_Type"),
            record_id: column("SourceRecordId"),
            result_reason: column("ResultReasonType"),
            external_access: column("ExternalAccess"),
            source_system: column("SourceSystem"),
            extra: column("_RawExtra"),
        }
    }
}

impl Default for UnifiedAuditDecoder {
    fn default() -> Self {
        Self::new()
    }
}

/// Sets a cell to the name of a number, or to the value itself where the number has no name or is one already.
fn set_named(
    row: &mut RowBuilder,
    index: ColumnIndex,
    value: Option<&JsonValue>,
    name: fn(i64) -> Option<&'static str>,
) {
    let Some(value) = value else { return };
    match value.as_i64().and_then(name) {
        Some(name) => row.set_str(index, name),
        None => drop(row.set_json(index, value)),
    }
}

impl Decoder for UnifiedAuditDecoder {
    fn format(&self) -> &'static str {
        "office365-unified-audit"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        object.has("CreationTime") && (object.has("RecordType") || (object.has("Operation") && object.has("Workload")))
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let object = &record.object;
        if is_flattened(object) {
            return Err(Reject::new(FLATTENED));
        }
        // Without a zone: the documentation says UTC.
        let time = object.get_str("CreationTime").and_then(|text| parse_time(&text));
        let time = time.ok_or_else(|| Reject::new("unified audit record without a time"))?;
        let row = rows.row(self.table);
        let mut extra = ExtraFields::new();
        row.set_time(self.time, time);
        set_named(row, self.record_type, object.get("RecordType"), record_type_name);
        set_named(row, self.user_type, object.get("UserType"), user_type_name);
        set_named(row, self.logon_type, object.get("LogonType"), logon_type_name);
        // A boolean that Log Analytics keeps as the text `True` or `False`.
        if let Some(external) = object.get("ExternalAccess").and_then(JsonValue::as_bool) {
            row.set_bool(self.external_access, external);
        }
        self.fields.fill(object, row, &mut extra);
        for (index, field) in [(self.record_id, "Id"), (self.result_reason, "ResultStatus")] {
            if let Some(value) = object.get(field) {
                row.set_json(index, value);
            }
        }
        row.set_str(self.source_system, SOURCE_SYSTEM);
        extra.write(row, self.extra);
        row.end_row();
        Ok(())
    }

    fn duplicate_key(&self, record: &Record) -> Option<u128> {
        duplicate_key(&record.object)
    }
}

/// Whether a collector took the record apart into plain fields (`Param_Name`, `Actor_0_ID`, `FullCommand`).
fn is_flattened(object: &JsonObject) -> bool {
    let is_part = |name: &str| name.starts_with("Param_") || name.contains("_0_");
    object.has("FullCommand") || object.has("KnownMicrosoftIP") || object.iter().any(|(name, _)| is_part(name))
}

/// The record's id together with its content: the service delivers records more than once, and rarely reuses an id.
fn duplicate_key(object: &JsonObject) -> Option<u128> {
    let id = object.get_str("Id").filter(|id| !id.is_empty())?;
    Some(u128::from(text_hash(&id)) << 64 | u128::from(content_hash(object)))
}
