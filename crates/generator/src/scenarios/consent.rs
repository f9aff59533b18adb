//! A user agrees to an application with a name like Microsoft's, which may then read mail without further sign-in.

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{AuditEvent, Initiator, Target, quoted};
use crate::events::Events;
use crate::people::User;
use crate::random::Random;
use crate::scenarios::Story;
use crate::tenant::{Tenant, jitter};
use crate::truth::TruthEntity;

const ID: &str = "consent-grant";

/// Somebody's agreement to what an application asks for.
pub(crate) struct Grant {
    pub(crate) app_name: &'static str,
    pub(crate) app_id: String,
    /// Separated by blanks, with one in front as the product writes it.
    pub(crate) scope: &'static str,
    /// Whether an administrator agrees for all accounts.
    pub(crate) for_everybody: bool,
    pub(crate) ip: String,
    pub(crate) mark: &'static str,
}

pub(super) fn add(tenant: &Tenant, events: &mut Events) -> Story {
    let mut random = tenant.random(ID, 0);
    let user = &tenant.users[tenant.cast.consent_victim];
    let grant_of_user = Grant {
        app_name: "0ffice 365 Mail Protection",
        app_id: random.guid(),
        scope: " Mail.Read offline_access User.Read openid profile",
        for_everybody: false,
        ip: user.home.ip.clone(),
        mark: ID,
    };
    let day = 3.min(i64::from(tenant.options.days) - 1);
    let time = jitter(tenant.local(user.site, day, 11 * 60), 1800, &mut random);
    events.audit.extend(grant(user, &grant_of_user, time, &mut random));
    Story {
        id: ID,
        detection: "Consent grant",
        title: "Consent to an application that imitates Microsoft and reads mail",
        description: format!("{} agreed to `{}` with{}", user.upn, grant_of_user.app_name, grant_of_user.scope),
        tactics: &["CredentialAccess", "Persistence"],
        techniques: &["T1528"],
        severity: "High",
        entities: vec![
            TruthEntity::new("account", &user.upn),
            TruthEntity::new("cloudApplication", grant_of_user.app_name),
            TruthEntity::new("ip", &grant_of_user.ip),
        ],
    }
}

/// The four changes of one consent, all of one request and within a second.
pub(crate) fn grant(user: &User, grant: &Grant, time: DateTime<Utc>, random: &mut Random) -> Vec<AuditEvent> {
    let (service_principal, graph, request) = (random.guid(), random.guid(), random.guid());
    let permission = permission(user, grant, &service_principal, &graph, random);
    let app = |modified| Target {
        app_id: Some(grant.app_id.clone()),
        ..Target::named("ServicePrincipal", &service_principal, grant.app_name, modified)
    };
    let names = ("TargetId.ServicePrincipalNames", None, quoted(&grant.app_id));
    let created = app(vec![
        ("AccountEnabled", Some("[]".into()), Some("[true]".into())),
        ("AppPrincipalId", Some("[]".into()), Some(format!("[\"{}\"]", grant.app_id))),
        ("DisplayName", Some("[]".into()), Some(format!("[\"{}\"]", grant.app_name))),
        ("Included Updated Properties", None, quoted("AccountEnabled, AppPrincipalId, DisplayName")),
        names.clone(),
    ]);
    let graph_target = graph_target(grant, &service_principal, &graph);
    let granted_to = Target::named("ServicePrincipal", &service_principal, grant.app_name, Vec::new());
    let assigned = app(vec![
        ("AppRole.Id", None, quoted("00000000-0000-0000-0000-000000000000")),
        ("User.ObjectID", None, quoted(&user.object_id)),
        ("User.UPN", None, quoted(&user.upn)),
        names.clone(),
    ]);
    let true_or_false = |value| quoted(if value { "True" } else { "False" });
    let consented = app(vec![
        ("ConsentContext.IsAdminConsent", None, true_or_false(grant.for_everybody)),
        ("ConsentContext.IsAppOnly", None, true_or_false(false)),
        ("ConsentContext.OnBehalfOfAll", None, true_or_false(grant.for_everybody)),
        ("ConsentContext.Tags", None, quoted("WindowsAzureActiveDirectoryIntegratedApp")),
        ("ConsentAction.Permissions", None, quoted(&permission)),
        names,
    ]);
    let changes = [
        (("Add service principal", "ApplicationManagement", "Add"), vec![created]),
        (("Add delegated permission grant", "ApplicationManagement", "Assign"), vec![graph_target, granted_to]),
        (
            ("Add app role assignment grant to user", "UserManagement", "Assign"),
            vec![assigned, Target::user(user, Vec::new())],
        ),
        (("Consent to application", "ApplicationManagement", "Assign"), vec![consented]),
    ];
    let mut events = Vec::new();
    for (milliseconds, (operation, targets)) in (0..).step_by(210).zip(changes) {
        let time = time + TimeDelta::milliseconds(milliseconds);
        let event = AuditEvent::new(operation, Initiator::user(user, &grant.ip), targets, time, random);
        let mut event = event.in_request(&request, random);
        event.user_agent = Some("EvoSTS");
        event.mark = grant.mark;
        events.push(event);
    }
    events
}

/// For one account or for all, as the product writes it.
fn consent_type(grant: &Grant) -> &'static str {
    if grant.for_everybody { "AllPrincipals" } else { "Principal" }
}

/// The text of `ConsentAction.Permissions`.
fn permission(user: &User, grant: &Grant, client: &str, resource: &str, random: &mut Random) -> String {
    let principal = if grant.for_everybody { "" } else { user.object_id.as_str() };
    format!(
        "[] => [[Id: {}, ClientId: {client}, PrincipalId: {principal}, ResourceId: {resource}, ConsentType: {}, \
         Scope: {}, CreatedDateTime: , LastModifiedDateTime ]]; ",
        random.code(43),
        consent_type(grant),
        grant.scope,
    )
}

/// Microsoft Graph, on which the permission is granted.
fn graph_target(grant: &Grant, service_principal: &str, graph: &str) -> Target {
    let modified = vec![
        ("DelegatedPermissionGrant.Scope", None, quoted(grant.scope)),
        ("DelegatedPermissionGrant.ConsentType", None, quoted(consent_type(grant))),
        ("ServicePrincipal.ObjectID", None, quoted(service_principal)),
        ("ServicePrincipal.DisplayName", None, None),
        ("ServicePrincipal.AppId", None, None),
    ];
    let app_id = Some("00000003-0000-0000-c000-000000000000".into());
    Target { app_id, ..Target::named("ServicePrincipal", graph, "Microsoft Graph", modified) }
}
