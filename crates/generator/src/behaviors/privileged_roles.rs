//! Administrators activate the roles they may take, in working hours and with a ticket; daily roles change hands.

use chrono::TimeDelta;

use super::administration::administrator;
use crate::acts::changes;
use crate::acts::changes::roles::Activation;
use crate::acts::directory_change::directory_change;
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::Initiator;
use crate::tenant::Tenant;
use crate::tenant::people::Kind;
use crate::tenant::roles::Principal;
use crate::tenant::workday::workday;

/// Role activations and assignments: one actor an administrator.
pub(super) struct PrivilegedRoles;

/// What happens.
const ACTIVATION: u32 = 0;
const EXPIRY: u32 = 1;
const CHANGES: u32 = 2;

/// Activations on a working day, in thousandths. An assumption.
pub(crate) const ACTIVATIONS: u64 = 450;
/// Hours that an activation lasts.
const HOURS: i64 = 4;
/// What people write as the reason.
const REASONS: [&str; 5] = [
    "Change of the mail connector",
    "Review of enterprise applications",
    "Support case of a department head",
    "Monthly review of conditional access",
    "Setup of a new supplier",
];

impl Behavior for PrivilegedRoles {
    fn name(&self) -> &'static str {
        "privileged roles"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.of_kind(Kind::Admin).count() as u32
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let Some(admin) = administrator(tenant, actor) else { return };
        let Some(workday) = workday(tenant, admin, day) else { return };
        let eligible = tenant.roles_of(admin, day).filter(|held| held.eligible).count() as u64;
        for _ in 0..random.round(ACTIVATIONS).min(eligible) {
            let time = workday.moment(random);
            let role = random.below(eligible);
            plan.at(time, ACTIVATION, ((day + 1) as u64) << 8 | role);
            plan.at(time + TimeDelta::hours(HOURS), EXPIRY, ((day + 1) as u64) << 8 | role);
        }
        // The first administrator at work does the day's assignments.
        let first = (0..actor)
            .all(|other| administrator(tenant, other).is_none_or(|other| self::workday(tenant, other, day).is_none()));
        if first && day >= 0 && tenant.role_changes(day).next().is_some() {
            plan.at(workday.moment(random), CHANGES, ((day + 1) as u64) << 8);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let Some(admin) = administrator(tenant, moment.actor) else { return };
        let (day, index) = ((moment.data >> 8) as i64 - 1, (moment.data & 0xff) as usize);
        let Some(workday) = workday(tenant, admin, day) else { return };
        let by = Initiator::User { user: admin, ip: workday.endpoint().ip };
        let mut time = moment.time;
        if moment.step == CHANGES {
            for change in tenant.role_changes(day) {
                let Principal::User(number) = change.principal else { continue };
                let member = tenant.user(number);
                let audit = match change.from == day {
                    true => changes::roles::assigned(tenant, by.clone(), member, change.role, random),
                    false => changes::roles::removed(tenant, by.clone(), member, change.role, random),
                };
                directory_change(tenant, time, audit, random, traces);
                time += TimeDelta::seconds(random.between(20, 90));
            }
            return;
        }
        let Some(held) = tenant.roles_of(admin, day).filter(|held| held.eligible).nth(index) else { return };
        if moment.step == EXPIRY {
            for audit in changes::roles::expired(tenant, admin, held.role, random) {
                directory_change(tenant, time, audit, random, traces);
                time += TimeDelta::milliseconds(random.between(200, 900));
            }
            return;
        }
        let ticket = format!("CHG{:07}", 41_000 + random.below(9_000));
        let activation = Activation { justification: format!("{}, {ticket}", random.pick(&REASONS)), ticket };
        for audit in changes::roles::activated(tenant, by, admin, held.role, &activation, random) {
            directory_change(tenant, time, audit, random, traces);
            time += TimeDelta::milliseconds(random.between(900, 4_000));
        }
    }
}
