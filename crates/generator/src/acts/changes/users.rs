//! Changes of accounts.

use chrono::{DateTime, TimeDelta, Utc};

use crate::random::Random;
use crate::records::{Audit, Initiator, Modified, Target, listed, quoted};
use crate::tenant::people::User;
use crate::timestamps;

/// An account is created.
pub(crate) fn added<'t>(by: Initiator<'t>, user: &User, random: &mut Random) -> Audit<'t> {
    let modified = vec![
        ("AccountEnabled", Some("[]".into()), Some("[true]".into())),
        ("DisplayName", Some("[]".into()), listed(&user.display_name)),
        ("MailNickname", Some("[]".into()), listed(&user.sam)),
        ("UserPrincipalName", Some("[]".into()), listed(&user.upn)),
        ("UserType", Some("[]".into()), listed("Member")),
        (
            "Included Updated Properties",
            None,
            quoted("AccountEnabled, DisplayName, MailNickname, UserPrincipalName, UserType"),
        ),
    ];
    Audit::new(("Add user", "UserManagement", "Add"), by, vec![Target::user(user, modified)], random)
}

/// One property of an account changes.
pub(crate) fn updated<'t>(
    by: Initiator<'t>,
    user: &User,
    (name, old, new): Modified,
    random: &mut Random,
) -> Audit<'t> {
    let modified = vec![(name, old, new), ("Included Updated Properties", None, quoted(name))];
    Audit::new(("Update user", "UserManagement", "Update"), by, vec![Target::user(user, modified)], random)
}

/// An account's manager is set.
pub(crate) fn manager_set<'t>(by: Initiator<'t>, user: &User, manager: &User, random: &mut Random) -> Audit<'t> {
    let targets = vec![Target::user(user, Vec::new()), Target::user(manager, Vec::new())];
    Audit::new(("Set user manager", "UserManagement", "Update"), by, targets, random)
}

/// An account gets or loses its license.
pub(crate) fn license_changed<'t>(by: Initiator<'t>, user: &User, random: &mut Random) -> Audit<'t> {
    let operation = ("Change user license", "UserManagement", "Update");
    Audit::new(operation, by, vec![Target::user(user, Vec::new())], random)
}

/// An account is blocked, as two records of one request.
pub(crate) fn disabled<'t>(by: Initiator<'t>, user: &User, random: &mut Random) -> [Audit<'t>; 2] {
    let enabled = || {
        let modified = vec![
            ("AccountEnabled", Some("[true]".into()), Some("[false]".into())),
            ("Included Updated Properties", None, quoted("AccountEnabled")),
        ];
        vec![Target::user(user, modified)]
    };
    let update = Audit::new(("Update user", "UserManagement", "Update"), by.clone(), enabled(), random);
    let disable = Audit::new(("Disable account", "UserManagement", "Update"), by, enabled(), random);
    let request = update.correlation_id;
    [update, disable.in_request(request, random)]
}

/// All tokens that an account had are no longer taken.
pub(crate) fn sessions_revoked<'t>(
    by: Initiator<'t>,
    user: &User,
    time: DateTime<Utc>,
    random: &mut Random,
) -> Audit<'t> {
    let (old, new) = (time - TimeDelta::days(random.between(20, 200)), time);
    let moment = |time| listed(&timestamps::text(timestamps::seconds_utc, time));
    let modified = vec![
        ("StsRefreshTokensValidFrom", moment(old), moment(new)),
        ("Included Updated Properties", None, quoted("StsRefreshTokensValidFrom")),
    ];
    let operation = ("Update StsRefreshTokenValidFrom Timestamp", "UserManagement", "Update");
    Audit::new(operation, by, vec![Target::user(user, modified)], random)
}

/// The helpdesk gives an account another password.
pub(crate) fn password_reset<'t>(by: Initiator<'t>, user: &User, random: &mut Random) -> Audit<'t> {
    let operation = ("Reset user password", "UserManagement", "Update");
    Audit::new(operation, by, vec![Target::user(user, Vec::new())], random)
}

/// The owner of an account changes its password.
pub(crate) fn password_changed<'t>(by: Initiator<'t>, user: &User, random: &mut Random) -> Audit<'t> {
    let operation = ("Change user password", "UserManagement", "Update");
    Audit::new(operation, by, vec![Target::user(user, Vec::new())], random)
}

/// What can prove who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Authenticator,
    Telephone,
    SecurityKey,
}

/// An account's owner registers a method of multi-factor authentication.
pub(crate) fn method_registered<'t>(by: Initiator<'t>, user: &User, method: Method, random: &mut Random) -> Audit<'t> {
    let reason = match method {
        Method::Authenticator => "User registered Authenticator App with Notification and Code",
        Method::Telephone => "User registered Mobile Phone SMS",
        Method::SecurityKey => "User registered Fido2 Authentication Method",
    };
    let operation = ("User registered security info", "UserManagement", "Add");
    let audit = Audit::new(operation, by, vec![Target::user(user, Vec::new())], random);
    audit.logged_by("Authentication Methods", reason)
}

/// An account's owner removes a method.
pub(crate) fn method_deleted<'t>(by: Initiator<'t>, user: &User, random: &mut Random) -> Audit<'t> {
    let operation = ("User deleted security info", "UserManagement", "Delete");
    let audit = Audit::new(operation, by, vec![Target::user(user, Vec::new())], random);
    audit.logged_by("Authentication Methods", "User deleted Authenticator App with Notification and Code")
}
