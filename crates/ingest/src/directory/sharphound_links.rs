//! What a SharpHound object says of others: members, rights, sessions, local groups, delegation, trusts, certificates.

use std::borrow::Cow;
use std::sync::Arc;

use crate::directory::sharphound::AdObject;
use crate::directory::tables::{DirectoryTables, Membership, ObjectRef, Relationship};
use crate::directory::well_known_sids::{last_number, well_known_name};
use crate::json::{JsonObject, JsonValue, quote};
use crate::rows::{ExtraFields, Rows};

/// Fields of the record that become memberships and relationships.
pub(super) const LINK_FIELDS: [&str; 26] = [
    "Members",
    "PrimaryGroupSID",
    "Aces",
    "Sessions",
    "PrivilegedSessions",
    "RegistrySessions",
    "LocalGroups",
    "LocalAdmins",
    "RemoteDesktopUsers",
    "DcomUsers",
    "PSRemoteUsers",
    "UserRights",
    "AllowedToDelegate",
    "AllowedToAct",
    "HasSIDHistory",
    "DumpSMSAPassword",
    "SPNTargets",
    "ContainedBy",
    "ChildObjects",
    "Links",
    "Trusts",
    "GPOChanges",
    "HostingComputer",
    "EnabledCertTemplates",
    "DomainSID",
    "GroupLink",
];

/// Lists of objects that this one points to, and the relationship, named as BloodHound names its edges.
const OUTGOING: [(&str, &str); 4] = [
    ("AllowedToDelegate", "AllowedToDelegate"),
    ("HasSIDHistory", "HasSIDHistory"),
    ("DumpSMSAPassword", "DumpSMSAPassword"),
    ("GroupLink", "OIDGroupLink"),
];

/// Lists of objects that point to this one, and the relationship.
const INCOMING: [(&str, &str); 2] = [("AllowedToAct", "AllowedToAct"), ("EnabledCertTemplates", "PublishedTo")];

/// Fields of an access control entry that have a column.
const RIGHT_FIELDS: [&str; 4] = ["PrincipalSID", "PrincipalType", "RightName", "IsInherited"];

/// Lists of sessions on a computer, by how they were seen.
const SESSIONS: [&str; 3] = ["Sessions", "PrivilegedSessions", "RegistrySessions"];

/// Number of a local group, the field of older versions for its members, the field of group policies, and the relationship.
const LOCAL_GROUPS: [(&str, &str, &str, &str); 4] = [
    ("544", "LocalAdmins", "LocalAdmins", "AdminTo"),
    ("555", "RemoteDesktopUsers", "RemoteDesktopUsers", "CanRDP"),
    ("562", "DcomUsers", "DcomUsers", "ExecuteDCOM"),
    ("580", "PSRemoteUsers", "PSRemoteUsers", "CanPSRemote"),
];

/// One end of a link as SharpHound writes it.
struct Other<'a> {
    id: String,
    kind: String,
    /// The record that it was read from.
    raw: JsonValue<'a>,
}

/// A relationship of the object with another.
struct Link {
    name: String,
    other: (String, String),
    /// The object is the target.
    incoming: bool,
    inherited: Option<bool>,
    properties: String,
}

/// Everything that a record says of others.
#[derive(Default)]
pub(super) struct Links {
    members: Vec<(String, String)>,
    primary_group: Option<String>,
    links: Vec<Link>,
    /// Who gets which right on which computers by a group policy.
    policies: Vec<(&'static str, Vec<(String, String)>)>,
    affected: Vec<(String, String)>,
}

impl Links {
    /// Reads them from the record.
    pub fn of(record: &JsonObject) -> Self {
        let mut links = Self::default();
        for other in others(record.get("Members")) {
            links.members.push((other.id, other.kind));
        }
        links.primary_group = record.get_str("PrimaryGroupSID").map(|id| id.into_owned());
        for (field, name) in OUTGOING {
            links.add_all(record.get(field), name, false);
        }
        for (field, name) in INCOMING {
            links.add_all(record.get(field), name, true);
        }
        links.rights(record.get("Aces"), "");
        links.computer(record);
        links.structure(record);
        links.certificates(record);
        links.policy(record);
        links
    }

    /// How many rows they make.
    pub fn count(&self) -> usize {
        let granted: usize = self.policies.iter().map(|(_, principals)| principals.len()).sum();
        self.members.len() + self.links.len() + granted.saturating_mul(self.affected.len())
    }

    /// The ids of a group's members.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(id, _)| id.as_str())
    }

    /// Adds the rows of a group's members. `name_of` knows those of the snapshot.
    pub fn add_members(
        &self,
        tables: &DirectoryTables,
        group: &AdObject,
        name_of: impl Fn(&str) -> Option<Arc<str>>,
        rows: &mut Rows,
    ) {
        for (id, kind) in &self.members {
            let known = name_of(id);
            let name = match &known {
                Some(name) => Cow::Borrowed(&**name),
                None => well_known_name(id, &group.domain, &group.domain_sid),
            };
            let member = ObjectRef { id, name: &name, kind };
            let membership = Membership { group: group.reference(), member, kind: "Direct", ..Membership::default() };
            tables.add_membership(rows, group.snapshot(), &membership);
        }
    }

