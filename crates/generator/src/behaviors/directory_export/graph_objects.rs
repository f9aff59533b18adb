//! Users, groups, roles, devices and service principals of Entra ID as Microsoft Graph lists them.

use chrono::{DateTime, Utc};

use super::super::domain::directory_sync::sync_program;
use super::{Export, list, object, optional};
use crate::guid::Guid;
use crate::json::Json;
use crate::records::{Field, Identity};
use crate::tenant::Tenant;
use crate::tenant::devices::{Device, Platform};
use crate::tenant::directory::{self, DNS};
use crate::tenant::groups::{Group, Origin};
use crate::tenant::people::{Kind, User};
use crate::tenant::roles::Principal;
use crate::tenant::sites::SITES;
use crate::timestamps;

const COMPANY: &str = "Tailwind Traders";

/// The account of `user`, with its manager, groups and roles.
pub(super) fn user<'t>(export: &mut Export<'_, 't>, user: &'t User) {
    let (tenant, day) = (export.tenant, export.day);
    let profile = tenant.profile(user);
    let place = &SITES[user.site].place;
    let guest = user.kind == Kind::Guest;
    let synced = user.is_in_domain();
    let when_synced = |field: Field<'t>| if synced { field } else { Field::Null };
    let last_seen = tenant.last_seen(user, day);
    let fields = vec![
        ("id", user.object_id.into()),
        ("accountEnabled", user.is_enabled(day).into()),
        ("businessPhones", list(|_| {})),
        ("city", place.city.into()),
        ("companyName", if guest { "Partner".into() } else { COMPANY.into() }),
        ("country", place.country.into()),
        ("createdDateTime", moment(profile.created)),
        ("department", if guest { Field::Null } else { user.department_on(day).into() }),
        ("displayName", user.display_name.as_str().into()),
        ("employeeId", if user.is_employee() { profile.employee_id.into() } else { Field::Null }),
        ("givenName", user.given_name.into()),
        ("jobTitle", optional(tenant.job_title(user, day))),
        ("lastPasswordChangeDateTime", moment(profile.password_changed)),
        ("mail", profile.mail.clone().into()),
        ("mobilePhone", profile.phone.into()),
        ("officeLocation", place.city.into()),
        ("onPremisesDistinguishedName", optional(profile.distinguished_name)),
        ("onPremisesDomainName", when_synced(DNS.into())),
        ("onPremisesSamAccountName", when_synced(user.sam.as_str().into())),
        ("onPremisesSecurityIdentifier", when_synced(directory::sid(user.rid).into())),
        ("onPremisesSyncEnabled", when_synced(true.into())),
        (
            "otherMails",
            list(|list| {
                if guest {
                    list.item(&profile.mail)
                }
            }),
        ),
        ("proxyAddresses", list(|list| list.item(&format!("SMTP:{}", profile.mail)))),
        ("state", place.state.into()),
        ("surname", user.surname.into()),
        ("usageLocation", place.country.into()),
        ("userPrincipalName", user.upn.as_str().into()),
        ("userType", if guest { "Guest".into() } else { "Member".into() }),
        ("signInActivity", last_seen.map_or(Field::Null, sign_in_activity)),
        ("manager", user.manager.map_or(Field::Null, |number| object(|json| reference(json, tenant.user(number))))),
        ("memberOf", member_of(tenant, user, day)),
    ];
    export.push("EntraUsers", user.object_id, fields);
}

/// A moment as Graph writes it.
fn moment<'t>(time: DateTime<Utc>) -> Field<'t> {
    timestamps::text(timestamps::seconds_utc, time).into()
}

fn sign_in_activity<'t>(time: DateTime<Utc>) -> Field<'t> {
    object(|json| json.plain_with("lastSignInDateTime", |text| timestamps::seconds_utc(text, time)))
}

/// An account as part of something else.
fn reference(json: &mut Json, user: &User) {
    json.text("@odata.type", "#microsoft.graph.user");
    json.plain("id", user.object_id);
    json.text("displayName", &user.display_name);
    json.text("userPrincipalName", &user.upn);
}

fn member_of<'t>(tenant: &Tenant, user: &User, day: i64) -> Field<'t> {
    list(|list| {
        for group in tenant.groups.iter().filter(|group| group.is_in_entra() && group.has(user, day)) {
            list.item_object(|json| group_reference(json, group));
        }
        for held in tenant.roles_of(user, day).filter(|held| !held.eligible) {
            list.item_object(|json| {
                json.text("@odata.type", "#microsoft.graph.directoryRole");
                json.text("id", held.role.template);
                json.text("displayName", held.role.name);
                json.text("roleTemplateId", held.role.template);
            });
        }
    })
}

fn group_reference(json: &mut Json, group: &Group) {
    json.text("@odata.type", "#microsoft.graph.group");
    json.plain("id", group.id);
    json.text("displayName", &group.name);
}

/// The laptop and the telephone of `user`.
pub(super) fn devices<'t>(export: &mut Export<'_, 't>, user: &'t User) {
    if user.is_employee() {
        device(export, user, &user.laptop);
        if let Some(phone) = &user.phone {
            device(export, user, phone);
        }
    }
}

