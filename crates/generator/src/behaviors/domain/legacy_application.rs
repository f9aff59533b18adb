//! An old application that speaks nothing better than RC4: tickets for it look like Kerberoasting.

use chrono::TimeDelta;

use crate::acts::domain::Caller;
use crate::acts::domain::tickets::service_ticket;
use crate::engine::{Behavior, Mark, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::windows::kerberos::Cipher;
use crate::tenant::Tenant;
use crate::tenant::calendar::jitter;
use crate::tenant::computers::Account;
use crate::tenant::directory::{APP_SERVERS, LEGACY_ACCOUNT, LEGACY_RID, SERVICE_ACCOUNTS};
use crate::tenant::workday::workday;
use crate::truth::LEGACY_CIPHER;

/// Use of the old application.
pub(crate) struct LegacyApplication;

/// Step of the services that read the application every hour; else the step is the number of a person.
const SERVICES: u32 = u32::MAX;
/// How many services that are: enough for anybody to see that the application is old, from the first hour on.
const READERS: usize = 3;
/// People who use the application on a day.
const PEOPLE: u32 = 6;

impl Behavior for LegacyApplication {
    fn name(&self) -> &'static str {
        "legacy application"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        u32::from(tenant.options.on_premises_permille > 0)
    }

    fn plan(&self, tenant: &Tenant, _: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        for hour in 0..24 {
            plan.at(jitter(tenant.day(day) + TimeDelta::hours(hour), 600, random), SERVICES, 0);
        }
        for _ in 0..PEOPLE {
            let user = tenant.user(random.below(u64::from(tenant.options.users)) as u32);
            if let Some(workday) = workday(tenant, user, day).filter(|_| user.is_employee()) {
                plan.at(workday.moment(random), user.number, (day + 1) as u64);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        traces.mark(Mark::Ordinary(LEGACY_CIPHER));
        let mut ask = |time, caller: &Caller<'t>| {
            let service = Account::named(LEGACY_ACCOUNT, LEGACY_RID);
            service_ticket(time, caller, service, Cipher::Rc4, random, traces);
        };
        if moment.step == SERVICES {
            for (seconds, (name, rid)) in (0..).zip(&SERVICE_ACCOUNTS[..READERS]) {
                let caller = Caller::on_server(tenant, &APP_SERVERS[1], Account::named(name, *rid));
                ask(moment.time + TimeDelta::seconds(seconds), &caller);
            }
            return;
        }
        let Some(workday) = workday(tenant, tenant.user(moment.step), moment.data as i64 - 1) else { return };
        ask(moment.time, &Caller::person(tenant, &workday));
    }
}
