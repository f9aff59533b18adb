//! Members, owners, roles and permissions of Entra objects.

use chrono::{DateTime, Utc};

use crate::directory::entra_roles::role_name;
use crate::directory::graph::{object_id, object_name};
use crate::directory::graph_kind::{GraphKind, kind_of, type_of};
use crate::directory::tables::{DirectoryTables, Membership, ObjectRef, Relationship, Snapshot};
use crate::json::{JsonObject, JsonValue};
use crate::rows::{ExtraFields, Rows};
use crate::time::parse_time;

/// Fields of an object that hold other objects.
pub(super) const LINK_FIELDS: [&str; 9] = [
    "members",
    "transitiveMembers",
    "memberOf",
    "transitiveMemberOf",
    "owners",
    "registeredOwners",
    "appRoleAssignments",
    "appRoleAssignedTo",
    "oauth2PermissionGrants",
];

/// An object inside another.
struct Nested {
    id: String,
    name: String,
    kind: &'static str,
}

impl Nested {
    /// Reads an expanded object; of one that was not expanded only the id is known.
    fn of(value: &JsonValue) -> Option<Self> {
        let Some(object) = value.as_object() else {
            let id = value.as_str()?.into_owned();
            return Some(Self { id, name: String::new(), kind: "" });
        };
        let kind = kind_of(&object);
        // Type names count even where the shape is not known.
        let known = kind.unwrap_or(GraphKind::Group);
        let name = object_name(if object.has("userPrincipalName") { GraphKind::User } else { known }, &object);
        let kind = kind.map_or("", GraphKind::name);
        Some(Self { id: object_id(known, &object).into_owned(), name: name.into_owned(), kind })
    }

    fn reference(&self) -> ObjectRef<'_> {
        ObjectRef { id: &self.id, name: &self.name, kind: self.kind }
    }
}

/// The tables with what all rows of a record share.
pub(super) struct LinkTables<'a> {
    pub tables: &'a DirectoryTables,
    pub snapshot: Snapshot<'a>,
}

