//! Owners look after their applications: they renew secrets, and register an application now and then.

use chrono::{DateTime, TimeDelta, Utc};

use crate::acts::changes;
use crate::acts::changes::applications::{Program, Secret};
use crate::acts::directory_change::directory_change;
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::{Audit, Initiator};
use crate::tenant::Tenant;
use crate::tenant::people::{Kind, User};
use crate::tenant::workday::workday;
use crate::tenant::workloads::Workload;

/// Owners of applications: one actor a workload.
pub(super) struct ApplicationOwners;

/// What happens.
const NEW_SECRET: u32 = 0;
const OLD_SECRET: u32 = 1;
const REGISTRATION: u32 = 2;

/// Days that a secret lives: the most that the portal allows.
pub(crate) const SECRET_DAYS: i64 = 730;
/// Registrations in 10,000 working days of an owner.
pub(crate) const REGISTRATIONS: u64 = 6;

/// Who owns `workload`: an administrator, or somebody of Engineering.
pub(crate) fn owner<'t>(tenant: &'t Tenant, workload: &Workload) -> &'t User {
    let admins = tenant.of_kind(Kind::Admin);
    let engineers = tenant.of_kind(Kind::Member).filter(|user| {
        user.department == 1 && user.joins == i64::MIN && user.leaves == i64::MAX && user.number % 5 == 4
    });
    let owners: Vec<&User> = admins.chain(engineers).collect();
    owners[workload.number as usize % owners.len()]
}

impl Behavior for ApplicationOwners {
    fn name(&self) -> &'static str {
        "application owners"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.workloads.len() as u32
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let workload = &tenant.workloads[actor as usize];
        if workload.managed {
            return;
        }
        let data = (day + 1) as u64;
        let mut renew = |time: DateTime<Utc>, random: &mut Random| {
            plan.at(time, NEW_SECRET, data);
            plan.at(time + TimeDelta::minutes(random.between(10, 90)), OLD_SECRET, data);
        };
        if let Some((hour, hours)) = workload.expiry {
            // The secret had expired; whoever notices renews it, at any hour.
            let end = tenant.options.start + TimeDelta::hours(hour + hours);
            if tenant.day_of(end) == day {
                renew(end - TimeDelta::minutes(3), random);
            }
            return;
        }
        let renewal = tenant.random("secrets", u64::from(actor)).between(0, SECRET_DAYS - 1);
        let is_near = (renewal..renewal + 7).contains(&day);
        let registers = random.below(10_000) < REGISTRATIONS;
        if !is_near && !registers {
            return;
        }
        let owner = owner(tenant, workload);
        let Some(today) = workday(tenant, owner, day) else { return };
        if is_near && (renewal..day).all(|earlier| workday(tenant, owner, earlier).is_none()) {
            renew(today.moment(random), random);
        }
        if registers {
            plan.at(today.moment(random), REGISTRATION, data);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let workload = &tenant.workloads[moment.actor as usize];
        let owner = owner(tenant, workload);
        let day = moment.data as i64 - 1;
        let from = workday(tenant, owner, day).map_or_else(|| owner.home(day), |workday| workday.endpoint());
        let by = Initiator::User { user: owner, ip: from.ip };
        if moment.step == REGISTRATION {
            let name = format!("prototype-{}", random.below(900) + 100);
            let app = Program {
                name: &name,
                app_id: random.guid(),
                object_id: random.guid(),
                service_principal_id: random.guid(),
            };
            let mut time = moment.time;
            for audit in changes::applications::registered(by, owner, &app, random) {
                directory_change(tenant, time, audit, random, traces);
                time += TimeDelta::milliseconds(random.between(100, 700));
            }
            return;
        }
        let audit = secret_change(tenant, workload, by, moment.step == NEW_SECRET, random);
        directory_change(tenant, moment.time, audit, random, traces);
    }
}

/// A new secret is added beside the old one, or the old one is removed.
fn secret_change<'t>(
    tenant: &Tenant,
    workload: &Workload,
    by: Initiator<'t>,
    adds: bool,
    random: &mut Random,
) -> Audit<'t> {
    let new: Secret = (tenant.random("new secret", u64::from(workload.number)).guid(), "renewed");
    let old: Secret = (workload.key_id, "initial");
    let (before, after) = if adds { (&[old][..], &[old, new][..]) } else { (&[old, new][..], &[new][..]) };
    changes::applications::secrets_changed(by, &workload.program(), before, after, random)
}
