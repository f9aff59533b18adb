//! A user of Entra ID as a row of `IdentityInfo`.

use crate::directory::graph::last_sign_in;
use crate::directory::graph_kind::{GraphKind, id_of, type_of};
use crate::directory::identity::{Environment, IdentityTable};
use crate::directory::tables::Snapshot;
use crate::json::{JsonObject, JsonValue, quote};
use crate::rows::{ExtraFields, Rows};
use crate::time::parse_time;

/// Graph's fields and the columns that hold them as they are.
const FIELDS: [(&str, &str); 28] = [
    ("userPrincipalName", "AccountUPN"),
    ("displayName", "AccountDisplayName"),
    ("userDisplayName", "AccountDisplayName"),
    ("givenName", "GivenName"),
    ("surname", "Surname"),
    ("mail", "MailAddress"),
    ("mail", "EmailAddress"),
    ("otherMails", "OtherMailAddresses"),
    ("otherMails", "AdditionalMailAddresses"),
    ("jobTitle", "JobTitle"),
    ("department", "Department"),
    ("companyName", "CompanyName"),
    ("city", "City"),
    ("state", "State"),
    ("country", "Country"),
    ("streetAddress", "StreetAddress"),
    ("employeeId", "EmployeeId"),
    ("deletedDateTime", "DeletedDateTime"),
    ("onPremisesSecurityIdentifier", "OnPremSid"),
    ("onPremisesSamAccountName", "SAMAccountName"),
    ("onPremisesDistinguishedName", "OnPremisesDistinguishedName"),
    ("onPremisesExtensionAttributes", "OnPremisesExtensionAttributes"),
    ("securityIdentifier", "AccountCloudSID"),
    ("securityIdentifier", "CloudSid"),
    ("userType", "UserType"),
    ("userType", "TenantMembershipType"),
    ("isMfaRegistered", "IsMFARegistered"),
    ("tenantId", "AccountTenantId"),
];

/// Fields with the user's telephone number, the best first.
const PHONES: [&str; 4] = ["mobilePhone", "mobile", "businessPhones", "telephoneNumber"];

/// The table of users, with the columns of Graph's fields.
pub(super) fn identity_table() -> IdentityTable {
    IdentityTable::new(&FIELDS)
}

/// Adds the row. `alone` where the record has no row in `DirectoryObjects`, whose `Properties` hold the fields without a column.
pub(super) fn add_user(identity: &IdentityTable, user: &JsonObject, snapshot: Snapshot, alone: bool, rows: &mut Rows) {
    let text = |name: &str| user.get_ignore_case(name).and_then(JsonValue::as_str).filter(|text| !text.is_empty());
    let row = identity.begin(rows, snapshot.time, environment(user));
    row.set_str(identity.account_object_id, &id_of(user).unwrap_or_default());
    row.set_str(identity.tenant, snapshot.tenant);
    if !snapshot.tenant.is_empty() {
        row.set_str(identity.account_tenant, snapshot.tenant);
    }
    identity.copy(row, user);
    if let Some((name, domain)) = text("userPrincipalName").as_deref().and_then(|upn| upn.rsplit_once('@')) {
        row.set_str(identity.account_name, name);
        row.set_str(identity.account_domain, domain);
    }
    identity.set_enabled(row, user.get_ignore_case("accountEnabled"));
    let created = text("createdDateTime").and_then(|text| parse_time(&text));
    identity.set_times(row, created, last_sign_in(user));
    if let Some(phone) = PHONES.iter().find_map(|name| first_text(user.get_ignore_case(name)?)) {
        row.set_str(identity.phone, &phone);
    }
    let addresses = user.get_ignore_case("proxyAddresses").and_then(JsonValue::as_array).unwrap_or_default();
    let sip = addresses
        .iter()
        .filter_map(JsonValue::as_str)
        .find(|address| address.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("sip:")));
    if let Some(sip) = sip {
        row.set_str(identity.sip_address, &sip);
    }
    if let Some(manager) = user.get_ignore_case("manager").and_then(manager_name) {
        row.set_str(identity.manager, &manager);
    }
    for (column, kind) in [(identity.groups, GraphKind::Group), (identity.roles, GraphKind::DirectoryRole)] {
        if let Some(names) = memberships(user, kind) {
            row.set_dynamic(column, &names);
        }
    }
    let mut extra = ExtraFields::new();
    if alone {
        for (name, value) in user.iter().filter(|(name, _)| *name != "id" && !identity.copies(name)) {
            extra.push(name, value);
        }
    }
    identity.end(row, &mut extra);
}

/// An account is in both directories where it is synchronized. Graph leaves the field out unless it is asked for.
fn environment(user: &JsonObject) -> Environment {
    let synced = ["onPremisesSyncEnabled", "directorySynced"].iter().find_map(|name| user.get_ignore_case(name));
    let has_sid = user.get_ignore_case("onPremisesSecurityIdentifier").is_some_and(|sid| !sid.is_blank());
    match synced.map(JsonValue::as_bool) {
        _ if has_sid => Environment::Hybrid,
        Some(Some(true)) => Environment::Hybrid,
        Some(_) => Environment::Cloud,
        None => Environment::Entra,
    }
}

/// The string, or the first of a list of strings.
fn first_text(value: &JsonValue) -> Option<String> {
    let text = value.as_str().map(|text| text.into_owned());
    let first = || value.as_array()?.first()?.as_str().map(|text| text.into_owned());
    text.or_else(first).filter(|text| !text.is_empty())
}

fn manager_name(manager: &JsonValue) -> Option<String> {
    match manager.as_object() {
        Some(object) => ["userPrincipalName", "displayName", "id"].iter().find_map(|name| {
            let text = object.get_ignore_case(name)?.as_str()?;
            (!text.is_empty()).then(|| text.into_owned())
        }),
        None => first_text(manager),
    }
}

/// The names of the groups or roles in `memberOf`, as a JSON array; `None` where it was not asked for.
fn memberships(user: &JsonObject, kind: GraphKind) -> Option<String> {
    let groups = user.get("memberOf").or_else(|| user.get("transitiveMemberOf"))?.as_array()?;
    let names = groups.iter().filter_map(|group| {
        let group = group.as_object()?;
        let is_kind = group.get_str("@odata.type").and_then(|name| type_of(&name)) == Some(kind);
        is_kind.then(|| Some(quote(&group.get_str("displayName")?)))?
    });
    Some(format!("[{}]", names.collect::<Vec<_>>().join(",")))
}
