//! A link in a letter leads to a page that passes the sign-in on and keeps the session: it is used from elsewhere, a device is
//! registered, the mailbox is read, and a rule hides what comes back.

use chrono::{DateTime, TimeDelta, Utc};

use super::scene::next_work;
use super::story::account;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::access::Access;
use crate::acts::mailbox::{mail_read, mail_sent};
use crate::acts::mailbox_setting::mailbox_setting;
use crate::acts::message::{Recipient, received};
use crate::acts::product_alert::{Detection, Evidence, Product, ProductAlert, product_alert};
use crate::acts::url_click::url_click;
use crate::acts::web_request::{Request, web_request};
use crate::records::{Audit, Initiator, SecondFactor, SignIn, Target};
use crate::tenant::Tenant;
use crate::tenant::addresses::{self, Endpoint};
use crate::tenant::apps::{App, DEVICE_REGISTRATION, EXCHANGE, OFFICE_HOME};
use crate::tenant::cloud_apps::{CloudApp, Policy};
use crate::tenant::devices::{Agent, Platform, UNREGISTERED_CHROME, UNREGISTERED_FIREFOX};
use crate::tenant::letters::{Letter, Verdict, recent};
use crate::tenant::people::User;
use crate::tenant::sites::{RELAY_PLACE, REPLAY_PLACE};
use crate::tenant::workday::Session;
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "phishing-token-theft",
    title: "Phishing page that keeps the session, used from elsewhere",
    description: "a phishing letter is delivered and its link clicked; the page passes the sign-in on, second factor included, and \
                  the session it keeps registers a device, reads mail and hides answers",
    tactics: &["InitialAccess", "CredentialAccess", "Persistence", "Collection", "DefenseEvasion"],
    severity: "High",
    stages: &[
        Stage {
            id: "delivery",
            title: "the filter lets the letter through",
            techniques: &["T1566.002"],
            detection: None,
            after_hours: 0,
        },
        Stage {
            id: "click",
            title: "the link is clicked; Defender for Office 365 finds out later",
            techniques: &["T1204.001"],
            detection: Some("Alert of another product"),
            after_hours: 0,
        },
        Stage {
            id: "token-theft",
            title: "the session is used from two places abroad",
            techniques: &["T1557", "T1539", "T1550.004"],
            detection: Some("Impossible travel"),
            after_hours: 0,
        },
        Stage {
            id: "device",
            title: "a device is registered with the session",
            techniques: &["T1098.005"],
            detection: None,
            after_hours: 1,
        },
        Stage { id: "mailbox", title: "mail is read", techniques: &["T1114.002"], detection: None, after_hours: 2 },
        Stage {
            id: "rule",
            title: "a rule hides answers about payments",
            techniques: &["T1564.008", "T1534"],
            detection: Some("Inbox rule"),
            after_hours: 2,
        },
    ],
    twin: "an announced phishing exercise: the same letter to many, some click, nobody's session is used",
    cast,
    entities,
    play,
    play_twin: Some(exercise),
};

/// Who gets the letter beside the victim, and who gets the exercise's.
const OTHERS: usize = 6;
const EXERCISE: usize = 12;
/// Seconds from the letter to the click, and from the click to the sign-in.
const UNTIL_CLICK: i64 = 25 * 60;
const UNTIL_SIGN_IN: i64 = 95;
/// Hours that the whole takes, at most.
const SPAN: i64 = 5;

/// The page that passes the sign-in on.
static RELAY: CloudApp = CloudApp {
    name: "Uncategorized",
    host: "login.tailwind-docs.example",
    category: "Newly Registered Domains",
    policy: Policy::Allow,
};

static CLICK_ALERT: Detection = Detection {
    product: Product::Office365,
    title: "A potentially malicious URL click was detected",
    alert_type: "a74bb32a-541b-47fb-adfd-f8c62ce3d59b",
    severity: "High",
    tactic: "InitialAccess",
    techniques: &[("T1566", "Phishing")],
};

