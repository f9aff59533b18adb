//! Somebody tries dozens of passwords on one account, seconds apart, until the account is locked.

use chrono::TimeDelta;

use super::intruder::{Intruder, alert};
use super::scene::next_work;
use super::story::account;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::changes;
use crate::acts::product_alert::{Detection, Evidence, Product};
use crate::records::{DESKTOP_CLIENT, Initiator, SecondFactor, SignIn};
use crate::tenant::Tenant;
use crate::tenant::addresses::{self, Endpoint};
use crate::tenant::apps::{DIRECTORY_POWERSHELL, OFFICE_HOME};
use crate::tenant::devices::{UNREGISTERED_CHROME, UNREGISTERED_LINUX};
use crate::tenant::people::Kind;
use crate::tenant::sites::HOSTING_PLACES;
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "brute-force",
    title: "Dozens of passwords tried on one account",
    description: "one account gets dozens of wrong passwords seconds apart until it is locked, from one address or, hidden better, \
                  slower and from four; an hour later the right one is there",
    tactics: &["CredentialAccess"],
    severity: "Medium",
    stages: &[
        Stage {
            id: "guessing",
            title: "dozens of wrong passwords, then the lock-out",
            techniques: &["T1110.001"],
            detection: Some("Brute force (cloud)"),
            after_hours: 0,
        },
        Stage {
            id: "entry",
            title: "the right password, which the second factor stops or, hidden better, not",
            techniques: &["T1078.004"],
            detection: None,
            after_hours: 1,
        },
    ],
    twin: "somebody back at work forgot the password: a dozen tries, the lock-out, and a new password from the helpdesk",
    cast,
    entities,
    play,
    play_twin: Some(forgotten_password),
};

/// Tries, seconds between them and addresses, by stealth.
const TRIES: [(u32, i64, u32); 3] = [(60, 1, 1), (42, 4, 1), (36, 25, 4)];
/// Tries after which the account is locked (smart lockout begins at ten, longer for familiar places).
const LOCKED_AFTER: u32 = 17;
/// Tries of the twin.
const FORGOTTEN: u32 = 11;

static ALERT: Detection = Detection {
    product: Product::CloudApps,
    title: "Multiple failed login attempts",
    alert_type: "MCAS_ALERT_ANUBIS_DETECTION_REPEATED_ACTIVITY_FAILED_LOGIN",
    severity: "Low",
    tactic: "CredentialAccess",
    techniques: &[("T1110", "Brute Force")],
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    let (victim, forgetful) = (casting.quiet(), casting.quiet());
    (vec![victim], vec![forgetful, casting.admin()])
}

fn guesser(number: u32) -> Endpoint {
    addresses::attacker(1 + number as u8, &HOSTING_PLACES[number as usize % 2])
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    let mut entities = account(tenant.user(story.people[0]));
    let (_, _, addresses) = TRIES[usize::from(story.stealth)];
    entities.extend((0..addresses).map(|number| TruthEntity::new("ip", guesser(number).ip)));
    entities
}

fn play(scene: &mut Scene, stage: usize) {
    let victim = scene.person(0);
    if stage == 0 {
        return guess(scene);
    }
    let intruder = Intruder::of(scene, victim, guesser(0), &UNREGISTERED_CHROME);
    let event = intruder.event(scene, &OFFICE_HOME);
    let result = if scene.story.stealth == 2 { 0 } else { 50074 };
    scene.sign_in(SignIn { result, ..event });
}

fn guess(scene: &mut Scene) {
    let victim = scene.person(0);
    let stealth = usize::from(scene.story.stealth);
    let (tries, seconds, addresses) = TRIES[stealth];
    for attempt in 0..tries {
        let event = SignIn::of(victim, &DIRECTORY_POWERSHELL, guesser(attempt % addresses), scene.random);
        let device = if stealth == 0 { &UNREGISTERED_LINUX } else { &UNREGISTERED_CHROME };
        // Who is slow enough isn't locked out.
        let result = if stealth < 2 && attempt >= LOCKED_AFTER { 50053 } else { 50126 };
        scene.sign_in(SignIn { client: DESKTOP_CLIENT, device, result, ..event });
        scene.wait(seconds);
    }
    if stealth < 2 {
        let text = format!("{tries} failed sign-ins of {}", victim.upn);
        alert(scene, &ALERT, 9, text, vec![Evidence::User(victim), Evidence::Ip(guesser(0).ip)]);
    }
}

fn forgotten_password(scene: &mut Scene) {
    let (user, admin) = (scene.twin_person(0), scene.twin_person(1));
    let (time, workday) = next_work(scene.tenant, user, scene.time, TimeDelta::hours(2));
    scene.time = time;
    let from = workday.map_or_else(|| user.home(scene.tenant.day_of(time)), |workday| workday.endpoint());
    for attempt in 0..FORGOTTEN {
        let event = SignIn::of(user, &OFFICE_HOME, from, scene.random);
        let result = if attempt + 1 == FORGOTTEN { 50053 } else { 50126 };
        scene.sign_in(SignIn { result, ..event });
        scene.wait(if attempt % 4 == 3 { 90 } else { 14 });
    }
    scene.wait(900);
    let helpdesk = Initiator::User { user: admin, ip: addresses::office(admin.site).ip };
    debug_assert!(admin.kind == Kind::Admin, "the helpdesk are administrators");
    let audit = changes::users::password_reset(helpdesk, user, scene.random);
    scene.directory_change(audit);
    scene.wait(200);
    let event = SignIn::of(user, &OFFICE_HOME, from, scene.random);
    scene.sign_in(SignIn { result: 50055, ..event.clone() });
    scene.wait(60);
    let audit = changes::users::password_changed(Initiator::User { user, ip: from.ip }, user, scene.random);
    scene.directory_change(audit);
    scene.wait(5);
    let (id, token_id) = (scene.random.guid(), scene.random.guid());
    scene.sign_in(SignIn { id, token_id, second_factor: SecondFactor::Done, ..event });
}
