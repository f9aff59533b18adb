//! A caller logs on to a server over the network, does what it came for, and goes.

use chrono::{DateTime, TimeDelta, Utc};

use super::identity_rows::{self, Seen};
use super::{Caller, push, tickets};
use crate::engine::Traces;
use crate::random::Random;
use crate::records::Session;
use crate::records::windows::kerberos::Cipher;
use crate::records::windows::{logons, ntlm, sessions};
use crate::tenant::computers::{Account, Computer};

/// How a caller connects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connection<'t> {
    pub(crate) caller: Caller<'t>,
    pub(crate) to: &'t Computer,
    pub(crate) with: Package,
    /// Whether the caller administers the server.
    pub(crate) elevated: bool,
    /// How long the session lasts; some never say that they end.
    pub(crate) lasts: Option<TimeDelta>,
}

/// How a caller proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Package {
    /// With a ticket that it gets now.
    NewTicket,
    /// With a ticket that it has.
    OldTicket,
    /// With NTLM, which the controller checks.
    Ntlm,
}

/// Of 1,000 network sessions, how many end with a logoff event: at Los Alamos there are 34 logoffs for 36 logons.
const ENDS: u64 = 945;

impl<'t> Connection<'t> {
    /// An ordinary connection of up to half a minute.
    pub(crate) fn new(caller: Caller<'t>, to: &'t Computer, with: Package, random: &mut Random) -> Self {
        let lasts = random.chance(ENDS).then(|| TimeDelta::milliseconds(random.between(400, 25_000)));
        Self { caller, to, with, elevated: false, lasts }
    }
}

/// `connection` is made at `time`. The first trace is the ticket's, if any, a few milliseconds before the logon.
pub(crate) fn connect<'t>(
    time: DateTime<Utc>,
    connection: &Connection<'t>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) -> Session<'t> {
    let caller = &connection.caller;
    let session = Session::new(connection.to, caller.account, 3, random);
    let logon = time + TimeDelta::milliseconds(12);
    match connection.with {
        Package::NewTicket => {
            let service = Account::computer(connection.to);
            tickets::service_ticket(time, caller, service, Cipher::Aes, random, traces);
            identity_rows::logon(time, caller, Seen::Ticket(connection.to), random, traces);
        }
        Package::Ntlm => {
            let workstation = (caller.computer.short.as_str(), ntlm::RIGHT);
            let check = ntlm::ntlm_check(caller.controller, caller.account, workstation, random);
            push(time + TimeDelta::milliseconds(5), check, traces);
            identity_rows::logon(time, caller, Seen::Ntlm(connection.to), random, traces);
        }
        Package::OldTicket => {}
    }
    let event = match connection.with {
        Package::Ntlm => logons::ntlm_logon(&session, (caller.ip, &caller.computer.short), random),
        _ => logons::kerberos_logon(&session, caller.ip, random),
    };
    push(logon, event, traces);
    if connection.elevated {
        push(logon, sessions::special_privileges(&session, random), traces);
    }
    if let Some(lasts) = connection.lasts {
        push(logon + lasts, sessions::logoff(&session, random), traces);
    }
    session
}
