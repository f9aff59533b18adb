//! A user of Active Directory as a row of `IdentityInfo`.

use crate::directory::identity::{Environment, IdentityTable};
use crate::directory::sharphound::AdObject;
use crate::json::{JsonValue, quote};
use crate::rows::{ExtraFields, Rows};

/// SharpHound's properties and the columns that hold them as they are.
const FIELDS: [(&str, &str); 9] = [
    ("displayname", "AccountDisplayName"),
    ("samaccountname", "AccountName"),
    ("samaccountname", "SAMAccountName"),
    ("userprincipalname", "AccountUPN"),
    ("distinguishedname", "DistinguishedName"),
    ("distinguishedname", "OnPremisesDistinguishedName"),
    ("email", "EmailAddress"),
    ("email", "MailAddress"),
    ("title", "JobTitle"),
];

/// SharpHound's property, the value that counts, and the flag's name in Sentinel's `UserAccountControl`.
const FLAGS: [(&str, bool, &str); 12] = [
    ("enabled", false, "AccountDisabled"),
    ("lockedout", true, "AccountLocked"),
    ("passwordnotreqd", true, "PasswordNotRequired"),
    ("passwordcantchange", true, "CannotChangePassword"),
    ("encryptedtextpwdallowed", true, "EncryptedTextPasswordAllowed"),
    ("pwdneverexpires", true, "PasswordNeverExpires"),
    ("smartcardrequired", true, "SmartcardRequired"),
    ("unconstraineddelegation", true, "TrustedForDelegation"),
    ("sensitive", true, "DelegationNotAllowed"),
    ("usedeskeyonly", true, "UseDesKeyOnly"),
    ("dontreqpreauth", true, "DontRequirePreauthentication"),
    ("trustedtoauth", true, "TrustedToAuthenticationForDelegation"),
];

/// The table of users, with the columns of SharpHound's properties.
pub(super) fn identity_table() -> IdentityTable {
    IdentityTable::new(&FIELDS)
}

/// Adds the row. `groups` are the names of the user's groups as a JSON array, where they are known.
pub(super) fn add_user(identity: &IdentityTable, user: &AdObject, groups: Option<&str>, rows: &mut Rows) {
    let properties = &user.properties;
    let is = |name: &str, value: bool| properties.get(name).and_then(JsonValue::as_bool) == Some(value);
    let row = identity.begin(rows, user.read_at, Environment::OnPremises);
    identity.copy(row, properties);
    // Without an explicit one, a user's principal name is the account's name at the DNS name of the domain.
    let account = properties.get_str("samaccountname").filter(|name| !name.is_empty() && !user.domain.is_empty());
    if let Some(account) = account {
        row.set_str(identity.upn, &format!("{account}@{}", user.domain.to_ascii_lowercase()));
    }
    row.set_str(identity.account_domain, &user.domain);
    row.set_str(identity.account_sid, &user.id);
    row.set_str(identity.on_prem_sid, &user.id);
    identity.set_enabled(row, properties.get("enabled"));
    identity.set_times(row, user.time("whencreated"), user.last_logon());
    // Managed service accounts, of one computer or of a group of them.
    if is("msa", true) || is("gmsa", true) {
        identity.set_service_account(row);
    }
    let flags: Vec<String> =
        FLAGS.iter().filter(|(name, when, _)| is(name, *when)).map(|(_, _, flag)| quote(flag)).collect();
    row.set_dynamic(identity.user_account_control, &format!("[{}]", flags.join(",")));
    if let Some(groups) = groups {
        row.set_dynamic(identity.groups, groups);
    }
    identity.end(row, &mut ExtraFields::new());
}
