//! What Defender for Endpoint sees on a computer: DeviceLogonEvents, DeviceProcessEvents, DeviceNetworkEvents.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::Traces;
use crate::random::Random;
use crate::records::{Field, Log, Record, Row, Session};
use crate::tenant::computers::Computer;
use crate::tenant::people::{Kind, User};

type Fields<'t> = Vec<(&'static str, Field<'t>)>;

/// A program that runs: file, folder and command line; and the file and command line of the program that started it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program<'t> {
    pub(crate) file: &'t str,
    pub(crate) folder: &'t str,
    pub(crate) command_line: &'t str,
    pub(crate) parent: &'t str,
    pub(crate) parent_command_line: &'t str,
}

/// What people's laptops run all day, most often first.
pub(crate) static DAILY_PROGRAMS: [Program<'static>; 10] = [
    daily(
        "msedge.exe",
        "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
        "\"msedge.exe\" --type=renderer",
    ),
    daily(
        "ms-teams.exe",
        "C:\\Program Files\\WindowsApps\\MSTeams_8wekyb3d8bbwe\\ms-teams.exe",
        "\"ms-teams.exe\" msteams:system-initiated",
    ),
    daily(
        "OUTLOOK.EXE",
        "C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE",
        "\"OUTLOOK.EXE\" /recycle",
    ),
    daily("EXCEL.EXE", "C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE", "\"EXCEL.EXE\" /dde"),
    daily("WINWORD.EXE", "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE", "\"WINWORD.EXE\" /n"),
    daily(
        "SearchProtocolHost.exe",
        "C:\\Windows\\System32\\SearchProtocolHost.exe",
        "\"SearchProtocolHost.exe\" Global",
    ),
    daily(
        "backgroundTaskHost.exe",
        "C:\\Windows\\System32\\backgroundTaskHost.exe",
        "backgroundTaskHost.exe -ServerName:App",
    ),
    daily("RuntimeBroker.exe", "C:\\Windows\\System32\\RuntimeBroker.exe", "RuntimeBroker.exe -Embedding"),
    daily("OneDrive.exe", "C:\\Program Files\\Microsoft OneDrive\\OneDrive.exe", "\"OneDrive.exe\" /background"),
    daily("notepad.exe", "C:\\Windows\\System32\\notepad.exe", "\"notepad.exe\""),
];

const fn daily(file: &'static str, folder: &'static str, command_line: &'static str) -> Program<'static> {
    Program { file, folder, command_line, parent: "explorer.exe", parent_command_line: "C:\\Windows\\Explorer.EXE" }
}

/// `session` begins on its computer; from `from`, if remote.
pub(crate) fn logon<'t>(
    time: DateTime<Utc>,
    session: &Session<'t>,
    (user, from): (Option<&'t User>, Option<(IpAddr, &'t Computer)>),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let kind = match session.logon_type {
        3 => "Network",
        4 => "Batch",
        5 => "Service",
        7 => "Unlock",
        10 => "RemoteInteractive",
        11 => "CachedInteractive",
        _ => "Interactive",
    };
    let mut fields = on(session.host, "LogonSuccess");
    fields.push(("LogonType", kind.into()));
    account(&mut fields, session);
    fields.push(("LogonId", number(session.id)));
    fields.push(("IsLocalAdmin", user.is_some_and(|user| user.kind == Kind::Admin).into()));
    fields.push(("Protocol", if session.logon_type == 3 { "Kerberos" } else { "Negotiate" }.into()));
    if let Some((ip, computer)) = from {
        fields.push(("RemoteIP", ip.into()));
        fields.push(("RemoteIPType", "Private".into()));
        fields.push(("RemoteDeviceName", computer.short.as_str().into()));
    }
    fields.push(("InitiatingProcessFileName", "lsass.exe".into()));
    fields.push(("InitiatingProcessFolderPath", "c:\\windows\\system32\\lsass.exe".into()));
    fields.push(("InitiatingProcessCommandLine", "lsass.exe".into()));
    fields.push(("InitiatingProcessAccountName", "system".into()));
    fields.push(("InitiatingProcessAccountDomain", "nt authority".into()));
    push("DeviceLogonEvents", time, fields, random, traces);
}

