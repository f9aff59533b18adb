//! People sign in: in the morning, to further applications, on the telephone; and their programs renew tokens.

use chrono::{DateTime, TimeDelta, Utc};

use crate::acts::directory_change::directory_change;
use crate::acts::sign_in::sign_in;
use crate::engine::{Behavior, Mark, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::{Audit, DESKTOP_CLIENT, Initiator, SecondFactor, SignIn, SignInKind, Target};
use crate::tenant::Tenant;
use crate::tenant::addresses;
use crate::tenant::apps::{ADMIN_APPS, App, DESKTOP_APPS, EXCHANGE, OUTLOOK_MOBILE};
use crate::tenant::calendar::jitter;
use crate::tenant::devices::{Agent, PRIVATE_EDGE, UNKNOWN_DEVICE};
use crate::tenant::people::{Kind, User};
use crate::tenant::workday::{Place, Workday, workday};
use crate::truth::{BUSINESS_TRAVEL, VPN};

/// Sign-ins of people.
pub(super) struct Sessions;

/// What happens.
const MORNING: u32 = 0;
const FURTHER_APP: u32 = 1;
const RENEWAL: u32 = 2;
const PHONE: u32 = 3;
const LEGACY_MAIL: u32 = 4;
const LEAVER: u32 = 5;

/// Acts a day of a middling person, in thousandths. The morning's sign-in comes on top of them; all interactive rows together
/// have a median of about 8 a day, as in the two public tenants of the sample data.
pub(crate) const FURTHER_APPS: u64 = 6_900;
pub(crate) const RENEWALS: u64 = 11_000;
pub(crate) const PHONE_RENEWALS: u64 = 3_000;
/// Chances in 1,000 of what goes before the morning's first success, or before any other (a sixth of it).
pub(crate) const NO_SESSION: u64 = 90;
pub(crate) const MISTYPED: u64 = 24;
pub(crate) const EXPIRED: u64 = 3;
pub(crate) const SECOND_FACTOR_ASKED: u64 = 700;
pub(crate) const KEEP_SIGNED_IN: u64 = 90;
/// Chance in 1,000 that a further application opens in a private browser of somebody who has one.
pub(crate) const PRIVATE: u64 = 60;
/// Sign-ins of an old mail program on a working day.
pub(crate) const LEGACY_SIGN_INS: i64 = 10;
/// Days after leaving on which a leaver's telephone still tries.
const LEAVER_TRIES: i64 = 5;

impl Behavior for Sessions {
    fn name(&self) -> &'static str {
        "sessions"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let user = tenant.user(actor);
        if user.phone.is_some() && (user.leaves..user.leaves.saturating_add(LEAVER_TRIES)).contains(&day) {
            plan.at(jitter(tenant.local(user.site, day, 9 * 60), 3_600, random), LEAVER, 0);
        }
        let Some(workday) = workday(tenant, user, day) else { return };
        let day = (day + 1) as u64;
        plan.at(workday.begins, MORNING, day);
        for _ in 0..workday.count(FURTHER_APPS, random) {
            plan.at(workday.moment(random), FURTHER_APP, day);
        }
        for _ in 0..workday.count(RENEWALS, random) {
            plan.at(workday.moment(random), RENEWAL, day);
        }
        if user.is_employee() && user.phone.is_some() {
            for _ in 0..workday.count(PHONE_RENEWALS, random) {
                let around_the_clock = jitter(workday.begins - TimeDelta::minutes(90), 14 * 3_600, random);
                plan.at(around_the_clock, PHONE, day);
            }
        }
        if user.legacy_mail {
            for round in 0..LEGACY_SIGN_INS {
                plan.at(jitter(workday.begins + TimeDelta::minutes(round * 45), 600, random), LEGACY_MAIL, day);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let user = tenant.user(moment.actor);
        if moment.step == LEAVER {
            return leaver(user, moment.time, random, traces);
        }
        let Some(workday) = workday(tenant, user, moment.data as i64 - 1) else { return };
        match workday.place {
            Place::Hotel(_) => traces.mark(Mark::Ordinary(BUSINESS_TRAVEL)),
            _ if workday.vpn => traces.mark(Mark::Ordinary(VPN)),
            _ => {}
        }
        let mut session = Session { tenant, workday, random, traces };
        match moment.step {
            MORNING => session.morning(moment.time),
            FURTHER_APP => session.further_app(moment.time),
            RENEWAL => session.renewal(moment.time),
            PHONE => session.phone(moment.time),
            _ => session.legacy_mail(moment.time),
        }
    }
}

struct Session<'a, 't> {
    tenant: &'t Tenant,
    workday: Workday<'t>,
    random: &'a mut Random,
    traces: &'a mut Traces<'t>,
}

impl<'t> Session<'_, 't> {
    fn push(&mut self, time: DateTime<Utc>, event: SignIn<'t>) {
        sign_in(time, event, self.random, self.traces);
    }

    fn pick_app(&mut self) -> &'t App {
        if self.workday.user.kind == Kind::Admin && self.random.chance(300) {
            return &ADMIN_APPS[self.random.zipf(ADMIN_APPS.len())];
        }
        self.workday.user.pick_app(self.workday.day, self.random)
    }

    /// The session's own identifiers are the same all day.
    fn event(&mut self, app: &'t App) -> SignIn<'t> {
        let (user, endpoint) = (self.workday.user, self.workday.endpoint());
        let session_id = self.workday.session(self.tenant).session_id;
        let second_factor = if self.workday.is_trusted() { SecondFactor::None } else { SecondFactor::InToken };
        SignIn { session_id, second_factor, ..SignIn::of(user, app, endpoint, self.random) }
    }

    fn morning(&mut self, time: DateTime<Utc>) {
        let app = self.pick_app();
        let token_id = self.workday.session(self.tenant).token_id;
        let event = SignIn { token_id, ..self.event(app) };
        self.success(time, event, 1);
    }

    fn further_app(&mut self, time: DateTime<Utc>) {
        let app = self.pick_app();
        let mut event = self.event(app);
        if self.workday.user.private_browser && self.random.chance(PRIVATE) {
            // Private mode shows nothing of the device; networks at home prefer IPv6.
            event.device = &PRIVATE_EDGE;
            event.session_id = self.random.guid();
            if self.workday.place == Place::Home && !self.workday.vpn && self.workday.user.is_employee() {
                event.from = self.workday.user.home_ipv6(self.workday.day);
            }
        }
        self.success(time, event, 6);
    }

    /// A success with what goes before it; `rarer` divides the chances of that.
    fn success(&mut self, mut time: DateTime<Utc>, event: SignIn<'t>, rarer: u64) {
        let user = self.workday.user;
        let fail = |session: &mut Self, time, result| {
            let (id, token_id) = (session.random.guid(), session.random.guid());
            session.push(time, SignIn { id, token_id, result, second_factor: SecondFactor::None, ..event.clone() });
        };
        if self.random.chance(NO_SESSION / rarer) {
            fail(self, time, 50058);
            time += TimeDelta::milliseconds(self.random.between(700, 4_000));
        }
        if self.random.chance(MISTYPED / rarer) {
            for _ in 0..self.random.between(1, 3) {
                fail(self, time, 50126);
                time += TimeDelta::milliseconds(self.random.between(5_000, 20_000));
            }
        }
        if rarer == 1 && user.is_employee() && self.random.chance(EXPIRED) {
            fail(self, time, 50055);
            time += TimeDelta::milliseconds(self.random.between(40_000, 90_000));
            let initiator = Initiator::User { user, ip: event.from.ip };
            let operation = ("Change user password", "UserManagement", "Update");
            let change = Audit::new(operation, initiator, vec![Target::user(user, Vec::new())], self.random);
            directory_change(self.tenant, time, change, self.random, self.traces);
            time += TimeDelta::milliseconds(1_500);
        }
        let mut second_factor = event.second_factor;
        if !self.workday.is_trusted() && self.random.chance(SECOND_FACTOR_ASKED / rarer) {
            // The challenge is a row of its own only now and then.
            if self.random.chance(250) {
                let code = if self.random.chance(600) { 50074 } else { 50076 };
                fail(self, time, code);
                time += TimeDelta::milliseconds(self.random.between(8_000, 30_000));
            }
            second_factor = SecondFactor::Done;
        }
        if self.random.chance(KEEP_SIGNED_IN / rarer) {
            fail(self, time, 50140);
            time += TimeDelta::milliseconds(self.random.between(1_500, 6_000));
        }
        self.push(time, SignIn { second_factor, ..event });
    }

    fn renewal(&mut self, time: DateTime<Utc>) {
        let app = &DESKTOP_APPS[self.random.below(DESKTOP_APPS.len() as u64) as usize];
        let event = self.event(app).non_interactive(app, self.random);
        self.push(time, event);
    }

    fn phone(&mut self, time: DateTime<Utc>) {
        let user = self.workday.user;
        let Some(device) = &user.phone else { return };
        // In the house the telephone uses the house's network.
        let from = match (self.random.weighted(&[60, 25, 15]), self.workday.place) {
            (0, Place::Hotel(site)) => addresses::carrier(site),
            (_, Place::Hotel(site)) => addresses::hotel(site),
            (0, _) => addresses::carrier(user.site),
            (1, _) => user.home(self.workday.day),
            _ => user.home_ipv6(self.workday.day),
        };
        let event = self.event(&OUTLOOK_MOBILE);
        let kind = if self.random.chance(60) { SignInKind::Interactive } else { SignInKind::NonInteractive };
        let (client, second_factor) = (DESKTOP_CLIENT, SecondFactor::InToken);
        let incoming_token = if kind == SignInKind::Interactive { "none" } else { "refreshToken" };
        self.push(time, SignIn { kind, from, device, client, second_factor, incoming_token, ..event });
    }

    fn legacy_mail(&mut self, time: DateTime<Utc>) {
        let event = self.event(&EXCHANGE);
        let second_factor = SecondFactor::None;
        let (device, agent) = (&UNKNOWN_DEVICE, Agent::LegacyMail);
        self.push(time, SignIn { device, agent, client: "IMAP4", protocol: "ropc", second_factor, ..event });
    }
}

/// The telephone of somebody who has left goes on trying for a while.
fn leaver<'t>(user: &'t User, time: DateTime<Utc>, random: &mut Random, traces: &mut Traces<'t>) {
    let Some(device) = &user.phone else { return };
    for round in 0..4 {
        let event = SignIn::of(user, &OUTLOOK_MOBILE, addresses::carrier(user.site), random);
        let time = time + TimeDelta::minutes(15 * round);
        sign_in(time, SignIn { device, client: DESKTOP_CLIENT, result: 50057, ..event }, random, traces);
    }
}