static TOKEN_ALERT: Detection = Detection {
    product: Product::IdentityProtection,
    title: "Anomalous Token",
    alert_type: "AnomalousToken",
    severity: "Medium",
    tactic: "CredentialAccess",
    techniques: &[("T1539", "Steal Web Session Cookie")],
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    // Somebody who isn't abroad already through the VPN.
    let victim = casting.take(|user| user.activity <= 1_500 && !user.vpn);
    let mut people = vec![victim];
    people.extend(casting.crowd(OTHERS));
    (people, casting.crowd(EXERCISE))
}

fn relay() -> Endpoint {
    addresses::attacker(21, &RELAY_PLACE)
}

fn replay() -> Endpoint {
    addresses::attacker(22, &REPLAY_PLACE)
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    let mut entities = account(tenant.user(story.people[0]));
    entities.extend([relay(), replay()].map(|endpoint| TruthEntity::new("ip", endpoint.ip)));
    entities
}

/// The session that is stolen.
fn session(story: &Story) -> Session {
    let mut random = story.random("session");
    Session { session_id: random.guid(), token_id: random.guid() }
}

/// The letter as `user` gets it.
fn bait(story: &Story, user: &User, time: DateTime<Utc>, sender: (&'static str, &'static str)) -> Letter {
    let mut random = crate::random::Random::stream(story.key, "letter", u64::from(user.number));
    Letter {
        time,
        sender,
        subject: "Document shared with you: Salary review 2026".into(),
        network_id: random.guid(),
        from_ip: relay().ip,
        verdict: Verdict::Missed,
        urls: 1,
        attachments: 0,
        bytes: 21_000,
    }
}

const SENDER: (&str, &str) = ("sharing", "tailwind-docs.example");
const EXERCISE_SENDER: (&str, &str) = ("sharing", "awareness-training.example");

fn play(scene: &mut Scene, stage: usize) {
    // Everything happens when the victim works, and in its own order.
    let victim = scene.person(0);
    let first = scene.story.stage_times[0];
    let (begin, workday) = next_work(scene.tenant, victim, first, TimeDelta::hours(SPAN));
    scene.time += begin - first;
    let letter = bait(scene.story, victim, begin, SENDER);
    match stage {
        0 => {
            received(victim, &letter, scene.random, scene.traces);
            for index in 1..scene.story.people.len() {
                let user = scene.person(index);
                let letter = bait(scene.story, user, begin, SENDER);
                received(user, &letter, scene.random, scene.traces);
            }
        }
        1 => {
            scene.time += TimeDelta::seconds(UNTIL_CLICK);
            let access = match &workday {
                Some(workday) => Access::of(scene.tenant, workday),
                None => at(victim, victim.home(scene.tenant.day_of(begin)), None),
            };
            let url = format!("https://{}/s/{:x}", RELAY.host, letter.network_id.low() >> 20);
            url_click(scene.time, &access, (&url, letter.network_id), false, scene.random, scene.traces);
            if let Some(workday) = &workday {
                let path = format!("/s/{:x}", letter.network_id.low() >> 20);
                let request = Request {
                    app: &RELAY,
                    server: Some(relay().ip),
                    method: "GET",
                    path,
                    sent: 1_900,
                    received: 48_000,
                };
                web_request(scene.time, workday, &request, scene.random, scene.traces);
            }
            alert(scene, &CLICK_ALERT, 55, "clicked on a link that turned out to be malicious");
        }
        2 => {
            scene.time += TimeDelta::seconds(UNTIL_CLICK + UNTIL_SIGN_IN);
            theft(scene);
        }
        3 => device(scene),
        4 => mailbox(scene),
        _ => rule(scene),
    }
}

fn at<'t>(user: &'t User, from: Endpoint, session: Option<Session>) -> Access<'t> {
    Access { user, from, platform: Platform::WindowsFirefox, agent: Agent::Browser, session }
}

fn alert(scene: &mut Scene, detection: &'static Detection, minutes: i64, what: &str) {
    let victim = scene.person(0);
    let alert = ProductAlert {
        detection,
        description: format!("{} {what}", victim.upn),
        began: scene.time,
        ended: scene.time,
        evidence: vec![Evidence::User(victim), Evidence::Ip(relay().ip)],
    };
    product_alert(scene.time + TimeDelta::minutes(minutes), &alert, scene.random, scene.traces);
}

