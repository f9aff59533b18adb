//! People get another telephone: they register it and a new method of multi-factor authentication, and remove the old one.

use chrono::TimeDelta;

use crate::acts::changes;
use crate::acts::changes::users::Method;
use crate::acts::directory_change::directory_change;
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::Initiator;
use crate::tenant::Tenant;
use crate::tenant::workday::workday;

/// New telephones.
pub(super) struct NewTelephones;

/// Telephones in 10,000 working days: one every three years and a half. An assumption.
pub(crate) const TELEPHONES: u64 = 12;

impl Behavior for NewTelephones {
    fn name(&self) -> &'static str {
        "new telephones"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let user = tenant.user(actor);
        if user.phone.is_none() || user.joins > i64::MIN || random.below(10_000) >= TELEPHONES {
            return;
        }
        if let Some(workday) = workday(tenant, user, day) {
            plan.at(workday.moment(random), 0, (day + 1) as u64);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let user = tenant.user(moment.actor);
        let (Some(workday), Some(phone)) = (workday(tenant, user, moment.data as i64 - 1), &user.phone) else { return };
        let by = || Initiator::User { user, ip: workday.endpoint().ip };
        let mut time = moment.time;
        for audit in changes::devices::registered(tenant, by(), user, phone, random) {
            directory_change(tenant, time, audit, random, traces);
            time += TimeDelta::milliseconds(random.between(200, 1_500));
        }
        time += TimeDelta::seconds(random.between(60, 400));
        let audit = changes::users::method_registered(by(), user, Method::Authenticator, random);
        directory_change(tenant, time, audit, random, traces);
        time += TimeDelta::seconds(random.between(20, 200));
        let audit = changes::users::method_deleted(by(), user, random);
        directory_change(tenant, time, audit, random, traces);
    }
}
