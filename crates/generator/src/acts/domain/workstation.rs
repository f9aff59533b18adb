//! Somebody logs on to a computer at its screen, unlocks it, leaves it.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use super::identity_rows::{self, Seen};
use super::{Caller, endpoint, push, tickets};
use crate::engine::Traces;
use crate::random::Random;
use crate::records::Session;
use crate::records::windows::kerberos::Cipher;
use crate::records::windows::{failed_logon, kerberos, logons, sessions};
use crate::tenant::Tenant;
use crate::tenant::computers::{Account, Computer};
use crate::tenant::people::{Kind, User};

/// The session of `user` at the laptop on `day`: what belongs to it comes at different moments and shares its logon id.
pub(crate) fn session_of<'t>(tenant: &'t Tenant, user: &'t User, day: i64, logon_type: u8) -> Session<'t> {
    let mut random = tenant.random("workstation session", u64::from(user.number) << 16 | (day + 1) as u64);
    Session::new(tenant.laptop(user), Account::of(user), logon_type, &mut random)
}

/// `caller`'s person begins `session`, which isn't over the network; `remote` when from another computer.
///
/// The computer's own system uses the person's password (4648), which is what Los Alamos' `AuthMap` stands for here: 93 % of
/// those records in its public sample name two accounts, mostly a person and the computer itself, beside an interactive or
/// batch logon of that person, which is the pair of accounts that 4648 names and 4776 doesn't.
pub(crate) fn log_on<'t>(
    time: DateTime<Utc>,
    caller: &Caller<'t>,
    session: &Session<'t>,
    remote: Option<(IpAddr, &'t Computer)>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let elevated = caller.user.is_some_and(|user| user.kind == Kind::Admin);
    // A cached password needs no controller; tickets follow when the tunnel is up.
    let asked = if session.logon_type == 11 { time + TimeDelta::seconds(random.between(15, 60)) } else { time };
    tickets::ticket_granting(asked, caller, random, traces);
    identity_rows::logon(asked, caller, Seen::Password, random, traces);
    let computer = Account::computer(session.host);
    tickets::service_ticket(asked + TimeDelta::milliseconds(25), caller, computer, Cipher::Aes, random, traces);
    let time = time + TimeDelta::milliseconds(70);
    log_on_locally(time, session, remote.map(|(ip, _)| ip), elevated, random, traces);
    endpoint::logon(time, session, (caller.user, remote), random, traces);
}

/// `session` begins with nothing but what its computer writes: at the screen, for a scheduled program or a service.
pub(crate) fn log_on_locally<'t>(
    time: DateTime<Utc>,
    session: &Session<'t>,
    ip: Option<IpAddr>,
    elevated: bool,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let system = Session::system(session.host);
    if session.logon_type != 5 {
        let program = ("localhost", ip, "C:\\Windows\\System32\\svchost.exe");
        push(time, sessions::explicit_credentials(&system, session.account, program, random), traces);
    }
    push(time, logons::local_logon(session, ip, elevated, random), traces);
    if elevated {
        push(time, sessions::special_privileges(session, random), traces);
    }
}

/// `caller`'s person unlocks the computer: a session of its own that ends at once. Sometimes tickets are renewed.
pub(crate) fn unlock<'t>(
    time: DateTime<Utc>,
    caller: &Caller<'t>,
    renews: bool,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let session = Session::new(caller.computer, caller.account, 7, random);
    if renews {
        tickets::ticket_granting(time, caller, random, traces);
        identity_rows::logon(time, caller, Seen::Password, random, traces);
    }
    let time = time + TimeDelta::milliseconds(40);
    let elevated = caller.user.is_some_and(|user| user.kind == Kind::Admin);
    log_on_locally(time, &session, None, elevated, random, traces);
    push(time + TimeDelta::milliseconds(30), sessions::logoff(&session, random), traces);
    endpoint::logon(time, &session, (caller.user, None), random, traces);
}

/// `caller`'s person mistypes the password, or tries a locked account.
pub(crate) fn mistype<'t>(
    time: DateTime<Utc>,
    caller: &Caller<'t>,
    locked: bool,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let (ticket, reason) = if locked {
        (kerberos::REVOKED, failed_logon::LOCKED_OUT)
    } else {
        (kerberos::WRONG_PASSWORD, failed_logon::WRONG_PASSWORD)
    };
    let refused = kerberos::refused_ticket(caller.controller, caller.account, (caller.ip, ticket), random);
    push(time, refused, traces);
    if !locked {
        identity_rows::logon(time, caller, Seen::WrongPassword, random, traces);
    }
    let here = (std::net::Ipv4Addr::LOCALHOST.into(), caller.computer.short.as_str());
    let failed = failed_logon::failed_logon(caller.computer, caller.account, (2, reason), here, random);
    push(time + TimeDelta::milliseconds(30), failed, traces);
}
