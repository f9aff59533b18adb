//! Entra objects as Microsoft Graph gives them (`/users`, `/groups?$expand=members`, `/directoryRoles`, `/servicePrincipals`, …), and
//! exports of the portal and of common collectors whose fields are named alike.

use std::borrow::Cow;

use crate::decoder::{Decoder, Record, Reject};
use crate::directory::graph_kind::{GraphKind, id_of, kind_of};
use crate::directory::graph_links::{LINK_FIELDS, LinkTables};
use crate::directory::graph_user::{add_user, identity_table};
use crate::directory::identity::IdentityTable;
use crate::directory::tables::{DirectoryTables, ENTRA_ID, ObjectRef, Snapshot, set_time};
use crate::json::{JsonObject, JsonValue};
use crate::rows::{ExtraFields, Rows};
use crate::time::parse_time;

/// Decodes Graph objects.
pub(super) struct GraphDirectoryDecoder {
    directory: EntraDirectory,
}

impl GraphDirectoryDecoder {
    pub fn new() -> Self {
        Self { directory: EntraDirectory::new() }
    }
}

impl Decoder for GraphDirectoryDecoder {
    fn format(&self) -> &'static str {
        "graph-directory"
    }

    fn recognizes(&self, record: &Record) -> bool {
        kind_of(&record.object).is_some()
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let kind = kind_of(&record.object).ok_or_else(|| Reject::new("Graph object of an unknown kind"))?;
        self.directory.add(kind, &record.object, "", rows);
        Ok(())
    }
}

/// Entra objects into the tables of directory data.
pub(super) struct EntraDirectory {
    pub tables: DirectoryTables,
    identity: IdentityTable,
}

impl EntraDirectory {
    pub fn new() -> Self {
        Self { tables: DirectoryTables::new(), identity: identity_table() }
    }

    /// Adds the rows of an object or link. `tenant` is empty where the record does not say it.
    pub fn add(&self, kind: GraphKind, object: &JsonObject, tenant: &str, rows: &mut Rows) {
        let domain = object.get_str("onPremisesDomainName").unwrap_or_default();
        let snapshot = Snapshot { time: rows.file_time(), source: ENTRA_ID, tenant, domain: &domain };
        let links = LinkTables { tables: &self.tables, snapshot };
        match kind {
            GraphKind::RoleAssignment => links.add_role_assignment(object, rows),
            GraphKind::PermissionGrant => links.add_permission_grant(object, rows),
            GraphKind::AppRoleAssignment => links.add_app_role_assignment(object, rows),
            GraphKind::UserRegistration => add_user(&self.identity, object, snapshot, true, rows),
            GraphKind::User => {
                self.add_object(kind, object, snapshot, rows);
                add_user(&self.identity, object, snapshot, false, rows);
                links.add_nested(kind, object, rows);
            }
            _ => {
                self.add_object(kind, object, snapshot, rows);
                links.add_nested(kind, object, rows);
            }
        }
    }

    fn add_object(&self, kind: GraphKind, object: &JsonObject, snapshot: Snapshot, rows: &mut Rows) {
        let table = &self.tables.objects;
        let (id, name) = (object_id(kind, object), object_name(kind, object));
        let row = table.begin(rows, snapshot, ObjectRef { id: &id, name: &name, kind: kind.name() });
        let columns = [
            (table.display_name, "displayName"),
            (table.account_name, "onPremisesSamAccountName"),
            (table.upn, "userPrincipalName"),
            (table.distinguished_name, "onPremisesDistinguishedName"),
            (table.on_prem_sid, "onPremisesSecurityIdentifier"),
            (table.app_id, "appId"),
            (table.is_enabled, "accountEnabled"),
            (table.created, "createdDateTime"),
            (table.password_last_set, "lastPasswordChangeDateTime"),
        ];
        for (column, field) in columns {
            if let Some(value) = object.get_ignore_case(field).filter(|value| !value.is_blank()) {
                row.set_json(column, value);
            }
        }
        let deleted = object.get_ignore_case("deletedDateTime").is_some_and(|value| !value.is_blank());
        row.set_bool(table.is_deleted, deleted);
        set_time(row, table.last_logon, last_sign_in(object));
        let mut properties = ExtraFields::new();
        for (name, value) in object.iter() {
            if !LINK_FIELDS.contains(&name) {
                properties.push(name, value);
            }
        }
        row.set_dynamic(table.properties, &properties.into_json());
        table.end(row, &mut ExtraFields::new());
    }
}

/// The id that other objects refer to. A role has one of its own in each tenant that has activated it; assignments name its template.
pub(super) fn object_id<'a>(kind: GraphKind, object: &'a JsonObject) -> Cow<'a, str> {
    let template = || object.get_str("roleTemplateId").filter(|id| !id.is_empty());
    let role = if kind == GraphKind::DirectoryRole { template() } else { None };
    role.or_else(|| id_of(object)).unwrap_or_default()
}

/// What the object is called: users by their principal name, all others by their display name.
pub(super) fn object_name<'a>(kind: GraphKind, object: &'a JsonObject) -> Cow<'a, str> {
    let text = |name: &str| object.get_ignore_case(name).and_then(JsonValue::as_str).filter(|text| !text.is_empty());
    let name = if kind == GraphKind::User { text("userPrincipalName") } else { None };
    name.or_else(|| text("displayName")).unwrap_or_default()
}

/// When an account last signed in, successfully where that is said apart; for devices an approximate time.
pub(super) fn last_sign_in(object: &JsonObject) -> Option<chrono::DateTime<chrono::Utc>> {
    let activity = object.get_ignore_case("signInActivity").and_then(JsonValue::as_object);
    let time = |object: &JsonObject, name: &str| parse_time(&object.get_ignore_case(name)?.as_str()?);
    let of_user = activity.and_then(|activity| {
        let names = ["lastSignInDateTime", "lastNonInteractiveSignInDateTime"];
        names.iter().filter_map(|name| time(&activity, name)).max()
    });
    of_user.or_else(|| time(object, "approximateLastSignInDateTime"))
}
