//! The internet tries passwords all day: one guess here and one there, on few accounts, from everywhere.

use crate::acts::sign_in::sign_in;
use crate::engine::{Behavior, Mark, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::{DESKTOP_CLIENT, SignIn};
use crate::tenant::Tenant;
use crate::tenant::addresses;
use crate::tenant::apps::{DIRECTORY_POWERSHELL, EXCHANGE};
use crate::tenant::calendar::jitter;
use crate::tenant::devices::{Agent, UNKNOWN_DEVICE};
use crate::tenant::people::Kind;
use crate::truth::BACKGROUND_GUESSING;

/// Background guessing.
pub(super) struct Internet;

/// Of 1,000 accounts, how many are tried on a day.
pub(crate) const TRIED: u64 = 5;

impl Behavior for Internet {
    fn name(&self) -> &'static str {
        "internet"
    }

    fn actors(&self, _: &Tenant) -> u32 {
        1
    }

    fn plan(&self, tenant: &Tenant, _: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        for _ in 0..random.round(u64::from(tenant.options.users) * TRIED) {
            let time = jitter(tenant.day(day), 86_400, random);
            plan.at(time, random.bits() as u32, random.bits());
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let user = tenant.user((moment.data % u64::from(tenant.options.users)) as u32);
        if matches!(user.kind, Kind::BreakGlass | Kind::Guest) {
            return;
        }
        traces.mark(Mark::Ordinary(BACKGROUND_GUESSING));
        let legacy = random.chance(500);
        let app = if legacy { &EXCHANGE } else { &DIRECTORY_POWERSHELL };
        let event = SignIn::of(user, app, addresses::guesser(moment.step % 5_000), random);
        let result = match user.kind {
            Kind::Disabled => 50057,
            _ if random.chance(60) => 50053,
            _ => 50126,
        };
        let (client, agent) = if legacy { ("IMAP4", Agent::LegacyMail) } else { (DESKTOP_CLIENT, Agent::Program("")) };
        sign_in(moment.time, SignIn { device: &UNKNOWN_DEVICE, client, agent, result, ..event }, random, traces);
    }
}
