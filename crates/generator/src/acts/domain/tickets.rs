//! Kerberos: a caller asks its controller for tickets.

use chrono::{DateTime, Utc};

use super::{Caller, push};
use crate::engine::Traces;
use crate::random::Random;
use crate::records::windows::kerberos::{self, Cipher};
use crate::tenant::computers::Account;

/// `caller` shows its password and gets a ticket-granting ticket.
pub(crate) fn ticket_granting<'t>(
    time: DateTime<Utc>,
    caller: &Caller<'t>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    push(time, kerberos::ticket_granting(caller.controller, caller.account, caller.ip, random), traces);
}

/// `caller` gets a ticket for `service`.
pub(crate) fn service_ticket<'t>(
    time: DateTime<Utc>,
    caller: &Caller<'t>,
    service: Account<'t>,
    cipher: Cipher,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let wanted = (service, cipher, caller.ip);
    push(time, kerberos::service_ticket(caller.controller, caller.account, wanted, random), traces);
}
