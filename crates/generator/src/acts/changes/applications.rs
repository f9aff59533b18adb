//! Changes of applications: registration, credentials, consent.

use crate::guid::Guid;
use crate::random::Random;
use crate::records::{Audit, Initiator, Modified, Target, listed, quoted};
use crate::tenant::Tenant;
use crate::tenant::people::User;

/// An application by its identifiers.
#[derive(Debug, Clone)]
pub(crate) struct Program<'a> {
    pub(crate) name: &'a str,
    pub(crate) app_id: Guid,
    /// Of the application.
    pub(crate) object_id: Guid,
    /// Of its service principal.
    pub(crate) service_principal_id: Guid,
}

/// The operation's dash and final blank are the product's.
const CREDENTIALS: (&str, &str, &str) =
    ("Update application – Certificates and secrets management ", "ApplicationManagement", "Update");
/// The agent of a browser in the portal.
pub(crate) const PORTAL_AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 \
     Safari/537.36 Edg/143.0.0.0";

/// An application is registered: itself, its owner, its service principal.
pub(crate) fn registered<'t>(by: Initiator<'t>, owner: &User, app: &Program, random: &mut Random) -> [Audit<'t>; 3] {
    let application = |modified| Target::program("Application", app.object_id, app.app_id, app.name, modified);
    let modified = vec![
        ("AppId", Some("[]".into()), listed(&app.app_id.to_string())),
        ("AvailableToOtherTenants", Some("[]".into()), Some("[false]".into())),
        ("DisplayName", Some("[]".into()), listed(app.name)),
        ("Included Updated Properties", None, quoted("AppId, AvailableToOtherTenants, DisplayName")),
    ];
    let mut change = |operation, targets| {
        let audit = Audit::new(operation, by.clone(), targets, random);
        Audit { user_agent: Some(PORTAL_AGENT), ..audit }
    };
    let added = change(("Add application", "ApplicationManagement", "Add"), vec![application(modified)]);
    let owned = change(
        ("Add owner to application", "ApplicationManagement", "Assign"),
        vec![Target::user(owner, Vec::new()), application(Vec::new())],
    );
    let principal = change(("Add service principal", "ApplicationManagement", "Add"), vec![created(app)]);
    [added, owned, principal]
}

fn created(app: &Program) -> Target {
    let app_id = app.app_id.to_string();
    let modified = vec![
        ("AccountEnabled", Some("[]".into()), Some("[true]".into())),
        ("AppPrincipalId", Some("[]".into()), listed(&app_id)),
        ("DisplayName", Some("[]".into()), listed(app.name)),
        ("Included Updated Properties", None, quoted("AccountEnabled, AppPrincipalId, DisplayName")),
        ("TargetId.ServicePrincipalNames", None, quoted(&app_id)),
    ];
    Target::program("ServicePrincipal", app.service_principal_id, app.app_id, app.name, modified)
}

/// A secret of an application: its key and its name.
pub(crate) type Secret<'a> = (Guid, &'a str);

/// The secrets of an application were `old` and are `new`.
pub(crate) fn secrets_changed<'t>(
    by: Initiator<'t>,
    app: &Program,
    old: &[Secret],
    new: &[Secret],
    random: &mut Random,
) -> Audit<'t> {
    let text = |secrets: &[Secret]| {
        let mut text = String::new();
        crate::json::array(&mut text, |list| {
            for (key, name) in secrets {
                list.item(&format!("[KeyIdentifier={key},KeyType=Password,KeyUsage=Verify,DisplayName={name}]"));
            }
        });
        Some(text)
    };
    let modified =
        vec![("KeyDescription", text(old), text(new)), ("Included Updated Properties", None, quoted("KeyDescription"))];
    let target = Target::program("Application", app.object_id, app.app_id, app.name, modified);
    let audit = Audit::new(CREDENTIALS, by, vec![target], random);
    Audit { user_agent: Some(PORTAL_AGENT), ..audit }
}

/// Somebody's agreement to what an application asks for.
pub(crate) struct Consent<'a> {
    pub(crate) app: Program<'a>,
    /// Separated by blanks, with one in front as the product writes it.
    pub(crate) scope: &'static str,
    /// Whether an administrator agrees for all accounts.
    pub(crate) for_everybody: bool,
}

