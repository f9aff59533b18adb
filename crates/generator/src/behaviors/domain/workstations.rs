//! People log on to their laptops in the morning, lock and unlock them, mistype passwords and leave.

use chrono::{DateTime, TimeDelta, Utc};

use super::scaled;
use crate::acts::domain::connection::{Connection, Package, connect};
use crate::acts::domain::workstation::{log_on, mistype, session_of, unlock};
use crate::acts::domain::{Caller, identity_rows, push, tickets};
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::windows::{accounts, sessions};
use crate::tenant::Tenant;
use crate::tenant::workday::{Place, Workday, workday};

/// Sessions at the laptops' screens.
pub(crate) struct Workstations;

/// What happens.
const BOOT: u32 = 0;
const LOG_ON: u32 = 1;
const UNLOCK: u32 = 2;
const RENEWING_UNLOCK: u32 = 3;
const LEAVE: u32 = 4;
const MISTYPE: u32 = 5;
const LOCK_OUT: u32 = 6;

/// Chance in 1,000 that a morning begins with a logon; else the laptop was only locked. (Assumption.)
pub(crate) const FRESH: u64 = 620;
/// Unlocks later in the day in thousandths; they renew the ticket. (Assumption.)
pub(crate) const UNLOCKS: u64 = 350;
/// Chances in 1,000, a working day, of mistyped passwords, and of so many that the account is locked. (Assumption.)
pub(crate) const MISTYPED: u64 = 45;
pub(crate) const LOCKED_OUT: u64 = 2;
/// Wrong passwords after which the domain locks an account.
const THRESHOLD: i64 = 10;
/// The laptop starts so long before its owner logs on.
const START_SECONDS: i64 = 90;

impl Behavior for Workstations {
    fn name(&self) -> &'static str {
        "workstations"
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
        for round in 0..random.round(scaled(tenant, 1_000)) {
            // In the morning the laptop comes a few minutes before the first application.
            let time = if round == 0 {
                workday.begins - TimeDelta::seconds(random.between(120, 400))
            } else {
                workday.moment(random)
            };
            plan.at(time - TimeDelta::seconds(START_SECONDS), BOOT, key);
            if random.chance(MISTYPED) {
                plan.at(time - TimeDelta::seconds(60), MISTYPE, key);
            }
            let fresh = random.chance(FRESH);
            plan.at(time, if fresh { LOG_ON } else { UNLOCK }, key);
            if fresh {
                plan.at(workday.ends + TimeDelta::seconds(random.between(60, 1_200)), LEAVE, key);
            }
        }
        for _ in 0..random.round(scaled(tenant, UNLOCKS)) {
            plan.at(workday.moment(random), RENEWING_UNLOCK, key);
        }
        if random.chance(scaled(tenant, LOCKED_OUT)) {
            plan.at(workday.moment(random), LOCK_OUT, key);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let (user, day) = (tenant.user(moment.actor), moment.data as i64 - 1);
        let Some(workday) = workday(tenant, user, day) else { return };
        let person = Caller::person(tenant, &workday);
        match moment.step {
            BOOT => boot(tenant, &workday, moment.time, random, traces),
            LOG_ON => {
                let session = session_of(tenant, user, day, logon_type(&workday));
                log_on(moment.time, &person, &session, None, random, traces);
            }
            UNLOCK | RENEWING_UNLOCK => {
                unlock(moment.time, &person, moment.step == RENEWING_UNLOCK, random, traces);
            }
            LEAVE => {
                let session = session_of(tenant, user, day, logon_type(&workday));
                push(moment.time, sessions::user_logoff(&session, random), traces);
            }
            MISTYPE => mistype(moment.time, &person, false, random, traces),
            _ => lock_out(&person, moment.time, random, traces),
        }
    }
}

/// At home, before the tunnel into the domain is up, the laptop knows the password from the last time.
fn logon_type(workday: &Workday) -> u8 {
    if workday.place == Place::Office || workday.vpn { 2 } else { 11 }
}

/// The laptop starts: its own tickets, its policies, a question to the directory.
fn boot<'t>(
    tenant: &'t Tenant,
    workday: &Workday<'t>,
    time: DateTime<Utc>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let laptop = Caller::laptop(tenant, workday);
    tickets::ticket_granting(time, &laptop, random, traces);
    let mut at = time + TimeDelta::milliseconds(40);
    for with in [Package::NewTicket, Package::OldTicket] {
        connect(at, &Connection::new(laptop, laptop.controller, with, random), random, traces);
        at += TimeDelta::milliseconds(random.between(300, 9_000));
    }
    let question = ("Ldap", "AllDomains", "(objectClass=domainDNS)".into(), "corp.tailwind.example".into());
    identity_rows::query(at, &Caller::person(tenant, workday), question, random, traces);
}

/// Somebody goes on trying a forgotten password until the account is locked.
fn lock_out<'t>(person: &Caller<'t>, mut time: DateTime<Utc>, random: &mut Random, traces: &mut Traces<'t>) {
    for _ in 0..THRESHOLD {
        mistype(time, person, false, random, traces);
        time += TimeDelta::milliseconds(random.between(6_000, 30_000));
    }
    let locked = accounts::locked_out(person.controller, person.account, &person.computer.short, random);
    push(time - TimeDelta::milliseconds(5_900), locked, traces);
    for _ in 0..2 {
        mistype(time, person, true, random, traces);
        time += TimeDelta::milliseconds(random.between(10_000, 40_000));
    }
}