    /// Adds the rows of all but a group's members.
    pub fn add(&self, tables: &DirectoryTables, object: &AdObject, rows: &mut Rows) {
        let snapshot = object.snapshot();
        let named = |id: &str| well_known_name(id, &object.domain, &object.domain_sid);
        if let Some(id) = &self.primary_group {
            let name = named(id);
            let group = ObjectRef { id, name: &name, kind: "Group" };
            let member = object.reference();
            let membership = Membership { group, member, kind: "PrimaryGroup", ..Membership::default() };
            tables.add_membership(rows, snapshot, &membership);
        }
        for link in &self.links {
            let name = named(&link.other.0);
            let other = ObjectRef { id: &link.other.0, name: &name, kind: &link.other.1 };
            let this = object.reference();
            let (source, target) = if link.incoming { (other, this) } else { (this, other) };
            let (name, properties, inherited) = (link.name.as_str(), link.properties.as_str(), link.inherited);
            tables.add_relationship(rows, snapshot, &Relationship { source, name, target, inherited, properties });
        }
        for (right, principals) in &self.policies {
            for (id, kind) in principals {
                let name = named(id);
                for (computer, computer_kind) in &self.affected {
                    let relationship = Relationship {
                        source: ObjectRef { id, name: &name, kind },
                        name: right,
                        target: ObjectRef { id: computer, name: "", kind: computer_kind },
                        inherited: None,
                        properties: r#"{"grantedBy":"GroupPolicy"}"#,
                    };
                    tables.add_relationship(rows, snapshot, &relationship);
                }
            }
        }
    }

    fn add_all(&mut self, value: Option<&JsonValue>, name: &str, incoming: bool) {
        for other in others(value) {
            self.push(name, other, incoming, String::new());
        }
    }

    fn push(&mut self, name: &str, other: Other, incoming: bool, properties: String) {
        let other = (other.id, other.kind);
        self.links.push(Link { name: name.to_owned(), other, incoming, inherited: None, properties });
    }

    /// Access control entries: who has which right on the object.
    fn rights(&mut self, value: Option<&JsonValue>, properties: &str) {
        for entry in value.and_then(JsonValue::as_array).unwrap_or_default() {
            let Some(entry) = entry.as_object() else { continue };
            let text = |name: &str| entry.get_str(name).map(|text| text.into_owned()).unwrap_or_default();
            let mut rest = ExtraFields::new();
            for (name, value) in entry.iter().filter(|(name, _)| !RIGHT_FIELDS.contains(name)) {
                rest.push(name, value);
            }
            let rest = rest.into_json();
            self.links.push(Link {
                name: text("RightName"),
                other: (text("PrincipalSID"), text("PrincipalType")),
                incoming: true,
                inherited: entry.get("IsInherited").and_then(JsonValue::as_bool),
                properties: if rest.is_empty() { properties.to_owned() } else { rest },
            });
        }
    }

    /// Who is or was logged on to a computer, and who has which local rights on it.
    fn computer(&mut self, record: &JsonObject) {
        for field in SESSIONS {
            for session in others(results(record.get(field)).as_ref()) {
                let user = session.raw.as_object().and_then(|session| Some(session.get_str("UserSID")?.into_owned()));
                let other = Other { id: user.unwrap_or_default(), kind: "User".to_owned(), raw: session.raw };
                self.push("HasSession", other, false, format!("{{\"seenBy\":{}}}", quote(field)));
            }
        }
        for group in record.get("LocalGroups").and_then(JsonValue::as_array).unwrap_or_default() {
            let Some(group) = group.as_object() else { continue };
            let id = group.get_str("ObjectIdentifier").unwrap_or_default();
            let known = LOCAL_GROUPS.iter().find(|(rid, ..)| *rid == last_number(&id));
            let name = known.map_or("MemberOfLocalGroup", |(.., name)| *name);
            let group_name = group.get_str("Name").unwrap_or_default();
            let properties = format!("{{\"localGroupId\":{},\"localGroupName\":{}}}", quote(&id), quote(&group_name));
            for member in others(group.get("Results")) {
                self.push(name, member, true, properties.clone());
            }
        }
        for (_, field, _, name) in LOCAL_GROUPS {
            self.add_all(results(record.get(field)).as_ref(), name, true);
        }
        for right in record.get("UserRights").and_then(JsonValue::as_array).unwrap_or_default() {
            let Some(right) = right.as_object() else { continue };
            let privilege = right.get_str("Privilege").unwrap_or_default();
            // BloodHound's name is the privilege without the prefix of its constant.
            let name = privilege.strip_prefix("Se").unwrap_or(&privilege);
            self.add_all(right.get("Results"), name, true);
        }
        for target in record.get("SPNTargets").and_then(JsonValue::as_array).unwrap_or_default() {
            let Some(fields) = target.as_object() else { continue };
            let id = fields.get_str("ComputerSID").map(|id| id.into_owned()).unwrap_or_default();
            let service = fields.get_str("Service").unwrap_or_default().into_owned();
            let name = if service == "SQLAdmin" || service == "MSSQL" { "SQLAdmin" } else { &service };
            let other = Other { id, kind: "Computer".to_owned(), raw: target.clone() };
            self.push(name, other, false, target.to_json().into_owned());
        }
    }

