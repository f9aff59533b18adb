//! A caller replicates the directory: controllers, Entra Connect, and whoever wants everybody's secrets.

use chrono::{DateTime, TimeDelta, Utc};

use super::connection::{Connection, Package, connect};
use super::{Caller, push};
use crate::engine::Traces;
use crate::random::Random;
use crate::records::windows::directory_access::{ReplicationRight, replication};
use crate::tenant::computers::Computer;

/// `caller` asks `controller` for the directory, using `rights` one after the other.
pub(crate) fn replicate<'t>(
    time: DateTime<Utc>,
    (caller, controller): (Caller<'t>, &'t Computer),
    rights: &[ReplicationRight],
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let with = match caller.user {
        Some(_) => Package::NewTicket,
        // Whoever uses a computer's account elsewhere has its hash, but no ticket.
        None if caller.account.is_computer() && caller.account.name != caller.computer.account => Package::Ntlm,
        None => Package::OldTicket,
    };
    let lasts = Some(TimeDelta::milliseconds(random.between(600, 3_000)));
    // Whoever may replicate has an administrator's privileges on a controller.
    let connection = Connection { caller, to: controller, with, elevated: caller.user.is_some(), lasts };
    let session = connect(time, &connection, random, traces);
    for (number, right) in (0..).zip(rights) {
        let time = time + TimeDelta::milliseconds(16 + 3 * number);
        push(time, replication(&session, *right, random), traces);
    }
}
