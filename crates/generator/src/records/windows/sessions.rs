//! What happens to a session after its logon: 4634, 4647, 4648, 4672.

use std::net::IpAddr;

use super::{Layout, Session, Windows};
use crate::random::Random;
use crate::records::Field;
use crate::tenant::computers::Account;

static LOGOFF: Layout = Layout::security(
    4634,
    &[
        ("TargetUserSid", None),
        ("TargetUserName", None),
        ("TargetDomainName", None),
        ("TargetLogonId", None),
        ("LogonType", None),
    ],
);

static USER_LOGOFF: Layout = Layout::security(
    4647,
    &[("TargetUserSid", None), ("TargetUserName", None), ("TargetDomainName", None), ("TargetLogonId", None)],
);

static EXPLICIT_CREDENTIALS: Layout = Layout::security(
    4648,
    &[
        ("SubjectUserSid", None),
        ("SubjectUserName", None),
        ("SubjectDomainName", None),
        ("SubjectLogonId", None),
        ("LogonGuid", Some("{00000000-0000-0000-0000-000000000000}")),
        ("TargetUserName", None),
        ("TargetDomainName", None),
        ("TargetLogonGuid", None),
        ("TargetServerName", None),
        ("TargetInfo", None),
        ("ProcessId", None),
        ("ProcessName", None),
        ("IpAddress", None),
        ("IpPort", Some("0")),
    ],
);

static SPECIAL_PRIVILEGES: Layout = Layout::security(
    4672,
    &[
        ("SubjectUserSid", None),
        ("SubjectUserName", None),
        ("SubjectDomainName", None),
        ("SubjectLogonId", None),
        (
            "PrivilegeList",
            Some(
                "SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeTakeOwnershipPrivilege\r\n\t\t\t\
             SeDebugPrivilege\r\n\t\t\tSeSystemEnvironmentPrivilege\r\n\t\t\tSeLoadDriverPrivilege\r\n\t\t\tSeImpersonatePrivilege",
            ),
        ),
    ],
);

/// 4634: `session` ends.
pub(crate) fn logoff<'t>(session: &Session<'t>, random: &mut Random) -> Windows<'t> {
    let mut values = session.subject();
    values.push(Field::Number(session.logon_type.into()));
    LOGOFF.event(session.host, values, random)
}

/// 4647: somebody at the screen ends `session`.
pub(crate) fn user_logoff<'t>(session: &Session<'t>, random: &mut Random) -> Windows<'t> {
    USER_LOGOFF.event(session.host, session.subject(), random)
}

/// 4648: in `session`, `program` logs on as `account` to the computer `server` (`localhost` for the same).
pub(crate) fn explicit_credentials<'t>(
    session: &Session<'t>,
    account: Account<'t>,
    (server, ip, program): (&'t str, Option<IpAddr>, &'static str),
    random: &mut Random,
) -> Windows<'t> {
    let mut values = session.subject();
    values.extend([
        account.name.into(),
        account.domain.into(),
        Field::Braced(random.guid()),
        server.into(),
        server.into(),
        Field::Hex(0x300 + 4 * random.below(400)),
        program.into(),
        ip.map_or(Field::Text("127.0.0.1"), Field::Ip),
    ]);
    EXPLICIT_CREDENTIALS.event(session.host, values, random)
}

/// 4672: `session` has an administrator's privileges.
pub(crate) fn special_privileges<'t>(session: &Session<'t>, random: &mut Random) -> Windows<'t> {
    SPECIAL_PRIVILEGES.event(session.host, session.subject(), random)
}
