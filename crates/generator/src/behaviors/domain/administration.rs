//! Administrators work from the jump host: they log on there remotely and administer servers from it.

use chrono::TimeDelta;

use crate::acts::domain::account_change::try_out;
use crate::acts::domain::connection::{Connection, Package, connect};
use crate::acts::domain::workstation::log_on;
use crate::acts::domain::{Caller, push};
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::Session;
use crate::records::windows::{processes, services, sessions};
use crate::tenant::Tenant;
use crate::tenant::directory::JUMP_HOST;
use crate::tenant::people::Kind;
use crate::tenant::workday::workday;

/// Administration: an actor an administrator.
pub(crate) struct Administration;

/// Chance in 1,000 that an administrator works on the jump host on a working day. (Assumption.)
pub(crate) const ON_JUMP_HOST: u64 = 500;
/// Chance in 1,000 that a new scheduled task is the outcome. (Assumption.)
pub(crate) const NEW_TASK: u64 = 30;
/// Chance in 1,000 that an account is created on a controller to try something. (Assumption.)
pub(crate) const TRIAL: u64 = 15;
/// Relative identifier of the first such account; they are one a day.
const FIRST_TRIAL_RID: u32 = 90_001;
/// Programs that administrators run.
const TOOLS: [(&str, &str); 4] = [
    ("C:\\Windows\\System32\\mmc.exe", "mmc.exe C:\\Windows\\System32\\dsa.msc"),
    ("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe", "powershell.exe Get-Service"),
    ("C:\\Windows\\System32\\mmc.exe", "mmc.exe C:\\Windows\\System32\\eventvwr.msc"),
    ("C:\\Windows\\System32\\cmd.exe", "cmd.exe"),
];

impl Behavior for Administration {
    fn name(&self) -> &'static str {
        "domain administration"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        if tenant.options.on_premises_permille == 0 { 0 } else { tenant.of_kind(Kind::Admin).count() as u32 }
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let Some(user) = tenant.of_kind(Kind::Admin).nth(actor as usize) else { return };
        if let Some(workday) = workday(tenant, user, day).filter(|_| random.chance(ON_JUMP_HOST)) {
            plan.at(workday.moment(random), 0, (day + 1) as u64);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let Some(user) = tenant.of_kind(Kind::Admin).nth(moment.actor as usize) else { return };
        let Some(workday) = workday(tenant, user, moment.data as i64 - 1) else { return };
        let desk = Caller::person(tenant, &workday);
        let caller = Caller::user_on_server(tenant, &JUMP_HOST, user);
        let session = Session::new(caller.computer, caller.account, 10, random);
        let from = Some((desk.ip, desk.computer));
        log_on(moment.time, &caller, &session, from, random, traces);
        let mut time = moment.time + TimeDelta::seconds(random.between(20, 90));
        let (program, command) = *random.pick(&TOOLS);
        let started = (program.into(), command.into(), "C:\\Windows\\explorer.exe".into());
        push(time, processes::process_created(&session, started, random), traces);
        for _ in 0..random.between(2, 4) {
            let to = random.pick(tenant.servers());
            let connection = Connection { elevated: true, ..Connection::new(caller, to, Package::NewTicket, random) };
            let there = connect(time, &connection, random, traces);
            if random.chance(NEW_TASK) {
                let task = ("\\Tailwind\\Clean up", "D:\\Jobs\\cleanup.cmd");
                push(time + TimeDelta::seconds(2), services::task_created(&there, task, random), traces);
            }
            if to.number < tenant.controllers().len() as u32 && random.chance(TRIAL) {
                let trial = ("test-rollout", FIRST_TRIAL_RID + moment.data as u32);
                try_out(time + TimeDelta::seconds(3), &there, trial, random, traces);
            }
            time += TimeDelta::seconds(random.between(60, 400));
        }
        push(time, sessions::logoff(&session, random), traces);
    }
}
