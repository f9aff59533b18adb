//! A caller installs a service on another computer over the network, as PsExec, software distribution and attackers do.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};

use super::connection::{Connection, Package, connect};
use super::endpoint::{self, Program};
use super::{Caller, push};
use crate::engine::Traces;
use crate::random::Random;
use crate::records::windows::{processes, services, shares};
use crate::records::{Field, Session};
use crate::tenant::computers::Computer;

/// What is installed.
#[derive(Debug, Clone)]
pub(crate) struct RemoteService<'t> {
    pub(crate) name: Cow<'t, str>,
    /// Path of the program, or the command.
    pub(crate) image: Cow<'t, str>,
    /// The file that is copied to ADMIN$ beforehand, if any.
    pub(crate) copied: Option<Cow<'t, str>>,
    /// What the service starts, as the computer's own system.
    pub(crate) runs: Program<'t>,
}

/// `caller` installs and starts `service` on `target`; gives the session in which that happened.
pub(crate) fn install<'t>(
    time: DateTime<Utc>,
    (caller, target): (Caller<'t>, &'t Computer),
    service: &RemoteService<'t>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) -> Session<'t> {
    let lasts = Some(TimeDelta::milliseconds(random.between(4_000, 20_000)));
    let connection = Connection { caller, to: target, with: Package::NewTicket, elevated: true, lasts };
    let session = connect(time, &connection, random, traces);
    let at = |milliseconds| time + TimeDelta::milliseconds(milliseconds);
    let owned = |text: &Cow<'t, str>| match text {
        Cow::Borrowed(text) => Field::Text(text),
        Cow::Owned(text) => Field::from(text.clone()),
    };
    if let Some(file) = &service.copied {
        let opened = shares::share_opened(&session, caller.ip, ("\\\\*\\ADMIN$", "\\??\\C:\\Windows"), random);
        push(at(60), opened, traces);
        let wanted = ("\\\\*\\ADMIN$", "\\??\\C:\\Windows", owned(file));
        push(at(90), shares::share_checked(&session, caller.ip, wanted, random), traces);
    }
    let pipe = ("\\\\*\\IPC$", "", Field::Text("svcctl"));
    push(at(240), shares::share_checked(&session, caller.ip, pipe, random), traces);
    let both = || (owned(&service.name), owned(&service.image));
    let installed = at(400 + random.between(0, 900));
    push(installed, services::service_installed(&session, both(), random), traces);
    push(installed, services::service_noted(target, both(), random), traces);
    let started = installed + TimeDelta::milliseconds(150);
    push(started, services::service_state(target, (owned(&service.name), "running"), random), traces);
    let system = Session::system(target);
    let program = (service.runs.folder.into(), service.runs.command_line.into(), service.runs.parent.into());
    push(started, processes::process_created(&system, program, random), traces);
    endpoint::logon(at(12), &session, (caller.user, Some((caller.ip, caller.computer))), random, traces);
    endpoint::process(started, &system, (None, service.runs), random, traces);
    session
}
