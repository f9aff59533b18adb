//! A whole takeover within three hours: a spray finds a password, the intruder adds a method of multi-factor authentication of
//! their own, hides mail, lets an application in, and downloads files.

use chrono::TimeDelta;

use super::intruder::{Intruder, alert};
use super::mass_download::download;
use super::oauth_consent::{agree, program};
use super::story::account;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::changes::users::{Method, method_registered};
use crate::acts::product_alert::{Detection, Evidence, Product};
use crate::records::{DESKTOP_CLIENT, Initiator, SecondFactor, SignIn};
use crate::tenant::Tenant;
use crate::tenant::addresses::{self, Endpoint};
use crate::tenant::apps::{DIRECTORY_POWERSHELL, EXCHANGE, OFFICE_HOME};
use crate::tenant::devices::UNREGISTERED_FIREFOX;
use crate::tenant::sites::HOSTING_PLACES;
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "account-takeover",
    title: "From a spray to a download within three hours",
    description: "a spray finds a password; the intruder registers a telephone, hides mail with a rule, agrees to an application and \
                  downloads files: one incident",
    tactics: &["CredentialAccess", "InitialAccess", "Persistence", "DefenseEvasion", "Collection"],
    severity: "High",
    stages: &[
        Stage {
            id: "spray",
            title: "many accounts, few tries each, one success",
            techniques: &["T1110.003", "T1078.004"],
            detection: Some("Password spray (cloud)"),
            after_hours: 0,
        },
        Stage {
            id: "method",
            title: "a telephone of the intruder's is registered",
            techniques: &["T1098.005", "T1556.006"],
            detection: Some("Authentication method added after a suspicious sign-in"),
            after_hours: 1,
        },
        Stage {
            id: "rule",
            title: "a rule hides mail about payments",
            techniques: &["T1564.008"],
            detection: Some("Inbox rule"),
            after_hours: 1,
        },
        Stage {
            id: "consent",
            title: "an application is let in",
            techniques: &["T1528"],
            detection: Some("Consent grant"),
            after_hours: 2,
        },
        Stage {
            id: "download",
            title: "hundreds of files are downloaded",
            techniques: &["T1530"],
            detection: Some("Mass download"),
            after_hours: 2,
        },
    ],
    twin: "risk that Identity Protection finds in private browsers: see twin:harmless-risk",
    cast,
    entities,
    play,
    play_twin: None,
};

/// Accounts tried beside the victim, and seconds between tries, by stealth.
const TARGETS: usize = 24;
const SECONDS: [i64; 3] = [4, 15, 60];
/// Files that are fetched, less by [`HIDDEN`] for each step of stealth, and seconds for each.
const FILES: u32 = 380;
const HIDDEN: u32 = 70;
const SECONDS_PER_FILE: i64 = 5;
/// The application's name by stealth.
const APPS: [&str; 3] = ["0utlook Backup", "Micros0ft Sync Helper", "Lantern Mail Export"];

static ALERT: Detection = Detection {
    product: Product::IdentityProtection,
    title: "Password spray",
    alert_type: "PasswordSpray",
    severity: "High",
    tactic: "CredentialAccess",
    techniques: &[("T1110", "Brute Force"), ("T1110.003", "Password Spraying")],
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    let mut people = vec![casting.take(|user| user.activity <= 900 && !user.vpn)];
    people.extend(casting.crowd(TARGETS));
    (people, Vec::new())
}

fn machine() -> Endpoint {
    addresses::attacker(8, &HOSTING_PLACES[5])
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    let mut entities = account(tenant.user(story.people[0]));
    entities.push(TruthEntity::new("ip", machine().ip));
    entities.push(TruthEntity::new("cloudApplication", APPS[usize::from(story.stealth)]));
    entities
}

fn play(scene: &mut Scene, stage: usize) {
    let victim = scene.person(0);
    let stealth = usize::from(scene.story.stealth);
    let intruder = Intruder::of(scene, victim, machine(), &UNREGISTERED_FIREFOX);
    match stage {
        0 => spray(scene, &intruder),
        1 => {
            intruder.sign_in(scene, &OFFICE_HOME, SecondFactor::None);
            scene.wait(240);
            let by = Initiator::User { user: victim, ip: machine().ip };
            let method = [Method::Telephone, Method::Authenticator, Method::SecurityKey][stealth];
            let audit = method_registered(by, victim, method, scene.random);
            scene.directory_change(audit);
        }
        2 => {
            scene.time += TimeDelta::minutes(25);
            intruder.sign_in(scene, &EXCHANGE, SecondFactor::Done);
            scene.wait(60);
            intruder.read_mail(scene, 30);
            scene.wait(120);
            intruder.hide_mail(scene, [".", "rss", "Team news"][stealth]);
        }
        3 => {
            let app = program(scene.story, APPS[stealth]);
            agree(scene, victim, machine(), app, " Mail.Read Mail.Send offline_access User.Read openid");
        }
        _ => {
            scene.time += TimeDelta::minutes(12);
            intruder.sign_in(scene, &OFFICE_HOME, SecondFactor::InToken);
            scene.wait(30);
            download(scene, intruder.access(), FILES - HIDDEN * stealth as u32, SECONDS_PER_FILE);
        }
    }
}

fn spray<'t>(scene: &mut Scene<'_, 't>, intruder: &Intruder<'t>) {
    let stealth = scene.story.stealth;
    let mut targets: Vec<usize> = (0..scene.story.people.len()).collect();
    scene.random.shuffle(&mut targets);
    for index in targets {
        let event = SignIn::of(scene.person(index), &DIRECTORY_POWERSHELL, machine(), scene.random);
        let event = SignIn { client: DESKTOP_CLIENT, device: &UNREGISTERED_FIREFOX, result: 50126, ..event };
        scene.sign_in(event);
        scene.wait(SECONDS[usize::from(stealth)]);
    }
    let event = intruder.event(scene, &DIRECTORY_POWERSHELL);
    if stealth < 2 {
        super::intruder::risk(scene, &event, "passwordSpray", 50);
        let text = format!("the password of {} was found by a spray", intruder.user.upn);
        alert(scene, &ALERT, 52, text, vec![Evidence::User(intruder.user), Evidence::Ip(machine().ip)]);
    }
    scene.sign_in(SignIn { client: DESKTOP_CLIENT, ..event });
}
