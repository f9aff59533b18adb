//! Objects of Active Directory as SharpHound 5 and 6 writes them, one record an object whatever its kind.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::decoder::{Decoder, LateRecord, Record, Reject};
use crate::directory::identity::IdentityTable;
use crate::directory::sharphound_kind::kind_of;
use crate::directory::sharphound_links::{LINK_FIELDS, Links};
use crate::directory::sharphound_user::{add_user, identity_table};
use crate::directory::snapshot_index::SnapshotIndex;
use crate::directory::tables::{ACTIVE_DIRECTORY, DirectoryTables, ObjectRef, Snapshot, set_time};
use crate::json::{JsonObject, JsonValue};
use crate::limits::DIRECTORY_LINKS;
use crate::rows::{ExtraFields, Rows};

/// Fields of the record that the object's own row takes.
const OBJECT_FIELDS: [&str; 3] = ["ObjectIdentifier", "Properties", "IsDeleted"];

/// Kinds of objects that may be members of groups.
const PRINCIPALS: [&str; 3] = ["User", "Group", "Computer"];

/// Decodes SharpHound objects.
pub(super) struct SharpHoundDecoder {
    tables: DirectoryTables,
    identity: IdentityTable,
    /// Users and groups wait for the rest of their snapshot.
    index: Mutex<SnapshotIndex>,
}

impl SharpHoundDecoder {
    pub fn new() -> Self {
        Self { tables: DirectoryTables::new(), identity: identity_table(), index: Mutex::default() }
    }

    fn index(&self) -> MutexGuard<'_, SnapshotIndex> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add_object(&self, object: &AdObject, record: &JsonObject, rows: &mut Rows) {
        let (table, properties) = (&self.tables.objects, &object.properties);
        let row = table.begin(rows, object.snapshot(), object.reference());
        let columns = [
            (table.display_name, "displayname"),
            (table.account_name, "samaccountname"),
            (table.upn, "userprincipalname"),
            (table.domain_sid, "domainsid"),
            (table.distinguished_name, "distinguishedname"),
            (table.is_enabled, "enabled"),
        ];
        for (column, property) in columns {
            if let Some(value) = properties.get(property) {
                row.set_json(column, value);
            }
        }
        if object.id.starts_with("S-1-") {
            row.set_str(table.on_prem_sid, &object.id);
        }
        if let Some(deleted) = record.get("IsDeleted") {
            row.set_json(table.is_deleted, deleted);
        }
        set_time(row, table.created, object.time("whencreated"));
        set_time(row, table.last_logon, object.last_logon());
        set_time(row, table.password_last_set, object.time("pwdlastset"));
        if let Some(value) = record.get("Properties") {
            row.set_json(table.properties, value);
        }
        let mut extra = ExtraFields::new();
        for (name, value) in record.iter() {
            // What could not be collected stays, with its reason: an empty list means less then.
            let is_link = LINK_FIELDS.contains(&name) && !is_uncollected(value);
            if !OBJECT_FIELDS.contains(&name) && !is_link {
                extra.push(name, value);
            }
        }
        table.end(row, &mut extra);
    }
}

/// An object with what all its rows need.
pub(super) struct AdObject<'a> {
    pub id: String,
    /// SharpHound's name for it: `ANN@CONTOSO.LOCAL`.
    pub name: String,
    pub kind: &'static str,
    pub domain: String,
    pub domain_sid: String,
    pub properties: JsonObject<'a>,
    pub read_at: DateTime<Utc>,
}

impl<'a> AdObject<'a> {
    fn of(record: &JsonObject<'a>, read_at: DateTime<Utc>) -> Result<Self, Reject> {
        let missing = |name: &str| Reject::new(format!("SharpHound object without `{name}`"));
        let id = record.get_str("ObjectIdentifier").filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| missing("ObjectIdentifier"))?.into_owned();
        let properties = record.get("Properties").and_then(JsonValue::as_object);
        let properties = properties.ok_or_else(|| missing("Properties"))?;
        let text = |name: &str| properties.get_str(name).map(|text| text.into_owned()).unwrap_or_default();
        let (name, domain, domain_sid) = (text("name"), text("domain"), text("domainsid"));
        Ok(Self { id, name, kind: kind_of(record, &properties), domain, domain_sid, properties, read_at })
    }

    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot { time: self.read_at, source: ACTIVE_DIRECTORY, tenant: "", domain: &self.domain }
    }

    pub fn reference(&self) -> ObjectRef<'_> {
        ObjectRef { id: &self.id, name: &self.name, kind: self.kind }
    }

    /// A time that LDAP has, which SharpHound writes in seconds since 1970; 0 and -1 mean never.
    pub fn time(&self, property: &str) -> Option<DateTime<Utc>> {
        let seconds = self.properties.get(property)?.as_i64()?;
        (seconds > 0).then(|| DateTime::from_timestamp(seconds, 0))?
    }

    /// The later of the domain controller's own `lastLogon` and the replicated `lastLogonTimestamp`, which lags by up to two weeks.
    pub fn last_logon(&self) -> Option<DateTime<Utc>> {
        self.time("lastlogon").max(self.time("lastlogontimestamp"))
    }
}

/// `{"Results":[],"Collected":false,"FailureReason":"…"}`.
fn is_uncollected(value: &JsonValue) -> bool {
    value.as_object().and_then(|object| object.get("Collected")?.as_bool()) == Some(false)
}

impl Decoder for SharpHoundDecoder {
    fn format(&self) -> &'static str {
        "sharphound"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        object.has("ObjectIdentifier")
            && object.get("Properties").is_some_and(JsonValue::is_object)
            && (object.has("Aces") || object.has("IsDeleted"))
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let object = AdObject::of(&record.object, rows.file_time())?;
        let links = Links::of(&record.object);
        if links.count() > DIRECTORY_LINKS {
            return Err(Reject::new(format!("SharpHound object with more than {DIRECTORY_LINKS} relationships")));
        }
        self.add_object(&object, &record.object, rows);
        links.add(&self.tables, &object, rows);
        let (file, offset) = rows.source();
        if PRINCIPALS.contains(&object.kind) && !object.name.is_empty() {
            self.index().add_object(&file, &object.id, &object.name);
        }
        if object.kind == "Group" {
            self.index().add_group(&file, &object.name, links.members());
        }
        let waits = |text: &str| {
            let file_time = object.read_at;
            self.index().wait(LateRecord { file: Arc::clone(&file), offset, file_time, text: text.to_owned() })
        };
        match object.kind {
            "Group" if links.members().next().is_some() && !waits(record.raw) => {
                links.add_members(&self.tables, &object, |_| None, rows);
            }
            "User" if !waits(record.raw) => add_user(&self.identity, &object, None, rows),
            _ => {}
        }
        Ok(())
    }

    fn is_of_a_run(&self) -> bool {
        true
    }

    fn take_late(&self) -> Vec<LateRecord> {
        self.index().take_waiting()
    }

    fn decode_late(&self, late: &LateRecord, rows: &mut Rows) {
        // It was parsed once; what could fail then has failed.
        let Ok(record) = JsonObject::parse(&late.text) else { return };
        let Ok(object) = AdObject::of(&record, late.file_time) else { return };
        let index = self.index();
        if object.kind == "Group" {
            let name = |id: &str| index.name_of(&late.file, id);
            Links::of(&record).add_members(&self.tables, &object, name, rows);
        } else {
            let primary_group = record.get_str("PrimaryGroupSID").unwrap_or_default();
            let groups = index.groups_of(&late.file, &object.id, &primary_group);
            add_user(&self.identity, &object, groups.as_deref(), rows);
        }
    }
}
