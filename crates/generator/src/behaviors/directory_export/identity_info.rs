//! A row of Sentinel's IdentityInfo (<https://learn.microsoft.com/azure/sentinel/ueba-reference#identityinfo-table>).

use super::{Export, IDENTITY_DAYS, list, optional};
use crate::records::Field;
use crate::tenant::directory::{self, DNS};
use crate::tenant::people::{DOMAIN, Kind, User};
use crate::tenant::sites::SITES;

/// What the table says of `user`.
pub(super) fn row<'t>(export: &mut Export<'_, 't>, user: &'t User) {
    let (tenant, day) = (export.tenant, export.day);
    let profile = tenant.profile(user);
    let place = &SITES[user.site].place;
    let guest = user.kind == Kind::Guest;
    let synced = user.is_in_domain();
    let when_synced = |field: Field<'t>| if synced { field } else { Field::Null };
    let manager = user.manager.map_or(Field::Null, |number| tenant.user(number).upn.as_str().into());
    let all = day % IDENTITY_DAYS == 0;
    let groups = list(|list| tenant.groups_of(user, day).for_each(|group| list.item(&group.name)));
    let roles = list(|list| {
        tenant.roles_of(user, day).filter(|held| !held.eligible).for_each(|held| list.item(held.role.name));
    });
    let control: &[&str] =
        if user.is_enabled(day) { &["NormalAccount"] } else { &["AccountDisabled", "NormalAccount"] };
    let fields = vec![
        ("AccountObjectId", user.object_id.into()),
        ("AccountUPN", user.upn.as_str().into()),
        ("AccountName", user.upn.split('@').next().unwrap_or_default().into()),
        ("AccountDomain", if synced { DNS.into() } else { DOMAIN.into() }),
        ("AccountDisplayName", user.display_name.as_str().into()),
        ("AccountSID", when_synced(directory::sid(user.rid).into())),
        ("AccountTenantId", tenant.tenant_id.into()),
        ("AccountCreationTime", profile.created.into()),
        ("AssignedRoles", roles),
        ("ChangeSource", if all { "FullSync".into() } else { "AzureActiveDirectory".into() }),
        ("City", place.city.into()),
        ("Country", place.country.into()),
        ("Department", if guest { Field::Null } else { user.department_on(day).into() }),
        ("EmployeeId", if user.is_employee() { profile.employee_id.into() } else { Field::Null }),
        ("GivenName", user.given_name.into()),
        ("GroupMembership", groups),
        ("IsAccountEnabled", user.is_enabled(day).into()),
        ("IsMFARegistered", (user.phone.is_some() || guest).into()),
        ("IsServiceAccount", false.into()),
        ("JobTitle", optional(tenant.job_title(user, day))),
        ("LastSeenDate", tenant.last_seen(user, day).map_or(Field::Null, Field::from)),
        ("MailAddress", profile.mail.into()),
        ("Manager", manager),
        ("OnPremisesDistinguishedName", optional(profile.distinguished_name)),
        ("Phone", profile.phone.into()),
        ("RelatedAccounts", list(|_| {})),
        ("SAMAccountName", when_synced(user.sam.as_str().into())),
        ("SourceSystem", if synced { "Hybrid".into() } else { "AzureActiveDirectory".into() }),
        ("State", place.state.into()),
        ("Surname", user.surname.into()),
        ("Tags", if user.kind == Kind::BreakGlass { "[\"Emergency access\"]".into() } else { Field::Null }),
        ("UserAccountControl", list(|list| control.iter().for_each(|flag| list.item(flag)))),
        ("UserState", if guest { "Accepted".into() } else { Field::Null }),
        ("UserType", if guest { "Guest".into() } else { "Member".into() }),
    ];
    export.push("IdentityInfo", user.object_id, fields);
}
