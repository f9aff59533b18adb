//! At night the backup and the vulnerability scanner go through all computers.

use chrono::TimeDelta;

use super::scaled;
use crate::acts::domain::Caller;
use crate::acts::domain::connection::{Connection, Package, connect};
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::calendar::jitter;
use crate::tenant::computers::Account;
use crate::tenant::directory::{
    BACKUP_ACCOUNT, BACKUP_RID, BACKUP_SERVER, SCANNER, SCANNER_ACCOUNT, SCANNER_RID, servers,
};

/// The rounds: an actor a computer.
pub(crate) struct NightlyRounds;

/// What comes by.
const BACKUP: u32 = 0;
const SCAN: u32 = 1;

/// Nights until the scanner comes to a laptop again.
const SCAN_NIGHTS: i64 = 3;
/// Hours after midnight UTC at which the rounds begin, and how long they take.
const BACKUP_HOUR: i64 = 1;
const SCAN_HOUR: i64 = 2;
const ROUND_SECONDS: u64 = 3 * 3_600;

impl Behavior for NightlyRounds {
    fn name(&self) -> &'static str {
        "nightly rounds"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.computers.len() as u32
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let laptop = actor.checked_sub(servers().count() as u32);
        if laptop.is_some_and(|owner| !tenant.user(owner).is_employee() || !tenant.user(owner).is_active(day)) {
            return;
        }
        let scanned = laptop.is_none() || (i64::from(actor) + day).rem_euclid(SCAN_NIGHTS) == 0;
        for (step, hour, due) in [(BACKUP, BACKUP_HOUR, true), (SCAN, SCAN_HOUR, scanned)] {
            for _ in 0..if due { random.round(scaled(tenant, 1_000)) } else { 0 } {
                plan.at(jitter(tenant.day(day) + TimeDelta::hours(hour), ROUND_SECONDS, random), step, 0);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let to = &tenant.computers[moment.actor as usize];
        let (server, account, with) = match moment.step {
            BACKUP => (&BACKUP_SERVER, Account::named(BACKUP_ACCOUNT, BACKUP_RID), Package::NewTicket),
            _ => (&SCANNER, Account::named(SCANNER_ACCOUNT, SCANNER_RID), Package::Ntlm),
        };
        let caller = Caller::on_server(tenant, server, account);
        let connection = Connection { elevated: true, ..Connection::new(caller, to, with, random) };
        connect(moment.time, &connection, random, traces);
    }
}
