//! What administrators do in the directory on their working days: passwords for people who forgot theirs, access to
//! applications, edits of conditional access.

use chrono::TimeDelta;

use crate::acts::changes;
use crate::acts::directory_change::directory_change;
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::guid::Guid;
use crate::random::Random;
use crate::records::Initiator;
use crate::tenant::Tenant;
use crate::tenant::apps::{BROWSER_APPS, DIRECTORY_API};
use crate::tenant::people::{Kind, User};
use crate::tenant::workday::workday;

/// Administrators' daily changes: one actor an administrator.
pub(super) struct Administration;

/// What happens.
const PASSWORD: u32 = 0;
const ACCESS: u32 = 1;
const POLICY: u32 = 2;

/// Changes of each kind on a working day for 1,000 accounts, by all administrators together. Assumptions.
pub(crate) const PASSWORDS: u64 = 8;
pub(crate) const ACCESSES: u64 = 25;
/// Edits of policies in 1,000 working days of one administrator.
pub(crate) const POLICIES: u64 = 15;

/// Administrators by their position, as behaviors count them.
pub(super) fn administrator(tenant: &Tenant, index: u32) -> Option<&User> {
    tenant.of_kind(Kind::Admin).nth(index as usize)
}

impl Behavior for Administration {
    fn name(&self) -> &'static str {
        "administration"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.of_kind(Kind::Admin).count() as u32
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let Some(admin) = administrator(tenant, actor) else { return };
        let Some(workday) = workday(tenant, admin, day) else { return };
        let share = u64::from(tenant.options.users) / u64::from(self.actors(tenant)).max(1);
        for (step, count) in [
            (PASSWORD, random.round(PASSWORDS * share)),
            (ACCESS, random.round(ACCESSES * share)),
            (POLICY, random.round(POLICIES)),
        ] {
            for _ in 0..count {
                plan.at(workday.moment(random), step, (day + 1) as u64);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let day = moment.data as i64 - 1;
        let Some(admin) = administrator(tenant, moment.actor) else { return };
        let Some(admins_day) = workday(tenant, admin, day) else { return };
        let by = Initiator::User { user: admin, ip: admins_day.endpoint().ip };
        if moment.step == POLICY {
            return edit_policy(tenant, moment, by, random, traces);
        }
        let user = tenant.user(random.below(u64::from(tenant.options.users)) as u32);
        if !user.is_employee() || !user.is_active(day) {
            return;
        }
        if moment.step == ACCESS {
            let app = loop {
                let app = random.pick(&BROWSER_APPS);
                if app.resource == DIRECTORY_API {
                    break app;
                }
            };
            let audit = changes::applications::user_assigned(tenant, by, user, app, random);
            return directory_change(tenant, moment.time, audit, random, traces);
        }
        let audit = changes::users::password_reset(by, user, random);
        directory_change(tenant, moment.time, audit, random, traces);
        // Whoever is at work chooses an own password at once.
        if let Some(workday) = workday(tenant, user, day).filter(|workday| workday.ends > moment.time) {
            let by = Initiator::User { user, ip: workday.endpoint().ip };
            let audit = changes::users::password_changed(by, user, random);
            let time = moment.time + TimeDelta::seconds(random.between(120, 900));
            directory_change(tenant, time, audit, random, traces);
        }
    }
}

fn edit_policy<'t>(
    tenant: &'t Tenant,
    moment: &Moment,
    by: Initiator<'t>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let policies = [
        (tenant.policy_id, "Require multifactor authentication outside the offices", ("enabled", "enabled")),
        (
            Guid::random(tenant.policy_id.low(), 1),
            "Block legacy authentication",
            ("enabledForReportingButNotEnforced", "enabledForReportingButNotEnforced"),
        ),
    ];
    let (id, name, states) = *random.pick(&policies);
    let audit = changes::policies::updated(by, (id, name), states, random);
    directory_change(tenant, moment.time, audit, random, traces);
}
