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

/// Step of the report that reads the application every hour; else the step is the number of a person.
const REPORT: u32 = u32::MAX;
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
            plan.at(jitter(tenant.day(day) + TimeDelta::hours(hour), 600, random), REPORT, 0);
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
        let (name, rid) = SERVICE_ACCOUNTS[0];
        let caller = if moment.step == REPORT {
            Caller::on_server(tenant, &APP_SERVERS[1], Account::named(name, rid))
        } else {
            let user = tenant.user(moment.step);
            let Some(workday) = workday(tenant, user, moment.data as i64 - 1) else { return };
            Caller::person(tenant, &workday)
        };
        let service = Account::named(LEGACY_ACCOUNT, LEGACY_RID);
        service_ticket(moment.time, &caller, service, Cipher::Rc4, random, traces);
    }
}