/// The four changes of one consent, all of one request; they happen within a second.
pub(crate) fn consented<'t>(
    tenant: &Tenant,
    by: Initiator<'t>,
    user: &User,
    consent: &Consent,
    random: &mut Random,
) -> [Audit<'t>; 4] {
    let app = &consent.app;
    let graph = tenant.random("Microsoft Graph", 0).guid();
    let permission = permission(user, consent, graph, random);
    let principal =
        |modified| Target::program("ServicePrincipal", app.service_principal_id, app.app_id, app.name, modified);
    let names: Modified = ("TargetId.ServicePrincipalNames", None, quoted(&app.app_id.to_string()));
    let assigned = principal(vec![
        ("AppRole.Id", None, quoted(&Guid::NIL.to_string())),
        ("User.ObjectID", None, quoted(&user.object_id.to_string())),
        ("User.UPN", None, quoted(&user.upn)),
        names.clone(),
    ]);
    let true_or_false = |value| quoted(if value { "True" } else { "False" });
    let agreed = principal(vec![
        ("ConsentContext.IsAdminConsent", None, true_or_false(consent.for_everybody)),
        ("ConsentContext.IsAppOnly", None, true_or_false(false)),
        ("ConsentContext.OnBehalfOfAll", None, true_or_false(consent.for_everybody)),
        ("ConsentContext.Tags", None, quoted("WindowsAzureActiveDirectoryIntegratedApp")),
        ("ConsentAction.Permissions", None, quoted(&permission)),
        names,
    ]);
    let granted = vec![graph_target(consent, graph), principal(Vec::new())];
    let request = random.guid();
    let mut change = |operation, targets| {
        let audit = Audit::new(operation, by.clone(), targets, random).in_request(request, random);
        Audit { user_agent: Some("EvoSTS"), ..audit }
    };
    [
        change(("Add service principal", "ApplicationManagement", "Add"), vec![created(app)]),
        change(("Add delegated permission grant", "ApplicationManagement", "Assign"), granted),
        change(
            ("Add app role assignment grant to user", "UserManagement", "Assign"),
            vec![assigned, Target::user(user, Vec::new())],
        ),
        change(("Consent to application", "ApplicationManagement", "Assign"), vec![agreed]),
    ]
}

/// For one account or for all, as the product writes it.
fn consent_type(consent: &Consent) -> &'static str {
    if consent.for_everybody { "AllPrincipals" } else { "Principal" }
}

/// The text of `ConsentAction.Permissions`.
fn permission(user: &User, consent: &Consent, resource: Guid, random: &mut Random) -> String {
    let principal = if consent.for_everybody { String::new() } else { user.object_id.to_string() };
    format!(
        "[] => [[Id: {}, ClientId: {}, PrincipalId: {principal}, ResourceId: {resource}, ConsentType: {}, Scope: {}, \
         CreatedDateTime: , LastModifiedDateTime ]]; ",
        random.code(43),
        consent.app.service_principal_id,
        consent_type(consent),
        consent.scope,
    )
}

/// Microsoft Graph, on which the permission is granted.
fn graph_target(consent: &Consent, graph: Guid) -> Target {
    let modified = vec![
        ("DelegatedPermissionGrant.Scope", None, quoted(consent.scope)),
        ("DelegatedPermissionGrant.ConsentType", None, quoted(consent_type(consent))),
        ("ServicePrincipal.ObjectID", None, quoted(&consent.app.service_principal_id.to_string())),
        ("ServicePrincipal.DisplayName", None, None),
        ("ServicePrincipal.AppId", None, None),
    ];
    let (app_id, name) = crate::tenant::apps::GRAPH;
    Target::program("ServicePrincipal", graph, app_id, name, modified)
}

/// An account gets access to an application that the organisation uses.
pub(crate) fn user_assigned<'t>(
    tenant: &Tenant,
    by: Initiator<'t>,
    user: &User,
    app: &crate::tenant::apps::App,
    random: &mut Random,
) -> Audit<'t> {
    let modified = vec![
        ("AppRole.Id", None, quoted(&Guid::NIL.to_string())),
        ("User.ObjectID", None, quoted(&user.object_id.to_string())),
        ("User.UPN", None, quoted(&user.upn)),
    ];
    let principal = tenant.random(app.name, 0).guid();
    let targets = vec![
        Target::program("ServicePrincipal", principal, app.id, app.name, modified),
        Target::user(user, Vec::new()),
    ];
    Audit::new(("Add app role assignment grant to user", "UserManagement", "Assign"), by, targets, random)
}
