//! 4625: a logon fails.

use std::net::IpAddr;

use super::{Layout, Windows, port};
use crate::random::Random;
use crate::records::Field;
use crate::tenant::computers::{Account, Computer};

static FAILED_LOGON: Layout = Layout::security(
    4625,
    &[
        ("SubjectUserSid", Some("S-1-0-0")),
        ("SubjectUserName", Some("-")),
        ("SubjectDomainName", Some("-")),
        ("SubjectLogonId", Some("0x0")),
        ("TargetUserSid", Some("S-1-0-0")),
        ("TargetUserName", None),
        ("TargetDomainName", None),
        ("Status", Some("0xc000006d")),
        ("FailureReason", Some("%%2313")),
        ("SubStatus", None),
        ("LogonType", None),
        ("LogonProcessName", None),
        ("AuthenticationPackageName", None),
        ("WorkstationName", None),
        ("TransmittedServices", Some("-")),
        ("LmPackageName", Some("-")),
        ("KeyLength", Some("0")),
        ("ProcessId", Some("0x0")),
        ("ProcessName", Some("-")),
        ("IpAddress", None),
        ("IpPort", None),
    ],
);

/// The password was wrong.
pub(crate) const WRONG_PASSWORD: &str = "0xc000006a";
/// The account is locked out.
pub(crate) const LOCKED_OUT: &str = "0xc0000234";

/// `account` fails to log on to `host` with `logon_type`, from `ip` of the computer named `workstation`, because of `reason`.
pub(crate) fn failed_logon<'t>(
    host: &'t Computer,
    account: Account<'t>,
    (logon_type, reason): (u8, &'static str),
    (ip, workstation): (IpAddr, &'t str),
    random: &mut Random,
) -> Windows<'t> {
    let (process, package) = if logon_type == 3 { ("NtLmSsp ", "NTLM") } else { ("User32 ", "Negotiate") };
    let values = vec![
        account.name.into(),
        account.domain.into(),
        reason.into(),
        Field::Number(logon_type.into()),
        process.into(),
        package.into(),
        workstation.into(),
        ip.into(),
        port(random),
    ];
    Windows { failed: true, ..FAILED_LOGON.event(host, values, random) }
}