/// A sign-in with the stolen session.
fn use_session(scene: &mut Scene, app: &'static App) {
    let session = session(scene.story);
    let event = SignIn::of(scene.person(0), app, replay(), scene.random);
    scene.sign_in(SignIn {
        session_id: session.session_id,
        device: &UNREGISTERED_FIREFOX,
        second_factor: SecondFactor::InToken,
        ..event
    });
}

fn theft(scene: &mut Scene) {
    let session = session(scene.story);
    let event = SignIn::of(scene.person(0), &OFFICE_HOME, relay(), scene.random);
    scene.sign_in(SignIn {
        session_id: session.session_id,
        token_id: session.token_id,
        device: &UNREGISTERED_CHROME,
        second_factor: SecondFactor::Done,
        risk: "medium",
        risk_events: &["anomalousToken"],
        ..event
    });
    alert(scene, &TOKEN_ALERT, 20, "used a token with unusual properties");
    scene.wait(420);
    use_session(scene, &OFFICE_HOME);
    scene.wait(90);
    use_session(scene, &EXCHANGE);
}

fn device(scene: &mut Scene) {
    let victim = scene.person(0);
    use_session(scene, &DEVICE_REGISTRATION);
    let mut random = scene.story.random("device");
    let (id, name) = (random.guid(), format!("DESKTOP-{}", random.code(7)));
    for operation in ["Register device", "Add registered owner to device", "Add registered users to device"] {
        scene.wait(3);
        let initiator = Initiator::User { user: victim, ip: replay().ip };
        let kind = if operation == "Register device" { "Add" } else { "Assign" };
        let targets = vec![Target::named("Device", id, &name, Vec::new())];
        let audit = Audit::new((operation, "Device", kind), initiator, targets, scene.random);
        scene.directory_change(audit);
    }
}

fn mailbox(scene: &mut Scene) {
    let victim = scene.person(0);
    let access = at(victim, replay(), Some(session(scene.story)));
    let letters = recent(scene.tenant, victim, scene.time, 6, 60);
    for some in letters.chunks(9) {
        let messages = some.iter().map(|letter| (letter.network_id, letter.sender.1)).collect();
        mail_read(scene.tenant, scene.time, access, messages, scene.random, scene.traces);
        scene.wait(150);
    }
}

fn rule(scene: &mut Scene) {
    scene.wait(1_500);
    let victim = scene.person(0);
    let access = at(victim, replay(), Some(session(scene.story)));
    // Who hides well gives the rule a name that looks like one.
    let name = if scene.story.stealth == 2 { "Feeds" } else { "." };
    let parameters = vec![
        ("AlwaysDeleteOutlookRulesBlob", "False".into()),
        ("Force", "False".into()),
        ("SubjectOrBodyContainsWords", "invoice;payment;bank details;wire".into()),
        ("Name", name.into()),
        ("MoveToFolder", "RSS Feeds".into()),
        ("MarkAsRead", "True".into()),
        ("StopProcessingRules", "True".into()),
    ];
    let setting = ("New-InboxRule", victim, parameters);
    mailbox_setting(scene.tenant, scene.time, access, setting, scene.random, scene.traces);
    scene.wait(400);
    let letter = ("Changed bank details".to_owned(), &[Recipient::Outside("billing", "harborline.example")][..]);
    mail_sent(scene.tenant, scene.time, access, letter, scene.random, scene.traces);
}

fn exercise(scene: &mut Scene) {
    for index in 0..scene.story.twin_people.len() {
        let user = scene.twin_person(index);
        let letter = bait(scene.story, user, scene.time, EXERCISE_SENDER);
        received(user, &letter, scene.random, scene.traces);
        let (time, workday) = next_work(scene.tenant, user, scene.time + TimeDelta::minutes(10), TimeDelta::hours(1));
        if let Some(workday) = workday.filter(|_| index % 3 == 0) {
            let access = Access::of(scene.tenant, &workday);
            let click = (letter.url(0), letter.network_id);
            url_click(time, &access, (&click.0, click.1), false, scene.random, scene.traces);
        }
    }
}
