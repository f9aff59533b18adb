//! Computers renew the passwords of their accounts about every 30 days.

use chrono::TimeDelta;

use crate::acts::domain::push;
use crate::engine::{Behavior, Mark, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::Session;
use crate::records::windows::computers::password_set;
use crate::tenant::Tenant;
use crate::tenant::calendar::jitter;
use crate::tenant::computers::Account;
use crate::tenant::directory::servers;
use crate::tenant::workday::workday;
use crate::truth::MACHINE_PASSWORDS;

/// Password renewals: an actor a computer.
pub(crate) struct MachinePasswords;

/// Days between two renewals (the default of the policy `Maximum machine account password age`).
const EVERY_DAYS: i64 = 30;

impl Behavior for MachinePasswords {
    fn name(&self) -> &'static str {
        "machine passwords"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        if tenant.options.on_premises_permille == 0 { 0 } else { tenant.computers.len() as u32 }
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        if (i64::from(actor) * 7 + day).rem_euclid(EVERY_DAYS) != 0 {
            return;
        }
        match actor.checked_sub(servers().count() as u32) {
            None => plan.at(jitter(tenant.day(day), 86_400, random), 0, 0),
            // A laptop renews its password when it is on.
            Some(owner) => {
                let user = tenant.user(owner);
                if let Some(workday) = workday(tenant, user, day).filter(|_| user.is_employee()) {
                    plan.at(workday.begins + TimeDelta::minutes(random.between(5, 60)), 0, 0);
                }
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let computer = &tenant.computers[moment.actor as usize];
        let site = moment.actor.checked_sub(servers().count() as u32).map_or(0, |owner| tenant.user(owner).site);
        // A controller changes its own account on itself.
        let controller = tenant.controllers().iter().find(|controller| controller.rid == computer.rid);
        let controller = controller.unwrap_or(tenant.controller(site));
        let account = Account::computer(computer);
        traces.mark(Mark::Ordinary(MACHINE_PASSWORDS));
        let session = Session::new(controller, account, 3, random);
        push(moment.time, password_set(&session, account, moment.time, random), traces);
    }
}
