//! What the internet tries all the time: a guess here and there, low and slow, and the phones of people who have left.

use chrono::TimeDelta;

use crate::addresses;
use crate::apps::{EXCHANGE, OUTLOOK_MOBILE};
use crate::events::Events;
use crate::people::{Device, Kind};
use crate::sign_ins::SignIn;
use crate::tenant::{Tenant, jitter};

/// Guessers at work in a day for each 100 accounts. Each tries one or two accounts once, hours apart.
const GUESSERS_PER_100_USERS: u32 = 4;

/// Adds the internet's guesses.
pub(crate) fn add(tenant: &Tenant, events: &mut Events) {
    guesses(tenant, events);
    leavers(tenant, events);
}

fn guesses(tenant: &Tenant, events: &mut Events) {
    let device = Device {
        id: String::new(),
        name: String::new(),
        operating_system: "",
        browser: "Python Requests 2.32",
        user_agent: "python-requests/2.32.3",
    };
    let per_day = (tenant.options.users * GUESSERS_PER_100_USERS / 100).max(1);
    for day in 0..tenant.options.days {
        for guesser in 0..per_day {
            let number = 1 + day * per_day + guesser;
            let mut random = tenant.random("internet", u64::from(number));
            let from = addresses::guesser(number);
            let start = tenant.day(day) + TimeDelta::minutes(random.between(0, 19 * 60));
            for attempt in 0..random.between(1, 2) {
                let user = random.pick(&tenant.users);
                let time = jitter(start + TimeDelta::hours(attempt * 4), 1200, &mut random);
                let sign_in = SignIn::of(user, &EXCHANGE, &from, time, &mut random);
                events.sign_ins.push(SignIn {
                    device: device.clone(),
                    client: "Authenticated SMTP",
                    result: if user.kind == Kind::Disabled { 50057 } else { 50126 },
                    mark: "twin:background-guessing",
                    ..sign_in
                });
            }
        }
    }
}

fn leavers(tenant: &Tenant, events: &mut Events) {
    for user in tenant.users.iter().filter(|user| user.kind == Kind::Disabled) {
        let mut random = tenant.random("leaver", u64::from(user.number));
        for day in 0..tenant.options.days {
            for hour in [7, 13, 19] {
                let time = jitter(tenant.day(day) + TimeDelta::hours(hour), 3600, &mut random);
                let sign_in = SignIn::of(user, &OUTLOOK_MOBILE, &user.home, time, &mut random);
                let device = user.phone.clone();
                let client = "Mobile Apps and Desktop clients";
                events.sign_ins.push(SignIn { device, client, result: 50057, ..sign_in });
            }
        }
    }
}
