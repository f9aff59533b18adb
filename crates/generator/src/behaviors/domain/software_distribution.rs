//! Software distribution installs its agent on laptops over the network, which looks like lateral movement.

use crate::acts::domain::Caller;
use crate::acts::domain::endpoint::Program;
use crate::acts::domain::remote_service::{RemoteService, install};
use crate::engine::{Behavior, Mark, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::computers::Account;
use crate::tenant::directory::{APP_SERVERS, SERVICE_ACCOUNTS};
use crate::tenant::workday::workday;
use crate::truth::SOFTWARE_DISTRIBUTION;

/// Installations of the agent.
pub(crate) struct SoftwareDistribution;

/// Installations a day for 1,000 accounts. (Assumption.)
pub(crate) const INSTALLATIONS: u64 = 8;

/// The agent's installer.
static INSTALLER: Program<'static> = Program {
    file: "ccmsetup.exe",
    folder: "C:\\Windows\\ccmsetup\\ccmsetup.exe",
    command_line: "\"C:\\Windows\\ccmsetup\\ccmsetup.exe\" /runservice",
    parent: "services.exe",
    parent_command_line: "services.exe",
};

impl Behavior for SoftwareDistribution {
    fn name(&self) -> &'static str {
        "software distribution"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        u32::from(tenant.options.on_premises_permille > 0)
    }

    fn plan(&self, tenant: &Tenant, _: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        for _ in 0..random.round(INSTALLATIONS * u64::from(tenant.options.users)) {
            let user = tenant.user(random.below(u64::from(tenant.options.users)) as u32);
            if let Some(workday) = workday(tenant, user, day).filter(|_| user.is_employee()) {
                plan.at(workday.moment(random), user.number, 0);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        traces.mark(Mark::Ordinary(SOFTWARE_DISTRIBUTION));
        let (name, rid) = SERVICE_ACCOUNTS[4];
        let caller = Caller::on_server(tenant, &APP_SERVERS[0], Account::named(name, rid));
        let service = RemoteService {
            name: "ccmsetup".into(),
            image: INSTALLER.command_line.into(),
            copied: Some("ccmsetup\\ccmsetup.exe".into()),
            runs: INSTALLER,
        };
        install(moment.time, (caller, tenant.laptop(tenant.user(moment.step))), &service, random, traces);
    }
}