    /// Containers, linked group policies, trusts.
    fn structure(&mut self, record: &JsonObject) {
        self.add_all(record.get("ContainedBy"), "Contains", true);
        // Version 6 says it once, on the child.
        if !record.has("ContainedBy") {
            self.add_all(record.get("ChildObjects"), "Contains", false);
        }
        for link in record.get("Links").and_then(JsonValue::as_array).unwrap_or_default() {
            let Some(fields) = link.as_object() else { continue };
            let id = fields.get_str("GUID").map(|id| id.into_owned()).unwrap_or_default();
            let enforced = fields.get("IsEnforced").and_then(JsonValue::as_bool) == Some(true);
            let other = Other { id, kind: "GPO".to_owned(), raw: link };
            self.push("GPLink", other, true, format!("{{\"isEnforced\":{enforced}}}"));
        }
        for trust in record.get("Trusts").and_then(JsonValue::as_array).unwrap_or_default() {
            let Some(fields) = trust.as_object() else { continue };
            let text = |name: &str| fields.get(name).map(|value| value.to_text().into_owned()).unwrap_or_default();
            // An inbound trust lets accounts of this domain into the other one: this domain is trusted by it.
            let (inbound, outbound) = match text("TrustDirection").as_str() {
                "Inbound" | "1" => (true, false),
                "Outbound" | "2" => (false, true),
                "Bidirectional" | "3" => (true, true),
                _ => (false, false),
            };
            for incoming in [false, true].into_iter().filter(|incoming| if *incoming { outbound } else { inbound }) {
                let other = Other { id: text("TargetDomainSid"), kind: "Domain".to_owned(), raw: trust.clone() };
                self.push("TrustedBy", other, incoming, trust.to_json().into_owned());
            }
        }
    }

    fn certificates(&mut self, record: &JsonObject) {
        let security = record.get("CARegistryData").and_then(JsonValue::as_object);
        let security = security.and_then(|data| data.get("CASecurity")?.as_object());
        self.rights(security.as_ref().and_then(|security| security.get("Data")), r#"{"from":"CASecurity"}"#);
        if let Some(computer) = record.get_str("HostingComputer") {
            let other = Other { id: computer.into_owned(), kind: "Computer".to_owned(), raw: JsonValue::Json("null") };
            self.push("HostsCAService", other, true, String::new());
        }
        if let Some(domain) = record.get_str("DomainSID") {
            // Two kinds of objects have this field.
            let properties = record.get("Properties").and_then(JsonValue::as_object);
            let is_store = properties.is_some_and(|properties| properties.has("certthumbprints"));
            let name = if is_store { "NTAuthStoreFor" } else { "RootCAFor" };
            let other = Other { id: domain.into_owned(), kind: "Domain".to_owned(), raw: JsonValue::Json("null") };
            self.push(name, other, false, String::new());
        }
    }

    fn policy(&mut self, record: &JsonObject) {
        let Some(changes) = record.get("GPOChanges").and_then(JsonValue::as_object) else { return };
        let refs = |name: &str| others(changes.get(name)).into_iter().map(|other| (other.id, other.kind)).collect();
        self.affected = refs("AffectedComputers");
        self.policies = LOCAL_GROUPS.iter().map(|(_, _, field, name)| (*name, refs(field))).collect();
    }
}

/// The list inside `{"Results":[…],"Collected":true}`.
fn results<'a>(value: Option<&JsonValue<'a>>) -> Option<JsonValue<'a>> {
    value?.as_object()?.get("Results").cloned()
}

/// Objects named in a list: `{"ObjectIdentifier","ObjectType"}`, or only an identifier; one alone stands for a list of one.
fn others<'a>(value: Option<&JsonValue<'a>>) -> Vec<Other<'a>> {
    let values = match value {
        None => return Vec::new(),
        Some(value) => value.as_array().unwrap_or_else(|| vec![value.clone()]),
    };
    let other = |value: JsonValue<'a>| match value.as_object() {
        Some(object) => {
            let text = |name: &str| object.get_str(name).map(|text| text.into_owned()).unwrap_or_default();
            Other { id: text("ObjectIdentifier"), kind: text("ObjectType"), raw: value }
        }
        None => Other { id: value.as_str().unwrap_or_default().into_owned(), kind: String::new(), raw: value },
    };
    values.into_iter().map(other).collect()
}