fn device<'t>(export: &mut Export<'_, 't>, user: &'t User, device: &'t Device) {
    let (system, version) = match device.platform {
        Platform::IPhone => ("iOS", "18.7"),
        Platform::Android => ("Android", "15"),
        _ => ("Windows", "10.0.26100.2894"),
    };
    let laptop = system == "Windows";
    let registered = export.tenant.profile(user).created;
    // Object and device ids are two identifiers of one device.
    let object_id = export.tenant.random("device objects", device.id.low()).guid();
    let last_seen = export.tenant.last_seen(user, export.day).unwrap_or(registered);
    let fields = vec![
        ("id", object_id.into()),
        ("accountEnabled", user.is_enabled(export.day).into()),
        ("approximateLastSignInDateTime", moment(last_seen)),
        ("deviceId", device.id.into()),
        ("deviceOwnership", if laptop { "Company".into() } else { "Personal".into() }),
        ("displayName", device.name.as_str().into()),
        ("isCompliant", laptop.into()),
        ("isManaged", laptop.into()),
        ("operatingSystem", system.into()),
        ("operatingSystemVersion", version.into()),
        ("profileType", "RegisteredDevice".into()),
        ("registrationDateTime", moment(registered)),
        ("trustType", if laptop { "ServerAd".into() } else { "Workplace".into() }),
        ("registeredOwners", list(|list| list.item_object(|json| reference(json, user)))),
    ];
    export.push("EntraDevices", object_id, fields);
}

/// The groups with the groups in them; accounts have theirs in `memberOf`.
pub(super) fn groups(export: &mut Export) {
    let tenant = export.tenant;
    for group in tenant.groups.iter().filter(|group| group.is_in_entra()) {
        let team = group.origin == Origin::Team;
        let synced = group.origin == Origin::Synced;
        let fields = vec![
            ("id", group.id.into()),
            ("displayName", group.name.as_str().into()),
            (
                "groupTypes",
                list(|list| {
                    if team {
                        list.item("Unified")
                    }
                }),
            ),
            ("mail", group.mail().map_or(Field::Null, Field::from)),
            ("mailEnabled", team.into()),
            ("mailNickname", group.alias().into()),
            ("onPremisesSyncEnabled", if synced { true.into() } else { Field::Null }),
            ("onPremisesSecurityIdentifier", group.sid.clone().map_or(Field::Null, Field::from)),
            ("securityEnabled", (!team).into()),
            ("visibility", if team { "Private".into() } else { Field::Null }),
            (
                "members",
                list(|list| {
                    for number in &group.nested {
                        list.item_object(|json| group_reference(json, &tenant.groups[*number as usize]));
                    }
                }),
            ),
        ];
        export.push("EntraGroups", group.id, fields);
    }
}

/// Who holds a role, and who may activate one.
pub(super) fn roles(export: &mut Export) {
    let (tenant, day) = (export.tenant, export.day);
    for held in tenant.roles.iter().filter(|held| held.holds(day)) {
        let principal = match held.principal {
            Principal::User(number) => tenant.user(number).object_id,
            Principal::Workload(number) => tenant.workloads[number as usize].object_id,
        };
        let until = if held.until == i64::MAX { Field::Null } else { moment(tenant.day(held.until)) };
        let from = if held.from == i64::MIN { Field::Null } else { moment(tenant.day(held.from)) };
        let schedule = if held.eligible { "roleEligibilityScheduleId" } else { "roleAssignmentScheduleId" };
        let mut fields = vec![
            ("id", held.id.into()),
            ("principalId", principal.into()),
            ("roleDefinitionId", held.role.template.into()),
            ("directoryScopeId", "/".into()),
            ("appScopeId", Field::Null),
            ("startDateTime", from),
            ("endDateTime", until),
            ("memberType", "Direct".into()),
            (schedule, held.id.into()),
            (
                "roleDefinition",
                object(|json| {
                    json.text("id", held.role.template);
                    json.text("displayName", held.role.name);
                }),
            ),
        ];
        if !held.eligible {
            fields.push(("assignmentType", "Assigned".into()));
        }
        if let Principal::User(number) = held.principal {
            fields.push(("principal", object(|json| reference(json, tenant.user(number)))));
        }
        export.push("EntraRoles", held.id, fields);
    }
}

/// The programs of the tenant, Entra Connect among them.
pub(super) fn service_principals(export: &mut Export) {
    let tenant = export.tenant;
    for workload in &tenant.workloads {
        let kind = if workload.managed { "ManagedIdentity" } else { "Application" };
        service_principal(export, workload.object_id, workload.app_id, Field::from(workload.name.as_str()), kind);
    }
    if tenant.options.on_premises_permille > 0
        && let Identity::Program { name, app_id, object_id, .. } = sync_program(tenant)
    {
        service_principal(export, object_id, app_id, Field::from(name.into_owned()), "Application");
    }
}

fn service_principal<'t>(export: &mut Export<'_, 't>, id: Guid, app_id: Guid, name: Field<'t>, kind: &'static str) {
    let fields = vec![
        ("id", id.into()),
        ("accountEnabled", true.into()),
        ("appId", app_id.into()),
        ("appOwnerOrganizationId", export.tenant.tenant_id.into()),
        ("displayName", name),
        ("servicePrincipalType", kind.into()),
        ("signInAudience", "AzureADMyOrg".into()),
        ("tags", list(|_| {})),
    ];
    export.push("EntraServicePrincipals", id, fields);
}
