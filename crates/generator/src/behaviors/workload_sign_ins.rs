//! Programs sign in around the clock, each in its own rhythm; now and then a secret expires and nobody notices for hours.

use chrono::TimeDelta;

use crate::acts::graph_request::{Request, graph_request};
use crate::acts::sign_in::sign_in;
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::{Identity, SignIn};
use crate::tenant::Tenant;
use crate::tenant::apps::GRAPH;
use crate::tenant::calendar::jitter;
use crate::tenant::devices::UNREGISTERED_LINUX;

/// Sign-ins of service principals and managed identities.
pub(super) struct WorkloadSignIns;

/// Result of a sign-in with an expired secret, tried again at this distance.
const EXPIRED: u32 = 7_000_222;
const RETRY_MINUTES: i64 = 4;
/// Requests to Microsoft Graph after a sign-in, at most.
pub(crate) const REQUESTS: i64 = 6;
/// What programs read, each its own, and with which permission.
const READS: [(&str, &str); 4] = [
    ("/users?$select=id,displayName,department&$top=100", "User.Read.All"),
    ("/groups?$select=id,displayName", "Group.Read.All"),
    ("/sites?search=*", "Sites.Read.All"),
    ("/deviceManagement/managedDevices", "DeviceManagementManagedDevices.Read.All"),
];

impl Behavior for WorkloadSignIns {
    fn name(&self) -> &'static str {
        "workload sign-ins"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.workloads.len() as u32
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let workload = &tenant.workloads[actor as usize];
        let expired = workload.expiry.map(|(hour, hours)| {
            let from = tenant.options.start + TimeDelta::hours(hour);
            from..from + TimeDelta::hours(hours)
        });
        let mut minute = i64::from(actor) * 7 % workload.every_minutes;
        while minute < 24 * 60 {
            let time = jitter(tenant.day(day) + TimeDelta::minutes(minute), 40, random);
            let fails = expired.as_ref().is_some_and(|expired| expired.contains(&time));
            plan.at(time, if fails { EXPIRED } else { 0 }, 0);
            minute += if fails { RETRY_MINUTES } else { workload.every_minutes };
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let workload = &tenant.workloads[moment.actor as usize];
        let identity = Identity::Workload(workload);
        let event = SignIn::of_program(identity, workload.resource, workload.endpoint, &UNREGISTERED_LINUX, random);
        let event = SignIn { result: moment.step, ..event };
        if workload.resource == GRAPH && event.result == 0 {
            let mut time = moment.time + TimeDelta::milliseconds(random.between(200, 900));
            for _ in 0..random.between(1, REQUESTS) {
                let path = READS[workload.number as usize % READS.len()];
                let request = Request::get(path.0, path.1, random);
                graph_request(tenant, time, &event, request, random, traces);
                time += TimeDelta::milliseconds(random.between(80, 700));
            }
        }
        sign_in(moment.time, event, random, traces);
    }
}
