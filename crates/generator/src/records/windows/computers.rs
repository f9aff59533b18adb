//! 4742: a computer's account is changed.

use chrono::{DateTime, Utc};

use super::{Layout, Session, Windows};
use crate::random::Random;
use crate::records::Field;
use crate::tenant::computers::Account;

const SAME: Option<&str> = Some("-");

static COMPUTER_CHANGED: Layout = Layout::security(
    4742,
    &[
        ("ComputerAccountChange", SAME),
        ("TargetUserName", None),
        ("TargetDomainName", None),
        ("TargetSid", None),
        ("SubjectUserSid", None),
        ("SubjectUserName", None),
        ("SubjectDomainName", None),
        ("SubjectLogonId", None),
        ("PrivilegeList", SAME),
        ("SamAccountName", SAME),
        ("DisplayName", SAME),
        ("UserPrincipalName", SAME),
        ("HomeDirectory", SAME),
        ("HomePath", SAME),
        ("ScriptPath", SAME),
        ("ProfilePath", SAME),
        ("UserWorkstations", SAME),
        ("PasswordLastSet", None),
        ("AccountExpires", SAME),
        ("PrimaryGroupId", SAME),
        ("AllowedToDelegateTo", SAME),
        ("OldUacValue", SAME),
        ("NewUacValue", SAME),
        ("UserAccountControl", SAME),
        ("UserParameters", SAME),
        ("SidHistory", SAME),
        ("LogonHours", SAME),
        ("DnsHostName", SAME),
        ("ServicePrincipalNames", SAME),
    ],
);

/// In `session`, on a controller, the password of `computer` is set at `time`.
pub(crate) fn password_set<'t>(
    session: &Session<'t>,
    computer: Account<'t>,
    time: DateTime<Utc>,
    random: &mut Random,
) -> Windows<'t> {
    let mut values: Vec<Field> = computer.target_fields().into();
    values.extend(session.subject());
    values.push(Field::American(time));
    COMPUTER_CHANGED.event(session.host, values, random)
}
