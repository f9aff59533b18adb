//! Programs run on the laptops and connect to servers and to the internet: what Defender for Endpoint reports of it.

use std::net::IpAddr;

use crate::acts::domain::address;
use crate::acts::domain::endpoint::{DAILY_PROGRAMS, Destination, network, process};
use crate::acts::domain::workstation::session_of;
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::directory::MEMBER_SERVERS;
use crate::tenant::workday::workday;

/// Programs and their connections.
pub(crate) struct EndpointActivity;

/// What happens.
const PROGRAM: u32 = 0;
const CONNECTION: u32 = 1;

/// Reported starts of programs and connections of a middling person and a working day, in thousandths. Real sensors report
/// hundreds; a few keep the volume modest. (Assumption.)
pub(crate) const PROGRAMS: u64 = 3_000;
pub(crate) const CONNECTIONS: u64 = 2_000;

/// What the programs connect to on the internet; addresses are reserved for documentation.
const WEB: [(&str, [u8; 4]); 5] = [
    ("teams.example.com", [192, 0, 2, 201]),
    ("outlook.example.com", [192, 0, 2, 202]),
    ("files.tailwind.example", [192, 0, 2, 203]),
    ("news.example.org", [192, 0, 2, 204]),
    ("intranet.tailwind.example", [192, 0, 2, 205]),
];

impl Behavior for EndpointActivity {
    fn name(&self) -> &'static str {
        "endpoint activity"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let user = tenant.user(actor);
        if !user.is_employee() {
            return;
        }
        let Some(workday) = workday(tenant, user, day) else { return };
        for (step, usual) in [(PROGRAM, PROGRAMS), (CONNECTION, CONNECTIONS)] {
            for _ in 0..workday.count(usual, random) {
                plan.at(workday.moment(random), step, (day + 1) as u64);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let (user, day) = (tenant.user(moment.actor), moment.data as i64 - 1);
        let Some(workday) = workday(tenant, user, day) else { return };
        let session = session_of(tenant, user, day, 2);
        let program = DAILY_PROGRAMS[random.zipf(DAILY_PROGRAMS.len())];
        if moment.step == PROGRAM {
            process(moment.time, &session, (Some(user), program), random, traces);
            return;
        }
        let to = if random.chance(300) {
            let server = tenant.server(&MEMBER_SERVERS[random.below(2) as usize]);
            Destination { ip: address(server), port: 445, url: "" }
        } else {
            let (url, ip) = *random.pick(&WEB);
            Destination { ip: IpAddr::from(ip), port: 443, url }
        };
        network(moment.time, &session, (program, workday.inner_ip(), to), random, traces);
    }
}