/// In `session`, `program` starts.
pub(crate) fn process<'t>(
    time: DateTime<Utc>,
    session: &Session<'t>,
    (user, program): (Option<&'t User>, Program<'t>),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let mut fields = on(session.host, "ProcessCreated");
    fields.push(("FileName", program.file.into()));
    fields.push(("FolderPath", program.folder.into()));
    fields.push(("SHA1", Field::DeviceId(Random::stream(0, program.file, 1).guid())));
    fields.push(("ProcessId", process_id(random)));
    fields.push(("ProcessCommandLine", program.command_line.into()));
    fields.push(("ProcessIntegrityLevel", if session.logon_type == 3 { "High" } else { "Medium" }.into()));
    fields.push(("ProcessTokenElevation", "TokenElevationTypeDefault".into()));
    fields.push(("ProcessCreationTime", time.into()));
    account(&mut fields, session);
    if let Some(user) = user {
        fields.push(("AccountUpn", user.upn.as_str().into()));
        fields.push(("AccountObjectId", user.object_id.into()));
    }
    fields.push(("LogonId", number(session.id)));
    fields.push(("InitiatingProcessFileName", program.parent.into()));
    fields.push(("InitiatingProcessCommandLine", program.parent_command_line.into()));
    fields.push(("InitiatingProcessId", process_id(random)));
    fields.push(("InitiatingProcessAccountName", session.account.name.into()));
    fields.push(("InitiatingProcessAccountDomain", session.account.domain.into()));
    push("DeviceProcessEvents", time, fields, random, traces);
}

/// Where a program connects to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Destination<'t> {
    pub(crate) ip: IpAddr,
    pub(crate) port: i64,
    pub(crate) url: &'t str,
}

/// In `session`, `program` connects from `local` to `to`.
pub(crate) fn network<'t>(
    time: DateTime<Utc>,
    session: &Session<'t>,
    (program, local, to): (Program<'t>, IpAddr, Destination<'t>),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let mut fields = on(session.host, "ConnectionSuccess");
    fields.push(("RemoteIP", to.ip.into()));
    fields.push(("RemoteIPType", if to.url.is_empty() { "Private" } else { "Public" }.into()));
    fields.push(("RemotePort", Field::Number(to.port)));
    if !to.url.is_empty() {
        fields.push(("RemoteUrl", to.url.into()));
    }
    fields.push(("LocalIP", local.into()));
    fields.push(("LocalIPType", "Private".into()));
    fields.push(("LocalPort", Field::Number(49_152 + random.below(16_000) as i64)));
    fields.push(("Protocol", "Tcp".into()));
    fields.push(("InitiatingProcessFileName", program.file.into()));
    fields.push(("InitiatingProcessFolderPath", program.folder.into()));
    fields.push(("InitiatingProcessCommandLine", program.command_line.into()));
    fields.push(("InitiatingProcessId", process_id(random)));
    fields.push(("InitiatingProcessAccountName", session.account.name.into()));
    fields.push(("InitiatingProcessAccountDomain", session.account.domain.into()));
    fields.push(("InitiatingProcessAccountSid", session.account.sid_field()));
    push("DeviceNetworkEvents", time, fields, random, traces);
}

fn on<'t>(host: &'t Computer, action: &'static str) -> Fields<'t> {
    let mut fields = Vec::with_capacity(28);
    fields.push(("DeviceId", Field::DeviceId(host.key)));
    fields.push(("DeviceName", host.name.as_str().into()));
    fields.push(("ActionType", action.into()));
    fields
}

fn account<'t>(fields: &mut Fields<'t>, session: &Session<'t>) {
    fields.push(("AccountName", session.account.name.into()));
    fields.push(("AccountDomain", session.account.domain.into()));
    fields.push(("AccountSid", session.account.sid_field()));
}

fn number<'t>(value: u64) -> Field<'t> {
    Field::Number(value.cast_signed())
}

fn process_id<'t>(random: &mut Random) -> Field<'t> {
    number(1_000 + 4 * random.below(6_000))
}

fn push<'t>(
    table: &'static str,
    time: DateTime<Utc>,
    mut fields: Fields<'t>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let report = random.below(1 << 40).cast_signed();
    let computer = fields.iter().find(|(name, _)| *name == "DeviceName").map(|(_, name)| name.to_string());
    fields.push(("ReportId", Field::Number(report)));
    // A report's number is unique on its device only.
    let id = format!("{}/{report}", computer.unwrap_or_default());
    let row = Row { log: Log::Hunting(table), id: id.into(), fields };
    traces.push(time, TimeDelta::seconds(random.between(60, 900)), Record::Row(row));
}
