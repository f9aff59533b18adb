//! One Windows event, before any envelope: which log of which computer, and its data fields in the provider's order.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::directory::{self, NETBIOS, REALM};
use crate::random::Random;

/// One event.
#[derive(Debug, Clone)]
pub(crate) struct WindowsEvent {
    pub(crate) time: DateTime<Utc>,
    /// Full name of the computer that wrote it.
    pub(crate) host: String,
    /// `Security` or `System`.
    pub(crate) channel: &'static str,
    pub(crate) event_id: u32,
    pub(crate) data: Vec<(&'static str, String)>,
    /// Position in the computer's log; set by [`number`].
    pub(crate) record: u64,
    pub(crate) thread: u64,
    pub(crate) mark: &'static str,
}

impl WindowsEvent {
    /// How the truth file names the event: `DC01.corp.tailwind.example/Security/100042`.
    pub(crate) fn id(&self) -> String {
        format!("{}/{}/{}", self.host, self.channel, self.record)
    }
}

/// Gives the events of each computer's log, which are sorted by time, their record numbers.
pub(crate) fn number(events: &mut [WindowsEvent]) {
    const FIRST_RECORD: u64 = 100_001;
    let mut last: BTreeMap<(String, &str), u64> = BTreeMap::new();
    for event in events {
        let record = last.entry((event.host.clone(), event.channel)).or_insert(FIRST_RECORD - 1);
        *record += 1;
        event.record = *record;
    }
}

/// An account of the domain.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) sid: String,
}

impl Account {
    /// Account `name` with relative identifier `rid`.
    pub(crate) fn new(name: impl Into<String>, rid: u32) -> Self {
        Self { name: name.into(), sid: directory::sid(rid) }
    }
}

