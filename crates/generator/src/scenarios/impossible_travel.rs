//! Somebody reads mail at home; half an hour later the account is used on another continent, and its mail is read and hidden.

use chrono::{DateTime, TimeDelta, Utc};

use super::intruder::{Intruder, alert, risk};
use super::story::first_and_address;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::product_alert::{Detection, Evidence, Product};
use crate::engine::Mark;
use crate::records::{DESKTOP_CLIENT, SecondFactor, SignIn};
use crate::tenant::Tenant;
use crate::tenant::addresses::{self, Endpoint};
use crate::tenant::apps::{EXCHANGE, OFFICE_HOME, OUTLOOK_MOBILE};
use crate::tenant::devices::{Device, UNREGISTERED_CHROME, UNREGISTERED_FIREFOX, UNREGISTERED_LINUX};
use crate::tenant::people::User;
use crate::tenant::sites::THEFT_PLACE;
use crate::tenant::workday::workday;
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "impossible-travel",
    title: "Sign-in from another continent half an hour after one at home",
    description: "the account of somebody who just read mail at home is used on another continent, where the mailbox is read and a \
                  rule hides mail about payments",
    tactics: &["InitialAccess"],
    severity: "Medium",
    stages: &[
        Stage {
            id: "travel",
            title: "the account is used on another continent",
            techniques: &["T1078.004"],
            detection: Some("Impossible travel"),
            after_hours: 0,
        },
        Stage {
            id: "mailbox",
            title: "the mailbox is read",
            techniques: &["T1114.002"],
            detection: None,
            after_hours: 0,
        },
        Stage {
            id: "hide",
            title: "a rule hides mail about payments",
            techniques: &["T1564.008"],
            detection: Some("Inbox rule"),
            after_hours: 0,
        },
    ],
    twin: "people whose VPN leaves in another continent, and business trips: see twin:vpn and twin:business-travel",
    cast,
    entities,
    play,
    play_twin: None,
};

/// Minutes before the working day at which the telephone at home reads mail, and from there to the strange sign-in, to the
/// mailbox, to the rule.
const BEFORE_WORK: i64 = 50;
const UNTIL: [i64; 3] = [35, 42, 58];

static ALERT: Detection = Detection {
    product: Product::IdentityProtection,
    title: "Atypical travel",
    alert_type: "UnlikelyTravel",
    severity: "Medium",
    tactic: "InitialAccess",
    techniques: &[("T1078", "Valid Accounts"), ("T1078.004", "Cloud Accounts")],
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    (vec![casting.take(|user| user.activity <= 1_100 && !user.vpn)], Vec::new())
}

fn thief() -> Endpoint {
    addresses::attacker(5, &THEFT_PLACE)
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    first_and_address(tenant, story, thief().ip)
}

/// A browser of its own, and the better hidden the more it is like the victim's.
fn device(story: &Story) -> &'static Device {
    [&UNREGISTERED_LINUX, &UNREGISTERED_FIREFOX, &UNREGISTERED_CHROME][usize::from(story.stealth)]
}

/// The next moment from `time` on at which `user` is at home before a working day.
fn at_home(tenant: &Tenant, user: &User, time: DateTime<Utc>) -> DateTime<Utc> {
    let first = tenant.day_of(time) - 1;
    let moments = (first..first + 10).filter_map(|day| workday(tenant, user, day));
    let moments = moments.map(|workday| workday.begins - TimeDelta::minutes(BEFORE_WORK));
    let fits = |moment: &DateTime<Utc>| *moment >= time && *moment + TimeDelta::hours(3) < tenant.options.end();
    moments.into_iter().find(fits).unwrap_or(time)
}

fn play(scene: &mut Scene, stage: usize) {
    let victim = scene.person(0);
    let home = at_home(scene.tenant, victim, scene.story.stage_times[0]);
    scene.time = home;
    let thief = Intruder::of(scene, victim, thief(), device(scene.story));
    if stage == 0 {
        read_at_home(scene);
    }
    scene.time += TimeDelta::minutes(UNTIL[stage]);
    match stage {
        0 => travel(scene, &thief),
        1 => thief.read_mail(scene, 45 - 15 * usize::from(scene.story.stealth)),
        _ => thief.hide_mail(scene, [".", "..", "Newsletter"][usize::from(scene.story.stealth)]),
    }
}

/// The victim's own sign-in is no part of the attack.
fn read_at_home(scene: &mut Scene) {
    let victim = scene.person(0);
    let mark = scene.traces.current_mark();
    scene.traces.mark(Mark::None);
    if let Some(device) = &victim.phone {
        let from = victim.home(scene.tenant.day_of(scene.time));
        let event = SignIn::of(victim, &OUTLOOK_MOBILE, from, scene.random);
        scene.sign_in(SignIn { device, client: DESKTOP_CLIENT, second_factor: SecondFactor::InToken, ..event });
    }
    scene.traces.mark(mark);
}

fn travel<'t>(scene: &mut Scene<'_, 't>, thief: &Intruder<'t>) {
    // With a stolen session no second factor is asked for; with the password the victim agrees to a prompt too many.
    let stolen = scene.story.stealth == 2;
    let second_factor = if stolen { SecondFactor::InToken } else { SecondFactor::Done };
    let event = SignIn { second_factor, ..thief.event(scene, &OFFICE_HOME) };
    if !stolen {
        risk(scene, &event, "unlikelyTravel", 30);
        let text = format!("{} signed in from places too far apart", thief.user.upn);
        let evidence = vec![Evidence::User(thief.user), Evidence::Ip(thief.from.ip)];
        alert(scene, &ALERT, 32, text, evidence);
    }
    scene.sign_in(event);
    scene.wait(120);
    thief.sign_in(scene, &EXCHANGE, second_factor);
}
