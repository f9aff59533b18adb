//! Shared folders and pipes: 5140, 5145.

use std::net::IpAddr;

use super::{Layout, Session, Windows, port};
use crate::random::Random;
use crate::records::Field;

static SHARE_OPENED: Layout = Layout::security(
    5140,
    &[
        ("SubjectUserSid", None),
        ("SubjectUserName", None),
        ("SubjectDomainName", None),
        ("SubjectLogonId", None),
        ("ObjectType", Some("File")),
        ("IpAddress", None),
        ("IpPort", None),
        ("ShareName", None),
        ("ShareLocalPath", None),
        ("AccessMask", Some("0x1")),
        ("AccessList", Some("%%4416\r\n\t\t\t\t")),
    ],
);

static SHARE_CHECKED: Layout = Layout::security(
    5145,
    &[
        ("SubjectUserSid", None),
        ("SubjectUserName", None),
        ("SubjectDomainName", None),
        ("SubjectLogonId", None),
        ("ObjectType", Some("File")),
        ("IpAddress", None),
        ("IpPort", None),
        ("ShareName", None),
        ("ShareLocalPath", None),
        ("RelativeTargetName", None),
        ("AccessMask", Some("0x12019f")),
        ("AccessList", Some("%%1538\r\n\t\t\t\t%%1541\r\n\t\t\t\t%%4416\r\n\t\t\t\t%%4417\r\n\t\t\t\t")),
        ("AccessReason", Some("-")),
    ],
);

/// 5140: in `session`, from `ip`, the share `name` is opened.
pub(crate) fn share_opened<'t>(
    session: &Session<'t>,
    ip: IpAddr,
    (name, folder): (&'static str, &'static str),
    random: &mut Random,
) -> Windows<'t> {
    let mut values = session.subject();
    values.extend([ip.into(), port(random), name.into(), folder.into()]);
    SHARE_OPENED.event(session.host, values, random)
}

/// 5145: in `session`, from `ip`, `target` in the share `name` is asked for.
pub(crate) fn share_checked<'t>(
    session: &Session<'t>,
    ip: IpAddr,
    (name, folder, target): (&'static str, &'static str, Field<'t>),
    random: &mut Random,
) -> Windows<'t> {
    let mut values = session.subject();
    values.extend([ip.into(), port(random), name.into(), folder.into(), target]);
    SHARE_CHECKED.event(session.host, values, random)
}
