//! Identity Protection finds risk where there is none: a private browser, a hotel, a provider it has not seen.

use crate::acts::risk_detection::{Detection, RiskState, risk_detection};
use crate::acts::sign_in::sign_in;
use crate::engine::{Behavior, Mark, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::{SecondFactor, SignIn};
use crate::tenant::Tenant;
use crate::tenant::addresses;
use crate::tenant::devices::PRIVATE_EDGE;
use crate::tenant::workday::{Place, workday};
use crate::truth::HARMLESS_RISK;

/// Risk that is none.
pub(super) struct HarmlessRisk;

/// Detections in 10,000 working days of a person, and how many of 1,000 of them are of medium level. Assumptions.
pub(crate) const DETECTIONS: u64 = 14;
pub(crate) const MEDIUM: u64 = 150;

impl Behavior for HarmlessRisk {
    fn name(&self) -> &'static str {
        "harmless risk"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        if random.below(10_000) >= DETECTIONS {
            return;
        }
        let user = tenant.user(actor);
        if let Some(workday) = workday(tenant, user, day).filter(|_| user.is_employee()) {
            plan.at(workday.moment(random), 0, (day + 1) as u64);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let (user, day) = (tenant.user(moment.actor), moment.data as i64 - 1);
        let Some(workday) = workday(tenant, user, day) else { return };
        traces.mark(Mark::Ordinary(HARMLESS_RISK));
        let medium = random.chance(MEDIUM);
        let level = if medium { "medium" } else { "low" };
        let kind = if random.chance(700) { "unfamiliarFeatures" } else { "anonymizedIPAddress" };
        let from = match workday.place {
            Place::Hotel(site) => addresses::hotel(site),
            _ if workday.is_trusted() => user.home(day),
            _ => user.home_ipv6(day),
        };
        let app = user.pick_app(day, random);
        let risk_events: &'static [&'static str] =
            if kind == "unfamiliarFeatures" { &["unfamiliarFeatures"] } else { &["anonymizedIPAddress"] };
        let event = SignIn {
            device: &PRIVATE_EDGE,
            risk: level,
            risk_events,
            second_factor: SecondFactor::Done,
            ..SignIn::of(user, app, from, random)
        };
        let state = if medium { RiskState::Remediated } else { RiskState::Dismissed };
        let detection = Detection { kind, level, state, after_minutes: 0 };
        risk_detection(tenant, moment.time, &event, detection, random, traces);
        sign_in(moment.time, event, random, traces);
    }
}
