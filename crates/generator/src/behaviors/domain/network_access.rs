//! People and their laptops use file and print servers, applications and the directory over the network.

use super::scaled;
use crate::acts::domain::connection::{Connection, Package, connect};
use crate::acts::domain::tickets::ticket_granting;
use crate::acts::domain::{Caller, push};
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::windows::shares;
use crate::tenant::Tenant;
use crate::tenant::computers::Computer;
use crate::tenant::directory::{APP_SERVERS, MEMBER_SERVERS};
use crate::tenant::sites::EUROPE;
use crate::tenant::workday::workday;

/// Network logons of the working day.
pub(crate) struct NetworkAccess;

/// What happens.
const PERSON: u32 = 0;
const LAPTOP: u32 = 1;
const BY_ADDRESS: u32 = 2;

/// Connections of a middling person and a working day, in thousandths.
pub(crate) const CONNECTIONS: u64 = 4_250;
/// Connections by which a laptop renews its policies, in thousandths.
pub(crate) const POLICY_RENEWALS: u64 = 2_000;
/// Chance in 1,000 that a laptop gets a new ticket-granting ticket before it renews its policies.
pub(crate) const LAPTOP_TICKET: u64 = 230;
/// Connections to a server that is named by its address, for which there are no tickets, in thousandths.
pub(crate) const BY_ADDRESSES: u64 = 620;
/// Chance in 1,000 that a connection needs a new ticket.
pub(crate) const NEW_TICKET: u64 = 270;
/// Chance in 1,000 that a file server's audit shows the share that is opened. (Assumption.)
pub(crate) const SHARE_SHOWN: u64 = 150;

impl Behavior for NetworkAccess {
    fn name(&self) -> &'static str {
        "network access"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let user = tenant.user(actor);
        if !user.is_employee() {
            return;
        }
        let Some(workday) = workday(tenant, user, day) else { return };
        let key = (day + 1) as u64;
        for _ in 0..workday.count(scaled(tenant, CONNECTIONS), random) {
            plan.at(workday.moment(random), PERSON, key);
        }
        for (step, usual) in [(LAPTOP, POLICY_RENEWALS), (BY_ADDRESS, BY_ADDRESSES)] {
            for _ in 0..random.round(scaled(tenant, usual)) {
                plan.at(workday.moment(random), step, key);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let user = tenant.user(moment.actor);
        let Some(workday) = workday(tenant, user, moment.data as i64 - 1) else { return };
        let caller = match moment.step {
            LAPTOP => Caller::laptop(tenant, &workday),
            _ => Caller::person(tenant, &workday),
        };
        let (to, with) = match moment.step {
            LAPTOP => (caller.controller, Package::OldTicket),
            BY_ADDRESS => (tenant.server(&MEMBER_SERVERS[random.below(3) as usize]), Package::Ntlm),
            _ if random.chance(NEW_TICKET) => (target(tenant, user.site, random), Package::NewTicket),
            _ => (target(tenant, user.site, random), Package::OldTicket),
        };
        if moment.step == LAPTOP && random.chance(LAPTOP_TICKET) {
            ticket_granting(moment.time, &caller, random, traces);
        }
        let session = connect(moment.time, &Connection::new(caller, to, with, random), random, traces);
        if moment.step == PERSON && to.short.starts_with("FS") && random.chance(SHARE_SHOWN) {
            let share = *random.pick(&[
                ("\\\\*\\Projects", "\\??\\D:\\Shares\\Projects"),
                ("\\\\*\\Departments", "\\??\\D:\\Shares\\Departments"),
                ("\\\\*\\Home", "\\??\\D:\\Shares\\Home"),
            ]);
            let opened = shares::share_opened(&session, caller.ip, share, random);
            push(moment.time + chrono::TimeDelta::milliseconds(35), opened, traces);
        }
    }
}

/// Where people of `site` connect to.
fn target<'t>(tenant: &'t Tenant, site: usize, random: &mut Random) -> &'t Computer {
    let near = usize::from(site == EUROPE);
    match random.weighted(&[45, 8, 10, 27, 10]) {
        0 => tenant.server(&MEMBER_SERVERS[near]),
        1 => tenant.server(&MEMBER_SERVERS[1 - near]),
        2 => tenant.server(&MEMBER_SERVERS[2]),
        3 => tenant.controller(site),
        _ => tenant.server(&APP_SERVERS[1]),
    }
}
