//! What Defender for Identity's sensors on the controllers see: IdentityLogonEvents, IdentityQueryEvents and
//! IdentityDirectoryEvents. They know people; computers' own doings are left out.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Caller, address};
use crate::engine::Traces;
use crate::json;
use crate::random::Random;
use crate::records::{Field, Log, Record, Row};
use crate::tenant::computers::{Computer, Sid};
use crate::tenant::directory::{DNS, NETBIOS};
use crate::tenant::people::User;

type Fields<'t> = Vec<(&'static str, Field<'t>)>;

/// What a logon was seen by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seen<'t> {
    /// The password's check for a ticket-granting ticket.
    Password,
    /// A refused password.
    WrongPassword,
    /// A ticket for this computer.
    Ticket(&'t Computer),
    /// An NTLM check for this computer.
    Ntlm(&'t Computer),
}

/// A person's logon, as a controller sees it.
pub(crate) fn logon<'t>(
    time: DateTime<Utc>,
    caller: &Caller<'t>,
    seen: Seen<'t>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    if caller.user.is_none() {
        return;
    }
    let (logon_type, protocol, target) = match seen {
        Seen::Password | Seen::WrongPassword => ("Credentials validation", "Kerberos", None),
        Seen::Ticket(target) => ("Resource access", "Kerberos", Some(target)),
        Seen::Ntlm(target) => ("Resource access", "Ntlm", Some(target)),
    };
    let failed = matches!(seen, Seen::WrongPassword);
    let mut fields: Fields = Vec::with_capacity(24);
    fields.push(("ActionType", if failed { "LogonFailed" } else { "LogonSuccess" }.into()));
    fields.push(("Application", "Active Directory".into()));
    fields.push(("LogonType", logon_type.into()));
    fields.push(("Protocol", protocol.into()));
    if failed {
        fields.push(("FailureReason", "WrongPassword".into()));
    }
    who(&mut fields, caller);
    fields.push(("DeviceType", "Workstation".into()));
    fields.push(("OSPlatform", "Windows 11".into()));
    whence(&mut fields, caller, 88, random);
    if let Some(target) = target {
        fields.push(("TargetDeviceName", target.name.as_str().into()));
    }
    push("IdentityLogonEvents", time, fields, random, traces);
}

/// A question to a controller: `LDAP`, `SAMR` or `DNS`, about `target`.
pub(crate) fn query<'t>(
    time: DateTime<Utc>,
    caller: &Caller<'t>,
    (protocol, kind, query, target): (&'static str, &'static str, Field<'t>, Field<'t>),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let (action, port) = match protocol {
        "Ldap" => ("LDAP query", 389),
        "Samr" => ("SAMR query", 445),
        _ => ("DNS query", 53),
    };
    let mut fields: Fields = Vec::with_capacity(24);
    fields.push(("ActionType", action.into()));
    fields.push(("Application", "Active Directory".into()));
    fields.push(("QueryType", kind.into()));
    fields.push(("QueryTarget", target));
    fields.push(("Query", query));
    fields.push(("Protocol", protocol.into()));
    who(&mut fields, caller);
    whence(&mut fields, caller, port, random);
    push("IdentityQueryEvents", time, fields, random, traces);
}

/// A change or another event of the directory named `action`, about `target`, with `details` in `AdditionalFields`.
pub(crate) fn directory<'t>(
    time: DateTime<Utc>,
    caller: &Caller<'t>,
    (action, target): (&'static str, Option<&'t User>),
    details: &[(&str, &str)],
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let mut fields: Fields = Vec::with_capacity(24);
    fields.push(("ActionType", action.into()));
    fields.push(("Application", "Active Directory".into()));
    if let Some(target) = target {
        fields.push(("TargetAccountUpn", target.upn.as_str().into()));
        fields.push(("TargetAccountDisplayName", target.display_name.as_str().into()));
    }
    who(&mut fields, caller);
    whence(&mut fields, caller, 389, random);
    fields.push(("TargetDeviceName", caller.controller.name.as_str().into()));
    let mut text = String::new();
    json::object(&mut text, |json| {
        details.iter().for_each(|(name, value)| json.text(name, value));
        json.text("DestinationDeviceName", &caller.controller.short);
    });
    fields.push(("AdditionalFields", Field::Json(text.into())));
    push("IdentityDirectoryEvents", time, fields, random, traces);
}

fn who<'t>(fields: &mut Fields<'t>, caller: &Caller<'t>) {
    fields.push(("AccountName", caller.account.name.into()));
    fields.push(("AccountDomain", if caller.account.domain == NETBIOS { DNS } else { caller.account.domain }.into()));
    if let Sid::Rid(rid) = caller.account.sid {
        fields.push(("AccountSid", Field::Sid(rid)));
    }
    if let Some(user) = caller.user {
        fields.push(("AccountUpn", user.upn.as_str().into()));
        fields.push(("AccountObjectId", user.object_id.into()));
        fields.push(("AccountDisplayName", user.display_name.as_str().into()));
    }
}

fn whence<'t>(fields: &mut Fields<'t>, caller: &Caller<'t>, port: i64, random: &mut Random) {
    fields.push(("DeviceName", caller.computer.name.as_str().into()));
    fields.push(("IPAddress", caller.ip.into()));
    fields.push(("Port", Field::Number(49_152 + random.below(16_000) as i64)));
    fields.push(("DestinationDeviceName", caller.controller.name.as_str().into()));
    fields.push(("DestinationIPAddress", address(caller.controller).into()));
    fields.push(("DestinationPort", Field::Number(port)));
}

fn push<'t>(
    table: &'static str,
    time: DateTime<Utc>,
    mut fields: Fields<'t>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let id = random.guid();
    fields.push(("ReportId", id.into()));
    let row = Row { log: Log::Hunting(table), id: id.to_string().into(), fields };
    traces.push(time, TimeDelta::seconds(random.between(60, 600)), Record::Row(row));
}
