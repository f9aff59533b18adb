//! OneDrive's sync client now and then fetches hundreds of files at once: a new folder was added, or a laptop was set up.

use chrono::TimeDelta;

use crate::acts::access::Access;
use crate::acts::file_operation::file_operation;
use crate::engine::{Behavior, Mark, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::devices::Agent;
use crate::tenant::files::FileRef;
use crate::tenant::workday::workday;
use crate::truth::SYNC_CLIENT;

/// Bursts of sync clients.
pub(super) struct SyncClients;

/// Of 100,000 working days, how many have a burst.
pub(crate) const BURSTS: u64 = 110;
/// Files of a burst.
const FILES: [i64; 2] = [120, 420];

impl Behavior for SyncClients {
    fn name(&self) -> &'static str {
        "sync clients"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        if random.below(100_000) >= BURSTS {
            return;
        }
        let user = tenant.user(actor);
        if let Some(workday) = workday(tenant, user, day).filter(|_| user.is_employee()) {
            plan.at(workday.moment(random), 0, (day + 1) as u64);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let user = tenant.user(moment.actor);
        let Some(workday) = workday(tenant, user, moment.data as i64 - 1) else { return };
        traces.mark(Mark::Ordinary(SYNC_CLIENT));
        let access = Access { agent: Agent::Sync, ..Access::of(tenant, &workday) };
        let library = user.library(tenant, workday.day, random);
        let first = random.below(library.files(tenant)) as u32;
        let mut time = moment.time;
        for index in 0..random.between(FILES[0], FILES[1]) as u32 {
            let file = FileRef { library, index: first + index };
            file_operation(tenant, time, access, ("FileSyncDownloadedFull", file), random, traces);
            time += TimeDelta::milliseconds(random.between(300, 4_000));
        }
    }
}
