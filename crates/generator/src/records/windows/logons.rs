//! 4624: a session begins.

use std::net::IpAddr;

use super::{Layout, Session, Windows, port};
use crate::random::Random;
use crate::records::Field;
use crate::tenant::computers::Account;
use crate::tenant::directory::REALM;

const NOBODY: Option<&str> = Some("-");
const NULL_SID: Option<&str> = Some("S-1-0-0");

/// Over the network with a Kerberos ticket.
static KERBEROS: Layout = Layout::security(
    4624,
    &[
        ("SubjectUserSid", NULL_SID),
        ("SubjectUserName", NOBODY),
        ("SubjectDomainName", NOBODY),
        ("SubjectLogonId", Some("0x0")),
        ("TargetUserSid", None),
        ("TargetUserName", None),
        ("TargetDomainName", Some(REALM)),
        ("TargetLogonId", None),
        ("LogonType", Some("3")),
        ("LogonProcessName", Some("Kerberos")),
        ("AuthenticationPackageName", Some("Kerberos")),
        ("WorkstationName", NOBODY),
        ("LogonGuid", None),
        ("TransmittedServices", NOBODY),
        ("LmPackageName", NOBODY),
        ("KeyLength", Some("0")),
        ("ProcessId", Some("0x0")),
        ("ProcessName", NOBODY),
        ("IpAddress", None),
        ("IpPort", None),
        ("ImpersonationLevel", Some("%%1833")),
        ("RestrictedAdminMode", NOBODY),
        ("TargetOutboundUserName", NOBODY),
        ("TargetOutboundDomainName", NOBODY),
        ("VirtualAccount", Some("%%1843")),
        ("TargetLinkedLogonId", Some("0x0")),
        ("ElevatedToken", Some("%%1842")),
    ],
);

/// Over the network with NTLM.
static NTLM: Layout = Layout::security(
    4624,
    &[
        ("SubjectUserSid", NULL_SID),
        ("SubjectUserName", NOBODY),
        ("SubjectDomainName", NOBODY),
        ("SubjectLogonId", Some("0x0")),
        ("TargetUserSid", None),
        ("TargetUserName", None),
        ("TargetDomainName", None),
        ("TargetLogonId", None),
        ("LogonType", Some("3")),
        ("LogonProcessName", Some("NtLmSsp ")),
        ("AuthenticationPackageName", Some("NTLM")),
        ("WorkstationName", None),
        ("LogonGuid", Some("{00000000-0000-0000-0000-000000000000}")),
        ("TransmittedServices", NOBODY),
        ("LmPackageName", Some("NTLM V2")),
        ("KeyLength", Some("128")),
        ("ProcessId", Some("0x0")),
        ("ProcessName", NOBODY),
        ("IpAddress", None),
        ("IpPort", None),
        ("ImpersonationLevel", Some("%%1833")),
        ("RestrictedAdminMode", NOBODY),
        ("TargetOutboundUserName", NOBODY),
        ("TargetOutboundDomainName", NOBODY),
        ("VirtualAccount", Some("%%1843")),
        ("TargetLinkedLogonId", Some("0x0")),
        ("ElevatedToken", Some("%%1843")),
    ],
);

/// By the computer's own system: at the screen, for a service or a scheduled program.
static LOCAL: Layout = Layout::security(
    4624,
    &[
        ("SubjectUserSid", Some("S-1-5-18")),
        ("SubjectUserName", None),
        ("SubjectDomainName", None),
        ("SubjectLogonId", Some("0x3e7")),
        ("TargetUserSid", None),
        ("TargetUserName", None),
        ("TargetDomainName", None),
        ("TargetLogonId", None),
        ("LogonType", None),
        ("LogonProcessName", None),
        ("AuthenticationPackageName", Some("Negotiate")),
        ("WorkstationName", None),
        ("LogonGuid", None),
        ("TransmittedServices", NOBODY),
        ("LmPackageName", NOBODY),
        ("KeyLength", Some("0")),
        ("ProcessId", None),
        ("ProcessName", None),
        ("IpAddress", None),
        ("IpPort", Some("0")),
        ("ImpersonationLevel", Some("%%1833")),
        ("RestrictedAdminMode", NOBODY),
        ("TargetOutboundUserName", NOBODY),
        ("TargetOutboundDomainName", NOBODY),
        ("VirtualAccount", Some("%%1843")),
        ("TargetLinkedLogonId", Some("0x0")),
        ("ElevatedToken", None),
    ],
);

/// `session` begins over the network, from `ip`, with a Kerberos ticket.
pub(crate) fn kerberos_logon<'t>(session: &Session<'t>, ip: IpAddr, random: &mut Random) -> Windows<'t> {
    let values = vec![
        session.account.sid_field(),
        session.account.name.into(),
        Field::Hex(session.id),
        Field::Braced(random.guid()),
        ip.into(),
        port(random),
    ];
    KERBEROS.event(session.host, values, random)
}

/// `session` begins over the network, from `ip` of the computer named `workstation`, with NTLM.
pub(crate) fn ntlm_logon<'t>(
    session: &Session<'t>,
    (ip, workstation): (IpAddr, &'t str),
    random: &mut Random,
) -> Windows<'t> {
    let [sid, name, domain] = session.account.fields();
    let values = vec![sid, name, domain, Field::Hex(session.id), workstation.into(), ip.into(), port(random)];
    NTLM.event(session.host, values, random)
}

/// `session` is begun by the computer's own system; from `ip` when it is remote. `elevated` sessions may change the computer.
pub(crate) fn local_logon<'t>(
    session: &Session<'t>,
    ip: Option<IpAddr>,
    elevated: bool,
    random: &mut Random,
) -> Windows<'t> {
    let system = Account::system(session.host);
    let at_screen = matches!(session.logon_type, 2 | 7 | 10 | 11);
    let (process, program) = match session.logon_type {
        5 => ("Advapi  ", "C:\\Windows\\System32\\services.exe"),
        4 => ("Advapi  ", "C:\\Windows\\System32\\svchost.exe"),
        _ => ("User32 ", "C:\\Windows\\System32\\svchost.exe"),
    };
    let [sid, name, domain] = session.account.fields();
    let values = vec![
        system.name.into(),
        system.domain.into(),
        sid,
        name,
        domain,
        Field::Hex(session.id),
        Field::Number(session.logon_type.into()),
        process.into(),
        session.host.short.as_str().into(),
        Field::Braced(random.guid()),
        Field::Hex(0x300 + 4 * random.below(400)),
        program.into(),
        match ip {
            Some(ip) => ip.into(),
            None if at_screen => "127.0.0.1".into(),
            None => "-".into(),
        },
        if elevated { "%%1842" } else { "%%1843" }.into(),
    ];
    LOCAL.event(session.host, values, random)
}
