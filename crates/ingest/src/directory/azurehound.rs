//! Entra objects as AzureHound writes them: `{"kind":"AZUser","data":{…}}`.

use crate::decoder::{Decoder, Record, Reject};
use crate::directory::graph::EntraDirectory;
use crate::directory::graph_kind::GraphKind;
use crate::directory::graph_links::{LinkTables, with_nested};
use crate::directory::tables::{ENTRA_ID, ObjectRef, Snapshot};
use crate::json::{JsonObject, JsonValue};
use crate::rows::Rows;

/// Kinds that are objects of Graph with the tenant added.
const OBJECTS: [(&str, GraphKind); 8] = [
    ("AZUser", GraphKind::User),
    ("AZGroup", GraphKind::Group),
    ("AZServicePrincipal", GraphKind::ServicePrincipal),
    ("AZApp", GraphKind::Application),
    ("AZDevice", GraphKind::Device),
    ("AZRole", GraphKind::RoleDefinition),
    ("AZTenant", GraphKind::Tenant),
    ("AZAppRoleAssignment", GraphKind::AppRoleAssignment),
];

/// Kinds that list owners, the field with the id of what they own, and its kind.
const OWNERS: [(&str, &str, GraphKind); 4] = [
    ("AZGroupOwner", "groupId", GraphKind::Group),
    ("AZAppOwner", "appId", GraphKind::Application),
    ("AZServicePrincipalOwner", "servicePrincipalId", GraphKind::ServicePrincipal),
    ("AZDeviceOwner", "deviceId", GraphKind::Device),
];

/// Decodes AzureHound records.
pub(super) struct AzureHoundDecoder {
    directory: EntraDirectory,
}

impl AzureHoundDecoder {
    pub fn new() -> Self {
        Self { directory: EntraDirectory::new() }
    }
}

impl Decoder for AzureHoundDecoder {
    fn format(&self) -> &'static str {
        "azurehound"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        object.get("data").is_some_and(JsonValue::is_object)
            && object.get_str("kind").is_some_and(|kind| kind.starts_with("AZ"))
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let kind = record.object.get_str("kind").unwrap_or_default();
        let data = record.object.get("data").and_then(JsonValue::as_object);
        let data = data.ok_or_else(|| Reject::new("AzureHound record without `data`"))?;
        let tenant = data.get_str("tenantId").unwrap_or_default();
        let snapshot = Snapshot { time: rows.file_time(), source: ENTRA_ID, tenant: &tenant, domain: "" };
        let links = LinkTables { tables: &self.directory.tables, snapshot };
        if let Some((_, kind)) = OBJECTS.iter().find(|(name, _)| *name == kind) {
            self.directory.add(*kind, &data, &tenant, rows);
        } else if let Some((_, id, owned)) = OWNERS.iter().find(|(name, ..)| *name == kind) {
            let id = data.get_str(id).unwrap_or_default();
            for owner in list(&data, "owners") {
                let Some(owner) = owner.get("owner").cloned() else { continue };
                let owned = ObjectRef { id: &id, name: "", kind: owned.name() };
                with_nested(&owner, |owner| links.add_owner(owner, owned, rows));
            }
        } else if kind == "AZGroupMember" {
            let id = data.get_str("groupId").unwrap_or_default();
            for member in list(&data, "members") {
                let Some(member) = member.get("member").cloned() else { continue };
                let group = ObjectRef { id: &id, name: "", kind: GraphKind::Group.name() };
                with_nested(&member, |member| links.add_member(group, member, "Direct", rows));
            }
        } else if kind == "AZRoleAssignment" {
            for assignment in list(&data, "roleAssignments") {
                links.add_role_assignment(&assignment, rows);
            }
        } else {
            let kind: String = kind.chars().filter(char::is_ascii_alphanumeric).take(KIND_CHARACTERS).collect();
            return Err(Reject::new(format!(
                "AzureHound `{kind}` records are not decoded: Azure resources have no table"
            )));
        }
        Ok(())
    }
}

/// Longest kind that a reason repeats.
const KIND_CHARACTERS: usize = 60;

fn list<'a>(data: &JsonObject<'a>, field: &str) -> Vec<JsonObject<'a>> {
    let values = data.get(field).and_then(JsonValue::as_array).unwrap_or_default();
    values.iter().filter_map(JsonValue::as_object).collect()
}