impl LinkTables<'_> {
    /// The objects inside this one.
    pub fn add_nested(&self, kind: GraphKind, object: &JsonObject, rows: &mut Rows) {
        let (id, name) = (object_id(kind, object), object_name(kind, object));
        let this = ObjectRef { id: &id, name: &name, kind: kind.name() };
        let direct = if kind == GraphKind::DirectoryRole { "Assigned" } else { "Direct" };
        for (field, how) in [("members", direct), ("transitiveMembers", "Transitive")] {
            for member in nested(object, field) {
                self.add_member(this, member.reference(), how, rows);
            }
        }
        for (field, how) in [("memberOf", "Direct"), ("transitiveMemberOf", "Transitive")] {
            for group in nested(object, field) {
                let is_role = group.kind == GraphKind::DirectoryRole.name() && how == "Direct";
                self.add_member(group.reference(), this, if is_role { "Assigned" } else { how }, rows);
            }
        }
        for field in ["owners", "registeredOwners"] {
            for owner in nested(object, field) {
                self.add_owner(owner.reference(), this, rows);
            }
        }
        for field in ["appRoleAssignments", "appRoleAssignedTo"] {
            for assignment in objects(object, field) {
                self.add_app_role_assignment(&assignment, rows);
            }
        }
        for grant in objects(object, "oauth2PermissionGrants") {
            self.add_permission_grant(&grant, rows);
        }
    }

    /// A member of a group or role.
    pub fn add_member(&self, group: ObjectRef, member: ObjectRef, kind: &str, rows: &mut Rows) {
        let membership = Membership { group, member, kind, ..Membership::default() };
        self.tables.add_membership(rows, self.snapshot, &membership);
    }

    /// An owner, who may change what is owned and, of applications, its credentials.
    pub fn add_owner(&self, owner: ObjectRef, owned: ObjectRef, rows: &mut Rows) {
        let relationship = Relationship { source: owner, name: "Owns", target: owned, ..Relationship::default() };
        self.tables.add_relationship(rows, self.snapshot, &relationship);
    }

    /// Who holds, or may activate, a directory role over what.
    pub fn add_role_assignment(&self, assignment: &JsonObject, rows: &mut Rows) {
        let text = |name: &str| assignment.get_ignore_case(name).and_then(JsonValue::as_str).unwrap_or_default();
        let (role, principal) = (text("roleDefinitionId"), text("principalId"));
        let definition = assignment.get("roleDefinition").and_then(JsonValue::as_object);
        let given = definition.as_ref().and_then(|role| role.get_str("displayName"));
        let holder = assignment.get("principal").and_then(Nested::of);
        let holder_kind = match &holder {
            Some(holder) => holder.kind,
            None => type_of(&text("principalType")).map_or("", GraphKind::name),
        };
        let scope = Some(text("directoryScopeId")).filter(|scope| !scope.is_empty());
        let membership = Membership {
            group: ObjectRef {
                id: &role,
                name: given.as_deref().unwrap_or_else(|| role_name(&role)),
                kind: GraphKind::DirectoryRole.name(),
            },
            member: ObjectRef {
                id: &principal,
                name: holder.as_ref().map_or("", |holder| holder.name.as_str()),
                kind: holder_kind,
            },
            kind: if is_eligibility(assignment) { "Eligible" } else { "Assigned" },
            scope: &scope.unwrap_or_else(|| text("appScopeId")),
            start: time_of(assignment, "startDateTime", &[]),
            end: time_of(assignment, "endDateTime", &["expiration"]),
        };
        self.tables.add_membership(rows, self.snapshot, &membership);
    }

    /// Delegated permissions that a client application has on a resource, for one user or for all.
    pub fn add_permission_grant(&self, grant: &JsonObject, rows: &mut Rows) {
        self.add_application_link(
            grant,
            "DelegatedPermissionGrant",
            "clientId",
            &["consentType", "principalId", "scope"],
            rows,
        );
    }

    /// An application role, such as an application permission of Graph, that a principal has on a resource.
    pub fn add_app_role_assignment(&self, assignment: &JsonObject, rows: &mut Rows) {
        self.add_application_link(
            assignment,
            "AppRoleAssignment",
            "principalId",
            &["appRoleId", "createdDateTime"],
            rows,
        );
    }

    fn add_application_link(&self, link: &JsonObject, name: &str, from: &str, kept: &[&str], rows: &mut Rows) {
        let text = |name: &str| link.get_ignore_case(name).and_then(JsonValue::as_str).unwrap_or_default();
        let (source, target) = (text(from), text("resourceId"));
        let (source_name, target_name) = (text("principalDisplayName"), text("resourceDisplayName"));
        let service_principal = GraphKind::ServicePrincipal.name();
        let source_kind = match link.get_str("principalType").filter(|_| from == "principalId") {
            Some(kind) => type_of(&kind).map_or("", GraphKind::name),
            None => service_principal,
        };
        let mut properties = ExtraFields::new();
        for (field, value) in link.iter().filter(|(field, _)| kept.contains(field)) {
            properties.push(field, value);
        }
        let relationship = Relationship {
            source: ObjectRef { id: &source, name: &source_name, kind: source_kind },
            name,
            target: ObjectRef { id: &target, name: &target_name, kind: service_principal },
            inherited: None,
            properties: &properties.into_json(),
        };
        self.tables.add_relationship(rows, self.snapshot, &relationship);
    }
}

/// A role that may be activated, not one that is active. Eligibilities have a member type and no assignment type.
fn is_eligibility(assignment: &JsonObject) -> bool {
    let typed = assignment.get_str("@odata.type").is_some_and(|name| name.contains("Eligibility"));
    typed
        || assignment.has("roleEligibilityScheduleId")
        || (assignment.has("memberType") && !assignment.has("assignmentType"))
}

/// A time of the assignment, or of its schedule.
fn time_of(assignment: &JsonObject, name: &str, inside: &[&str]) -> Option<DateTime<Utc>> {
    let read = |object: &JsonObject| parse_time(&object.get_ignore_case(name)?.as_str()?);
    let schedule = || {
        let mut object = assignment.get("scheduleInfo")?.as_object()?;
        for step in inside {
            object = object.get(step)?.as_object()?;
        }
        read(&object)
    };
    read(assignment).or_else(schedule)
}

fn nested(object: &JsonObject, field: &str) -> Vec<Nested> {
    let values = object.get(field).and_then(JsonValue::as_array).unwrap_or_default();
    values.iter().filter_map(Nested::of).collect()
}

fn objects<'a>(object: &JsonObject<'a>, field: &str) -> Vec<JsonObject<'a>> {
    let values = object.get(field).and_then(JsonValue::as_array).unwrap_or_default();
    values.iter().filter_map(JsonValue::as_object).collect()
}

/// An object inside an AzureHound record: who owns, or is a member.
pub(super) fn with_nested(value: &JsonValue, take: impl FnOnce(ObjectRef)) {
    if let Some(nested) = Nested::of(value) {
        take(nested.reference());
    }
}
