//! People use the web at work: cloud applications above all, by Zipf's law, through the proxy.

use crate::acts::web_request::{Request, web_request};
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::cloud_apps::{CLOUD_APPS, CloudApp};
use crate::tenant::people::User;
use crate::tenant::workday::workday;

/// Use of the web.
pub(super) struct Web;

/// Requests that the proxy logs of a middling person a day, in thousandths: one a visit.
pub(crate) const REQUESTS: u64 = 3_400;
/// Of 1,000 requests, how many go to the person's own favorites.
pub(crate) const FAVORITES: u64 = 300;
/// Of 1,000 requests, how many send something of size.
pub(crate) const UPLOADS: u64 = 30;

impl Behavior for Web {
    fn name(&self) -> &'static str {
        "web"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let user = tenant.user(actor);
        let Some(workday) = workday(tenant, user, day).filter(|_| user.is_employee()) else { return };
        for _ in 0..workday.count(REQUESTS, random) {
            plan.at(workday.moment(random), 0, (day + 1) as u64);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let user = tenant.user(moment.actor);
        let Some(workday) = workday(tenant, user, moment.data as i64 - 1) else { return };
        let upload = random.chance(UPLOADS);
        let request = Request {
            app: pick(user, random),
            server: None,
            method: if upload || random.chance(120) { "POST" } else { "GET" },
            path: format!("/{}/{:x}", random.pick(&["home", "app", "view", "api", "search"]), random.bits() >> 36),
            sent: if upload { random.heavy() * 900 } else { random.heavy() * 2 },
            received: random.heavy() * 60,
        };
        web_request(moment.time, &workday, &request, random, traces);
    }
}

/// An application: one of everybody's, or one of the person's three favorites.
fn pick(user: &User, random: &mut Random) -> &'static CloudApp {
    let index = if random.chance(FAVORITES) {
        user.number as usize * 7 + random.below(3) as usize * 13
    } else {
        random.zipf(CLOUD_APPS.len())
    };
    &CLOUD_APPS[index % CLOUD_APPS.len()]
}
