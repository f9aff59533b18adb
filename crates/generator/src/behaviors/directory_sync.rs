//! What services write into the directory all day: Entra Connect's runs, the state of devices, and the provisioning of
//! applications, where most is skipped and some fails again and again.

use chrono::TimeDelta;

use crate::acts::changes;
use crate::acts::directory_change::directory_change;
use crate::acts::provisioning::{APPLICATIONS, Provisioning, provisioning};
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::listed;
use crate::tenant::Tenant;
use crate::tenant::calendar::jitter;
use crate::tenant::people::User;
use crate::timestamps;

/// Services at work: one actor each.
pub(super) struct DirectorySync;

/// The actors.
const SYNC: u32 = 0;
const DEVICES: u32 = 1;
const PROVISIONING: u32 = 2;

/// Records a day for 1,000 accounts: accounts that Entra Connect wrote, devices whose state was written, accounts that
/// provisioning looked at. Assumptions.
pub(crate) const SYNCHRONIZED: u64 = 200;
pub(crate) const DEVICE_STATES: u64 = 120;
pub(crate) const PROVISIONED: u64 = 90;
/// Minutes between two runs of each.
const EVERY: [i64; 3] = [30, 60, 40];
/// Writes the state of devices.
const DEVICE_MANAGEMENT: &str = "Microsoft Intune";

impl Behavior for DirectorySync {
    fn name(&self) -> &'static str {
        "directory sync"
    }

    fn actors(&self, _: &Tenant) -> u32 {
        3
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let every = EVERY[actor as usize];
        for run in 0..24 * 60 / every {
            plan.at(jitter(tenant.day(day) + TimeDelta::minutes(run * every + 2), 20, random), 0, 0);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let day = tenant.day_of(moment.time);
        let share = if tenant.is_free(day) { 10 } else { 100 };
        let rate = [SYNCHRONIZED, DEVICE_STATES, PROVISIONED][moment.actor as usize];
        let runs = (24 * 60 / EVERY[moment.actor as usize]) as u64;
        let mut time = moment.time;
        for _ in 0..random.round(u64::from(tenant.options.users) * rate * share / 100 / runs) {
            let user = tenant.user(random.below(u64::from(tenant.options.users)) as u32);
            if !user.is_employee() || !user.is_active(day) {
                continue;
            }
            match moment.actor {
                SYNC => {
                    let moment = |time| listed(&timestamps::text(timestamps::seconds_utc, time));
                    let modified = ("LastDirSyncTime", moment(time - TimeDelta::minutes(30)), moment(time));
                    let by = tenant.service(changes::SYNC_FABRIC);
                    let audit = changes::users::updated(by, user, modified, random);
                    directory_change(tenant, time, audit, random, traces);
                }
                DEVICES => {
                    let audit = changes::devices::updated(tenant.service(DEVICE_MANAGEMENT), &user.laptop, random);
                    directory_change(tenant, time, audit, random, traces);
                }
                PROVISIONING => {
                    let (connection, done) = cycle(user, random);
                    provisioning(tenant, time, user, (connection, done), random, traces);
                }
                _ => {}
            }
            time += TimeDelta::milliseconds(random.between(120, 900));
        }
    }
}

/// What a cycle makes of `user`: in one application some accounts fail every time.
fn cycle(user: &User, random: &mut Random) -> (&'static crate::acts::provisioning::Connection, Provisioning) {
    let index = random.below(APPLICATIONS.len() as u64) as usize;
    let fails = index == 2 && user.number % 10 == 3;
    let status = if fails { "failure" } else { "skipped" };
    (&APPLICATIONS[index], Provisioning { action: if fails { "create" } else { "other" }, status })
}
