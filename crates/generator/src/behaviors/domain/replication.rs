//! The domain controllers replicate with each other, which looks like DCSync but for who does it.

use chrono::TimeDelta;

use crate::acts::domain::Caller;
use crate::acts::domain::replication::replicate;
use crate::engine::{Behavior, Mark, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::windows::directory_access::ReplicationRight;
use crate::tenant::Tenant;
use crate::tenant::calendar::jitter;
use crate::tenant::computers::Account;
use crate::tenant::directory::CONTROLLERS;
use crate::truth::CONTROLLER_REPLICATION;

/// Replication: an actor a controller that is asked.
pub(crate) struct Replication;

/// Minutes between two replications.
const EVERY_MINUTES: i64 = 15;

impl Behavior for Replication {
    fn name(&self) -> &'static str {
        "replication"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        if tenant.options.on_premises_permille == 0 { 0 } else { CONTROLLERS.len() as u32 }
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        for round in 0..24 * 60 / EVERY_MINUTES {
            let minutes = EVERY_MINUTES * round + 3 + 7 * i64::from(actor);
            plan.at(jitter(tenant.day(day) + TimeDelta::minutes(minutes), 10, random), 0, 0);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        traces.mark(Mark::Ordinary(CONTROLLER_REPLICATION));
        let partner = &CONTROLLERS[(moment.actor as usize + 1) % CONTROLLERS.len()];
        let account = Account::computer(tenant.server(partner));
        let caller = Caller::on_server(tenant, partner, account);
        let controller = &tenant.controllers()[moment.actor as usize];
        // Secrets go along when a password was changed.
        let rights: &[ReplicationRight] = if random.chance(300) {
            &[ReplicationRight::Changes, ReplicationRight::ChangesAll]
        } else {
            &[ReplicationRight::Changes]
        };
        replicate(moment.time, (caller, controller), rights, random, traces);
    }
}
