//! People's accounts: 4720, 4722, 4725, 4726, 4738, 4740.

use super::{Layout, Session, Windows};
use crate::random::Random;
use crate::records::Field;
use crate::tenant::computers::{Account, Computer};

/// An event about an account with nothing but who and by whom.
macro_rules! plain {
    ($event_id:literal $(, $more:expr)*) => {
        Layout::security($event_id, &[
            ("TargetUserName", None),
            ("TargetDomainName", None),
            ("TargetSid", None),
            ("SubjectUserSid", None),
            ("SubjectUserName", None),
            ("SubjectDomainName", None),
            ("SubjectLogonId", None),
            $($more),*
        ])
    };
}

const SAME: Option<&str> = Some("-");

static CREATED: Layout = plain!(
    4720,
    ("PrivilegeList", SAME),
    ("SamAccountName", None),
    ("DisplayName", None),
    ("UserPrincipalName", None),
    ("HomeDirectory", Some("%%1793")),
    ("HomePath", Some("%%1793")),
    ("ScriptPath", Some("%%1793")),
    ("ProfilePath", Some("%%1793")),
    ("UserWorkstations", Some("%%1793")),
    ("PasswordLastSet", Some("%%1794")),
    ("AccountExpires", Some("%%1794")),
    ("PrimaryGroupId", Some("513")),
    ("AllowedToDelegateTo", SAME),
    ("OldUacValue", Some("0x0")),
    ("NewUacValue", Some("0x15")),
    ("UserAccountControl", Some("\r\n\t\t%%2080\r\n\t\t%%2082\r\n\t\t%%2084")),
    ("UserParameters", Some("%%1793")),
    ("SidHistory", SAME),
    ("LogonHours", Some("%%1793"))
);
static ENABLED: Layout = plain!(4722);
static DISABLED: Layout = plain!(4725);
static DELETED: Layout = plain!(4726, ("PrivilegeList", SAME));
static CHANGED: Layout = Layout::security(
    4738,
    &[
        ("Dummy", SAME),
        ("TargetUserName", None),
        ("TargetDomainName", None),
        ("TargetSid", None),
        ("SubjectUserSid", None),
        ("SubjectUserName", None),
        ("SubjectDomainName", None),
        ("SubjectLogonId", None),
        ("PrivilegeList", SAME),
        ("SamAccountName", SAME),
        ("DisplayName", None),
        ("UserPrincipalName", SAME),
        ("HomeDirectory", SAME),
        ("HomePath", SAME),
        ("ScriptPath", SAME),
        ("ProfilePath", SAME),
        ("UserWorkstations", SAME),
        ("PasswordLastSet", SAME),
        ("AccountExpires", SAME),
        ("PrimaryGroupId", SAME),
        ("AllowedToDelegateTo", SAME),
        ("OldUacValue", SAME),
        ("NewUacValue", SAME),
        ("UserAccountControl", SAME),
        ("UserParameters", SAME),
        ("SidHistory", SAME),
        ("LogonHours", SAME),
    ],
);
/// `TargetDomainName` holds the computer from which the wrong passwords came.
static LOCKED_OUT: Layout = plain!(4740);

/// What happens to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Enabled,
    Disabled,
    Deleted,
}

fn values<'t>(session: &Session<'t>, account: Account<'t>) -> Vec<Field<'t>> {
    let mut values = Vec::with_capacity(10);
    values.extend(account.target_fields());
    values.extend(session.subject());
    values
}

/// In `session`, `account` of the person called `full_name`, with user principal name `upn`, is created.
pub(crate) fn created<'t>(
    session: &Session<'t>,
    account: Account<'t>,
    (full_name, upn): (Field<'t>, Field<'t>),
    random: &mut Random,
) -> Windows<'t> {
    let mut values = values(session, account);
    values.extend([account.name.into(), full_name, upn]);
    CREATED.event(session.host, values, random)
}

/// In `session`, `change` happens to `account`.
pub(crate) fn changed<'t>(
    session: &Session<'t>,
    account: Account<'t>,
    change: Change,
    random: &mut Random,
) -> Windows<'t> {
    let layout = match change {
        Change::Enabled => &ENABLED,
        Change::Disabled => &DISABLED,
        Change::Deleted => &DELETED,
    };
    layout.event(session.host, values(session, account), random)
}

/// 4738: in `session`, something of `account` is edited that the log doesn't show, beside the display name `full_name`.
pub(crate) fn edited<'t>(
    session: &Session<'t>,
    account: Account<'t>,
    full_name: &'t str,
    random: &mut Random,
) -> Windows<'t> {
    let mut values = values(session, account);
    values.push(full_name.into());
    CHANGED.event(session.host, values, random)
}

/// 4740: `controller` locks `account` because of wrong passwords from the computer named `from`.
pub(crate) fn locked_out<'t>(
    controller: &'t Computer,
    account: Account<'t>,
    from: &'t str,
    random: &mut Random,
) -> Windows<'t> {
    let mut values = values(&Session::system(controller), account);
    values[1] = from.into();
    LOCKED_OUT.event(controller, values, random)
}
