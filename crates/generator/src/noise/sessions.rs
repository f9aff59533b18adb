//! Sign-ins of a working day: the morning's with its typing mistakes and interrupts, further applications, background renewals.

use chrono::{DateTime, TimeDelta, Utc};

use crate::addresses;
use crate::apps::{App, BROWSER_APPS, DESKTOP_APPS, OUTLOOK_MOBILE};
use crate::audit::{AuditEvent, Initiator, Target};
use crate::events::Events;
use crate::noise::workday::Workday;
use crate::people::{Device, Kind, User};
use crate::random::Random;
use crate::sign_ins::{SecondFactor, SignIn, SignInKind};
use crate::tenant::{Tenant, jitter};

/// Chances in 1,000, each for one sign-in of the morning.
const MISTYPED: u64 = 50;
const EXPIRED: u64 = 5;
const KEEP_SIGNED_IN: u64 = 250;
const NO_SESSION: u64 = 150;
const SECOND_FACTOR_ASKED: u64 = 350;
const PHONE: u64 = 450;
/// How Windows' own token broker introduces itself.
const BROKER: &str = "Windows-AzureAD-Authentication-Provider/1.0";

/// Adds the sign-ins of `workday`.
pub(crate) fn add(tenant: &Tenant, workday: &Workday, events: &mut Events) {
    let mut random = tenant.random("sessions", workday.stream);
    let first = events.sign_ins.len();
    morning(workday, &mut random, events);
    further_apps(workday, &mut random, events);
    renewals(workday, &mut random, events);
    if workday.user.is_employee() && workday.mark.is_empty() {
        phone(workday, &mut random, events);
    }
    if workday.user.legacy_mail {
        legacy_mail(workday, &mut random, events);
    }
    for sign_in in &mut events.sign_ins[first..] {
        sign_in.mark = workday.mark;
    }
}

fn repertoire(user: &User) -> usize {
    if user.kind == Kind::Guest { 3 } else { 4 + user.number as usize % (BROWSER_APPS.len() - 3) }
}

fn pick_app(user: &User, random: &mut Random) -> &'static App {
    if user.kind == Kind::Admin && random.chance(300) {
        return &crate::apps::AZURE_PORTAL;
    }
    // The minimum of two draws prefers the first, most used applications.
    let count = repertoire(user) as u64;
    BROWSER_APPS[random.below(count).min(random.below(count)) as usize]
}

fn morning(workday: &Workday, random: &mut Random, events: &mut Events) {
    let user = workday.user;
    let mut time = jitter(workday.begins, 240, random);
    let success = SignIn::of(user, pick_app(user, random), &workday.from, time, random);
    let mut fail = |result: u32, time: DateTime<Utc>, random: &mut Random| {
        events.sign_ins.push(SignIn { time, id: random.guid(), result, ..success.clone() });
    };
    if random.chance(NO_SESSION) {
        fail(50058, time, random);
        time += TimeDelta::milliseconds(random.between(700, 4000));
    }
    if random.chance(MISTYPED) {
        for _ in 0..random.between(1, 3) {
            fail(50126, time, random);
            time += TimeDelta::milliseconds(random.between(5_000, 20_000));
        }
    }
    if user.is_employee() && random.chance(EXPIRED) {
        fail(50055, time, random);
        time += TimeDelta::milliseconds(random.between(40_000, 90_000));
        events.audit.push(password_change(user, &workday.from.ip, time, random));
        time += TimeDelta::milliseconds(1_500);
    }
    let asked = !workday.in_office && random.chance(SECOND_FACTOR_ASKED);
    if asked {
        let code = if random.chance(600) { 50074 } else { 50076 };
        events.sign_ins.push(SignIn { time, id: random.guid(), result: code, ..success.clone() });
        time += TimeDelta::milliseconds(random.between(8_000, 30_000));
    }
    if random.chance(KEEP_SIGNED_IN) {
        events.sign_ins.push(SignIn { time, id: random.guid(), result: 50140, ..success.clone() });
        time += TimeDelta::milliseconds(random.between(1_500, 6_000));
    }
    let second_factor = if asked { SecondFactor::Done } else { in_token(workday) };
    events.sign_ins.push(SignIn { time, second_factor, ..success });
}

fn in_token(workday: &Workday) -> SecondFactor {
    if workday.in_office { SecondFactor::None } else { SecondFactor::InToken }
}

fn password_change(user: &User, ip: &str, time: DateTime<Utc>, random: &mut Random) -> AuditEvent {
    let operation = ("Change user password", "UserManagement", "Update");
    AuditEvent::new(operation, Initiator::user(user, ip), vec![Target::user(user, Vec::new())], time, random)
}

fn further_apps(workday: &Workday, random: &mut Random, events: &mut Events) {
    let user = workday.user;
    let minutes = (workday.ends - workday.begins).num_minutes().max(30);
    for _ in 0..1 + user.activity / 60 {
        let time = jitter(workday.begins + TimeDelta::minutes(random.between(10, minutes)), 60, random);
        let sign_in = SignIn::of(user, pick_app(user, random), &workday.from, time, random);
        events.sign_ins.push(SignIn { second_factor: in_token(workday), ..sign_in });
    }
}

fn renewals(workday: &Workday, random: &mut Random, events: &mut Events) {
    let user = workday.user;
    let mut time = workday.begins + TimeDelta::minutes(random.between(20, 60));
    for _ in 0..2 + user.activity / 45 {
        if time >= workday.ends {
            break;
        }
        let app = *random.pick(&DESKTOP_APPS);
        let at = jitter(time, 120, random);
        let sign_in = SignIn::of(user, app, &workday.from, at, random);
        let device = Device { browser: "Rich Client 4.67.1.0", user_agent: BROKER, ..user.laptop.clone() };
        events.sign_ins.push(SignIn {
            kind: SignInKind::NonInteractive,
            client: "Mobile Apps and Desktop clients",
            device,
            second_factor: in_token(workday),
            ..sign_in
        });
        time += TimeDelta::minutes(random.between(60, 90));
    }
}

fn phone(workday: &Workday, random: &mut Random, events: &mut Events) {
    if !random.chance(PHONE) {
        return;
    }
    let user = workday.user;
    let from = addresses::carrier(user.site);
    let time = jitter(workday.begins + TimeDelta::minutes(random.between(-40, 300)), 60, random);
    let kind = if random.chance(400) { SignInKind::Interactive } else { SignInKind::NonInteractive };
    let sign_in = SignIn::of(user, &OUTLOOK_MOBILE, &from, time, random);
    events.sign_ins.push(SignIn {
        kind,
        client: "Mobile Apps and Desktop clients",
        device: user.phone.clone(),
        second_factor: SecondFactor::InToken,
        ..sign_in
    });
}

fn legacy_mail(workday: &Workday, random: &mut Random, events: &mut Events) {
    let device = Device {
        id: String::new(),
        name: String::new(),
        operating_system: "",
        browser: "Rich Client 5.1.9.0",
        user_agent: "BAV2ROPC",
    };
    for hour in 0..6 {
        let time = jitter(workday.begins + TimeDelta::minutes(hour * 80), 600, random);
        let sign_in = SignIn::of(workday.user, &crate::apps::EXCHANGE, &workday.from, time, random);
        events.sign_ins.push(SignIn { client: "IMAP4", device: device.clone(), ..sign_in });
    }
}
