//! Roles: assignments, and activations through Privileged Identity Management.

use super::PRIVILEGED_IDENTITY;
use crate::guid::Guid;
use crate::random::Random;
use crate::records::{Audit, Initiator, Modified, Target, quoted};
use crate::tenant::Tenant;
use crate::tenant::people::User;
use crate::tenant::roles::Role;

/// Why a role is activated.
pub(crate) struct Activation {
    pub(crate) ticket: String,
    pub(crate) justification: String,
}

/// `member` gets `role` for good.
pub(crate) fn assigned<'t>(
    tenant: &Tenant,
    by: Initiator<'t>,
    member: &User,
    role: &Role,
    random: &mut Random,
) -> Audit<'t> {
    let targets = vec![Target::user(member, role_properties(tenant, role, true))];
    Audit::new(("Add member to role", "RoleManagement", "Assign"), by, targets, random)
}

/// `member` loses `role`.
pub(crate) fn removed<'t>(
    tenant: &Tenant,
    by: Initiator<'t>,
    member: &User,
    role: &Role,
    random: &mut Random,
) -> Audit<'t> {
    let targets = vec![Target::user(member, role_properties(tenant, role, false))];
    Audit::new(("Remove member from role", "RoleManagement", "Unassign"), by, targets, random)
}

/// The object id of `role` in this directory.
fn role_id(tenant: &Tenant, role: &Role) -> Guid {
    tenant.random(role.name, 0).guid()
}

fn role_properties(tenant: &Tenant, role: &Role, gets: bool) -> Vec<Modified> {
    let set = |name, text: &str| {
        let value = quoted(text);
        if gets { (name, None, value) } else { (name, value, None) }
    };
    vec![
        set("Role.ObjectID", &role_id(tenant, role).to_string()),
        set("Role.DisplayName", role.name),
        set("Role.TemplateId", role.template),
    ]
}

/// `user` asks for and takes `role`: two records of the service, and one of what it writes to the directory.
pub(crate) fn activated<'t>(
    tenant: &Tenant,
    by: Initiator<'t>,
    user: &User,
    role: &Role,
    activation: &Activation,
    random: &mut Random,
) -> [Audit<'t>; 3] {
    let requested = ("Add member to role requested (PIM activation)", "RoleManagement", "Add");
    let completed = ("Add member to role completed (PIM activation)", "RoleManagement", "Add");
    let requested = pim(tenant, requested, by.clone(), (user, role), activation, random);
    let completed = pim(tenant, completed, by, (user, role), activation, random);
    let request = requested.correlation_id;
    let written = assigned(tenant, tenant.service(PRIVILEGED_IDENTITY), user, role, random);
    [requested, completed.in_request(request, random), written]
}

/// The time of an activation is over: one record of the service, and one of what it writes to the directory.
pub(crate) fn expired<'t>(tenant: &Tenant, user: &User, role: &Role, random: &mut Random) -> [Audit<'t>; 2] {
    let operation = ("Remove member from role (PIM activation expired)", "RoleManagement", "Delete");
    let nothing = Activation { ticket: String::new(), justification: String::new() };
    let service = || tenant.service(PRIVILEGED_IDENTITY);
    let expired = pim(tenant, operation, service(), (user, role), &nothing, random);
    [expired, removed(tenant, service(), user, role, random)]
}

fn pim<'t>(
    tenant: &Tenant,
    operation: (&'static str, &'static str, &'static str),
    by: Initiator<'t>,
    (user, role): (&User, &Role),
    activation: &Activation,
    random: &mut Random,
) -> Audit<'t> {
    let targets = vec![
        Target::named("Role", role_id(tenant, role), role.name, Vec::new()),
        Target::named("Request", random.guid(), "", Vec::new()),
        Target::user(user, Vec::new()),
    ];
    let audit = Audit::new(operation, by, targets, random);
    let audit = audit.logged_by("PIM", activation.justification.clone());
    let mut details = vec![
        ("RoleDefinitionOriginId", role.template.to_owned()),
        ("RoleDefinitionOriginType", "BuiltInRole".to_owned()),
        ("TemplateId", role.template.to_owned()),
    ];
    if !activation.ticket.is_empty() {
        details.push(("TicketNumber", activation.ticket.clone()));
        details.push(("TicketSystem", "ServiceDesk".to_owned()));
    }
    Audit { details, ..audit }
}