fn event(
    host: &str,
    event_id: u32,
    time: DateTime<Utc>,
    data: Vec<(&'static str, String)>,
    random: &mut Random,
) -> WindowsEvent {
    let thread = 1000 + 4 * random.below(2000);
    WindowsEvent { time, host: host.into(), channel: "Security", event_id, data, record: 0, thread, mark: "" }
}

fn texts<const N: usize>(pairs: [(&'static str, &str); N]) -> Vec<(&'static str, String)> {
    pairs.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

/// A fresh logon id.
pub(crate) fn logon_id(random: &mut Random) -> String {
    format!("0x{:x}", 0x10_0000 + random.below(0x0fff_ffff))
}

fn port(random: &mut Random) -> String {
    (49_152 + random.below(16_000)).to_string()
}

/// 4624 of a network logon with Kerberos.
pub(crate) fn network_logon(
    host: &str,
    time: DateTime<Utc>,
    account: &Account,
    (logon, ip): (&str, &str),
    random: &mut Random,
) -> WindowsEvent {
    let (guid, port) = (format!("{{{}}}", random.guid()), port(random));
    let data = texts([
        ("SubjectUserSid", "S-1-0-0"),
        ("SubjectUserName", "-"),
        ("SubjectDomainName", "-"),
        ("SubjectLogonId", "0x0"),
        ("TargetUserSid", &account.sid),
        ("TargetUserName", &account.name),
        ("TargetDomainName", REALM),
        ("TargetLogonId", logon),
        ("LogonType", "3"),
        ("LogonProcessName", "Kerberos"),
        ("AuthenticationPackageName", "Kerberos"),
        ("WorkstationName", "-"),
        ("LogonGuid", &guid),
        ("TransmittedServices", "-"),
        ("LmPackageName", "-"),
        ("KeyLength", "0"),
        ("ProcessId", "0x0"),
        ("ProcessName", "-"),
        ("IpAddress", ip),
        ("IpPort", &port),
        ("ImpersonationLevel", "%%1833"),
        ("ElevatedToken", "%%1842"),
    ]);
    event(host, 4624, time, data, random)
}

/// 4634, the end of a network logon.
pub(crate) fn logoff(
    host: &str,
    time: DateTime<Utc>,
    account: &Account,
    logon: &str,
    random: &mut Random,
) -> WindowsEvent {
    let data = texts([
        ("TargetUserSid", &account.sid),
        ("TargetUserName", &account.name),
        ("TargetDomainName", NETBIOS),
        ("TargetLogonId", logon),
        ("LogonType", "3"),
    ]);
    event(host, 4634, time, data, random)
}

/// 4672: the new logon has an administrator's privileges.
pub(crate) fn special_privileges(
    host: &str,
    time: DateTime<Utc>,
    account: &Account,
    logon: &str,
    random: &mut Random,
) -> WindowsEvent {
    let data = texts([
        ("SubjectUserSid", &account.sid),
        ("SubjectUserName", &account.name),
        ("SubjectDomainName", NETBIOS),
        ("SubjectLogonId", logon),
        (
            "PrivilegeList",
            "SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeDebugPrivilege",
        ),
    ]);
    event(host, 4672, time, data, random)
}

/// 4768: a ticket-granting ticket, or its refusal with a `status` other than `0x0`.
pub(crate) fn ticket_granting(
    host: &str,
    time: DateTime<Utc>,
    account: &Account,
    (ip, status): (&str, &str),
    random: &mut Random,
) -> WindowsEvent {
    let (address, port) = (format!("::ffff:{ip}"), port(random));
    let granted = status == "0x0";
    let data = texts([
        ("TargetUserName", &account.name),
        ("TargetDomainName", REALM),
        ("TargetSid", &account.sid),
        ("ServiceName", "krbtgt"),
        ("ServiceSid", &directory::sid(502)),
        ("TicketOptions", "0x40810010"),
        ("Status", status),
        ("TicketEncryptionType", if granted { "0x12" } else { "0xffffffff" }),
        ("PreAuthType", if granted { "2" } else { "-" }),
        ("IpAddress", &address),
        ("IpPort", &port),
    ]);
    event(host, 4768, time, data, random)
}

/// 4769: a ticket for the service of computer `service`.
pub(crate) fn service_ticket(
    host: &str,
    time: DateTime<Utc>,
    account: &Account,
    (ip, service): (&str, &Account),
    random: &mut Random,
) -> WindowsEvent {
    let (address, port, guid) = (format!("::ffff:{ip}"), port(random), format!("{{{}}}", random.guid()));
    let data = texts([
        ("TargetUserName", &format!("{}@{REALM}", account.name)),
        ("TargetDomainName", REALM),
        ("ServiceName", &service.name),
        ("ServiceSid", &service.sid),
        ("TicketOptions", "0x40810000"),
        ("TicketEncryptionType", "0x12"),
        ("IpAddress", &address),
        ("IpPort", &port),
        ("Status", "0x0"),
        ("LogonGuid", &guid),
        ("TransmittedServices", "-"),
    ]);
    event(host, 4769, time, data, random)
}

/// 4776: NTLM credentials checked by a domain controller.
pub(crate) fn ntlm_check(
    host: &str,
    time: DateTime<Utc>,
    account: &Account,
    (workstation, status): (&str, &str),
    random: &mut Random,
) -> WindowsEvent {
    let data = texts([
        ("PackageName", "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0"),
        ("TargetUserName", &account.name),
        ("Workstation", workstation),
        ("Status", status),
    ]);
    event(host, 4776, time, data, random)
}

/// The control access rights of replication: DS-Replication-Get-Changes and -Get-Changes-All (MS-ADTS 5.1.3.2.1).
pub(crate) const REPLICATION_RIGHTS: [&str; 2] =
    ["1131f6aa-9c07-11d1-f79f-00c04fc2dcd2", "1131f6ad-9c07-11d1-f79f-00c04fc2dcd2"];

/// 4662: `account` used the replication right `right` on the domain's root.
pub(crate) fn replication(
    host: &str,
    time: DateTime<Utc>,
    account: &Account,
    (logon, right): (&str, &str),
    random: &mut Random,
) -> WindowsEvent {
    /// `schemaIDGUID` of the class domainDNS.
    const DOMAIN_CLASS: &str = "19195a5b-6da0-11d0-afd3-00c04fd930c9";
    let data = texts([
        ("SubjectUserSid", &account.sid),
        ("SubjectUserName", &account.name),
        ("SubjectDomainName", NETBIOS),
        ("SubjectLogonId", logon),
        ("ObjectServer", "DS"),
        ("ObjectType", &format!("%{{{DOMAIN_CLASS}}}")),
        ("ObjectName", &format!("%{{{}}}", directory::ROOT_GUID)),
        ("OperationType", "Object Access"),
        ("HandleId", "0x0"),
        ("AccessList", "%%7688\r\n\t\t\t\t"),
        ("AccessMask", "0x100"),
        ("Properties", &format!("%%7688\r\n\t\t{{{right}}}\r\n\t{{{DOMAIN_CLASS}}}\r\n")),
        ("AdditionalInfo", "-"),
    ]);
    event(host, 4662, time, data, random)
}

/// 4742: a computer renewed its own password.
pub(crate) fn computer_changed(
    host: &str,
    time: DateTime<Utc>,
    computer: &Account,
    random: &mut Random,
) -> WindowsEvent {
    let logon = logon_id(random);
    let mut data = texts([
        ("ComputerAccountChange", "-"),
        ("TargetUserName", &computer.name),
        ("TargetDomainName", NETBIOS),
        ("TargetSid", &computer.sid),
        ("SubjectUserSid", &computer.sid),
        ("SubjectUserName", &computer.name),
        ("SubjectDomainName", NETBIOS),
        ("SubjectLogonId", &logon),
    ]);
    for name in [
        "PrivilegeList",
        "SamAccountName",
        "DisplayName",
        "UserPrincipalName",
        "HomeDirectory",
        "HomePath",
        "ScriptPath",
        "ProfilePath",
        "UserWorkstations",
    ] {
        data.push((name, "-".into()));
    }
    data.push(("PasswordLastSet", crate::timestamps::american(time)));
    for name in [
        "AccountExpires",
        "PrimaryGroupId",
        "AllowedToDelegateTo",
        "OldUacValue",
        "NewUacValue",
        "UserAccountControl",
        "UserParameters",
        "SidHistory",
        "LogonHours",
        "DnsHostName",
        "ServicePrincipalNames",
    ] {
        data.push((name, "-".into()));
    }
    event(host, 4742, time, data, random)
}

/// 4720: `by` created the account `created`.
pub(crate) fn account_created(
    host: &str,
    time: DateTime<Utc>,
    (by, logon): (&Account, &str),
    created: &Account,
    random: &mut Random,
) -> WindowsEvent {
    let mut data = texts([
        ("TargetUserName", &created.name),
        ("TargetDomainName", NETBIOS),
        ("TargetSid", &created.sid),
        ("SubjectUserSid", &by.sid),
        ("SubjectUserName", &by.name),
        ("SubjectDomainName", NETBIOS),
        ("SubjectLogonId", logon),
        ("PrivilegeList", "-"),
        ("SamAccountName", &created.name),
    ]);
    data.push(("UserPrincipalName", format!("{}@{}", created.name, directory::DNS)));
    data.extend(texts([
        ("PasswordLastSet", "%%1794"),
        ("AccountExpires", "%%1794"),
        ("PrimaryGroupId", "513"),
        ("OldUacValue", "0x0"),
        ("NewUacValue", "0x15"),
        ("UserAccountControl", "\r\n\t\t%%2080\r\n\t\t%%2082\r\n\t\t%%2084"),
    ]));
    event(host, 4720, time, data, random)
}

/// 4728: `by` put `member` into the global group `group`.
pub(crate) fn member_added(
    host: &str,
    time: DateTime<Utc>,
    (by, logon): (&Account, &str),
    (member, group): (&Account, &Account),
    random: &mut Random,
) -> WindowsEvent {
    let distinguished_name = format!("CN={},OU=Staff,DC=corp,DC=tailwind,DC=example", member.name);
    let data = texts([
        ("MemberName", &distinguished_name),
        ("MemberSid", &member.sid),
        ("TargetUserName", &group.name),
        ("TargetDomainName", NETBIOS),
        ("TargetSid", &group.sid),
        ("SubjectUserSid", &by.sid),
        ("SubjectUserName", &by.name),
        ("SubjectDomainName", NETBIOS),
        ("SubjectLogonId", logon),
        ("PrivilegeList", "-"),
    ]);
    event(host, 4728, time, data, random)
}

/// 7045 of the System log: a service was installed by the computer itself.
pub(crate) fn service_installed(
    host: &str,
    time: DateTime<Utc>,
    (service, image): (&str, &str),
    random: &mut Random,
) -> WindowsEvent {
    let data = texts([
        ("ServiceName", service),
        ("ImagePath", image),
        ("ServiceType", "user mode service"),
        ("StartType", "auto start"),
        ("AccountName", "LocalSystem"),
    ]);
    WindowsEvent { channel: "System", ..event(host, 7045, time, data, random) }
}
