//! Scheduled programs and services run on the servers around the clock, under accounts of their own.

use chrono::TimeDelta;

use super::scaled;
use crate::acts::domain::push;
use crate::acts::domain::workstation::log_on_locally;
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::Session;
use crate::records::windows::{processes, services, sessions};
use crate::tenant::Tenant;
use crate::tenant::calendar::jitter;
use crate::tenant::computers::Account;
use crate::tenant::directory::SERVICE_ACCOUNTS;

/// Batch and service logons.
pub(crate) struct BatchJobs;

/// What happens.
const JOB: u32 = 0;
const SERVICE: u32 = 1;

/// Batch logons of all servers, for an account and day in thousandths; of 1,000, how many are logons of services instead.
pub(crate) const JOBS: u64 = 560;
pub(crate) const SERVICES: u64 = 60;

/// What the jobs run.
const PROGRAMS: [(&str, &str); 4] = [
    ("C:\\Program Files\\Tailwind\\Reports\\reportjob.exe", "reportjob.exe /nightly"),
    ("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe", "powershell.exe -File D:\\Jobs\\archive.ps1"),
    ("C:\\Windows\\System32\\robocopy.exe", "robocopy D:\\Inbox D:\\Archive /MOV"),
    ("C:\\Program Files\\Tailwind\\Import\\importjob.exe", "importjob.exe --queue default"),
];
const TASK_SCHEDULER: &str = "C:\\Windows\\System32\\svchost.exe";

impl Behavior for BatchJobs {
    fn name(&self) -> &'static str {
        "batch jobs"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        (tenant.servers().len() - tenant.controllers().len()) as u32
    }

    fn plan(&self, tenant: &Tenant, _: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let servers = (tenant.servers().len() - tenant.controllers().len()) as u64;
        let jobs = scaled(tenant, JOBS) * u64::from(tenant.options.users) / servers;
        for _ in 0..random.round(jobs) {
            let step = if random.chance(SERVICES) { SERVICE } else { JOB };
            plan.at(jitter(tenant.day(day), 86_400, random), step, 0);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let host = &tenant.servers()[tenant.controllers().len() + moment.actor as usize];
        let (name, rid) = *random.pick(&SERVICE_ACCOUNTS);
        let logon_type = if moment.step == SERVICE { 5 } else { 4 };
        let session = Session::new(host, Account::named(name, rid), logon_type, random);
        log_on_locally(moment.time, &session, None, false, random, traces);
        let later = |milliseconds| moment.time + TimeDelta::milliseconds(milliseconds);
        if moment.step == SERVICE {
            push(later(60), services::service_state(host, ("Tailwind Queue".into(), "running"), random), traces);
            return;
        }
        let (program, command) = *random.pick(&PROGRAMS);
        let program = (program.into(), command.into(), TASK_SCHEDULER.into());
        push(later(50), processes::process_created(&session, program, random), traces);
        push(later(random.between(900, 600_000)), sessions::logoff(&session, random), traces);
    }
}
