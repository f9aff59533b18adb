//! One address tries one or two passwords on many accounts within a quarter of an hour; one password fits.

use super::story::first_and_address;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::records::{DESKTOP_CLIENT, SignIn};
use crate::tenant::Tenant;
use crate::tenant::addresses::{self, Endpoint};
use crate::tenant::apps::{DIRECTORY_POWERSHELL, OFFICE_HOME, OUTLOOK_MOBILE};
use crate::tenant::devices::UNREGISTERED_FIREFOX;
use crate::tenant::sites::SPRAY_PLACE;
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "password-spray",
    title: "Password spray that finds a password",
    description: "one address tries one or two passwords on many accounts; one fits and is used at once",
    tactics: &["CredentialAccess", "InitialAccess"],
    severity: "High",
    stages: &[
        Stage {
            id: "spray",
            title: "many accounts, few tries each",
            techniques: &["T1110.003"],
            detection: Some("Password spray (cloud)"),
            after_hours: 0,
        },
        Stage {
            id: "use",
            title: "the found password is used",
            techniques: &["T1078.004"],
            detection: None,
            after_hours: 1,
        },
    ],
    twin: "a telephone with an old password, one try every five minutes",
    cast,
    entities,
    play,
    play_twin: Some(broken_phone),
};

/// Accounts tried beside the victim.
const TARGETS: usize = 45;
/// The whole spray takes about so many seconds.
const SECONDS: i64 = 15 * 60;
/// Tries of the telephone in the hour before its owner notices.
const PHONE_TRIES: u32 = 12;

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    let victim = casting.quiet();
    let owner = casting.take(|user| user.phone.is_some());
    let mut people = vec![victim];
    people.extend(casting.crowd(TARGETS));
    (people, vec![owner])
}

fn sprayer() -> Endpoint {
    addresses::attacker(45, &SPRAY_PLACE)
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    first_and_address(tenant, story, sprayer().ip)
}

fn play(scene: &mut Scene, stage: usize) {
    match stage {
        0 => spray(scene),
        _ => use_it(scene),
    }
}

fn spray(scene: &mut Scene) {
    let mut targets: Vec<usize> = (0..scene.story.people.len()).collect();
    scene.random.shuffle(&mut targets);
    let step = SECONDS / (targets.len() as i64 * 3 / 2);
    for index in targets {
        let hit = index == 0;
        let tries = if hit { 2 } else { scene.random.between(1, 2) };
        for attempt in 1..=tries {
            let event = SignIn::of(scene.person(index), &DIRECTORY_POWERSHELL, sprayer(), scene.random);
            let result = if hit && attempt == tries { 0 } else { 50126 };
            scene.sign_in(SignIn { client: DESKTOP_CLIENT, device: &UNREGISTERED_FIREFOX, result, ..event });
            scene.wait(step);
        }
    }
}

fn use_it(scene: &mut Scene) {
    let event = SignIn::of(scene.person(0), &OFFICE_HOME, sprayer(), scene.random);
    scene.sign_in(SignIn { device: &UNREGISTERED_FIREFOX, ..event });
}

fn broken_phone(scene: &mut Scene) {
    let user = scene.twin_person(0);
    let Some(device) = &user.phone else { return };
    for _ in 0..PHONE_TRIES {
        let event = SignIn::of(user, &OUTLOOK_MOBILE, user.home(scene.tenant.day_of(scene.time)), scene.random);
        scene.sign_in(SignIn { client: "Exchange ActiveSync", device, result: 50126, ..event });
        scene.time += chrono::TimeDelta::minutes(5);
    }
}
