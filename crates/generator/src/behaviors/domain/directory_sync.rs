//! Entra Connect reads the directory every half hour, passwords included, and tells the cloud.

use chrono::TimeDelta;

use crate::acts::domain::Caller;
use crate::acts::domain::replication::replicate;
use crate::acts::sign_in::sign_in;
use crate::engine::{Behavior, Mark, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::windows::directory_access::ReplicationRight;
use crate::records::{Identity, SignIn};
use crate::tenant::Tenant;
use crate::tenant::addresses;
use crate::tenant::apps::DIRECTORY_API;
use crate::tenant::calendar::jitter;
use crate::tenant::computers::Account;
use crate::tenant::devices::UNREGISTERED_LINUX;
use crate::tenant::directory::{SYNC_ACCOUNT, SYNC_RID, SYNC_SERVER};
use crate::truth::DIRECTORY_SYNC;

/// The synchronization.
pub(crate) struct DirectorySync;

/// Minutes between two runs.
const EVERY_MINUTES: i64 = 30;

/// The program as which Entra Connect signs in to the cloud.
pub(crate) fn sync_program(tenant: &Tenant) -> Identity<'_> {
    let mut random = tenant.random("sync program", 0);
    let name = "ConnectSyncProvisioning_SYNC01_4a1d0c77be92".into();
    Identity::Program { name, app_id: random.guid(), object_id: random.guid(), key_id: random.guid() }
}

impl Behavior for DirectorySync {
    fn name(&self) -> &'static str {
        "domain sync"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        u32::from(tenant.options.on_premises_permille > 0)
    }

    fn plan(&self, tenant: &Tenant, _: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        for round in 0..24 * 60 / EVERY_MINUTES {
            let minutes = EVERY_MINUTES * round + 1;
            plan.at(jitter(tenant.day(day) + TimeDelta::minutes(minutes), 10, random), 0, 0);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        traces.mark(Mark::Ordinary(DIRECTORY_SYNC));
        let caller = Caller::on_server(tenant, &SYNC_SERVER, Account::named(SYNC_ACCOUNT, SYNC_RID));
        let rights = [ReplicationRight::Changes, ReplicationRight::ChangesAll];
        replicate(moment.time, (caller, caller.controller), &rights, random, traces);
        traces.mark(Mark::None);
        let (identity, from) = (sync_program(tenant), addresses::office(0));
        let event = SignIn::of_program(identity, DIRECTORY_API, from, &UNREGISTERED_LINUX, random);
        sign_in(moment.time + TimeDelta::seconds(20), event, random, traces);
    }
}
