//! Somebody who will leave looks around, takes hundreds of files along over days, sends them to a storage of their own, and lets
//! their mail be forwarded.

use chrono::{DateTime, TimeDelta, Utc};

use super::mass_download::download;
use super::scene::next_work;
use super::story::account;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::access::Access;
use crate::acts::file_operation::file_operation;
use crate::acts::mailbox_setting::mailbox_setting;
use crate::acts::product_alert::{Detection, Evidence, Product, ProductAlert, product_alert};
use crate::acts::web_request::{Request, web_request};
use crate::tenant::Tenant;
use crate::tenant::cloud_apps::PERSONAL_STORAGE;
use crate::tenant::devices::Agent;
use crate::tenant::files::project;
use crate::tenant::people::User;
use crate::tenant::workday::Workday;
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "insider-leaving",
    title: "Files and mail taken along before leaving",
    description: "somebody whose last day lies ahead opens files of many projects, downloads hundreds of them over days, uploads \
                  them to a personal cloud storage and forwards all mail to a private address",
    tactics: &["Discovery", "Collection", "Exfiltration"],
    severity: "High",
    stages: &[
        Stage {
            id: "look-around",
            title: "files of projects of others are opened",
            techniques: &["T1213.002"],
            detection: None,
            after_hours: 0,
        },
        Stage {
            id: "first-download",
            title: "a few files first",
            techniques: &["T1530"],
            detection: None,
            after_hours: 24,
        },
        Stage {
            id: "mass-download",
            title: "hundreds of files within an hour",
            techniques: &["T1530", "T1213.002"],
            detection: Some("Mass download"),
            after_hours: 48,
        },
        Stage {
            id: "upload",
            title: "upload to a personal storage; Defender for Cloud Apps notices",
            techniques: &["T1567.002"],
            detection: Some("Alert of another product"),
            after_hours: 48,
        },
        Stage {
            id: "forwarding",
            title: "mail goes to a private address",
            techniques: &["T1114.003"],
            detection: Some("Mailbox forwarding or delegation"),
            after_hours: 72,
        },
    ],
    twin: "somebody downloads a project before a trip and forwards mail to a colleague meanwhile",
    cast,
    entities,
    play,
    play_twin: Some(before_a_trip),
};

const OPENED: u32 = 45;
const FIRST: u32 = 24;
const FILES: u32 = 340;
const SECONDS_PER_FILE: i64 = 7;
/// Archives that are uploaded, and their bytes.
const UPLOADS: i64 = 14;
const ARCHIVE: [i64; 2] = [18_000_000, 95_000_000];
/// Hours between two days of work, at least, and hours that each stage may take.
const NEXT_DAY: i64 = 18;
const ROOM: i64 = 4;
/// Files of the twin.
const PROJECT_FILES: u32 = 60;

static ALERT: Detection = Detection {
    product: Product::CloudApps,
    title: "Data exfiltration to an app that is not sanctioned",
    alert_type: "MCAS_ALERT_DISCOVERY_ANOMALY_DETECTION",
    severity: "Medium",
    tactic: "Exfiltration",
    techniques: &[("T1567", "Exfiltration Over Web Service")],
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    (vec![casting.quiet()], vec![casting.quiet()])
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    account(tenant.user(story.people[0]))
}

/// When the insider is at each stage: always at work, on one day after the other. Never before the stage's own time.
fn moments<'t>(tenant: &'t Tenant, story: &Story, user: &'t User) -> Vec<(DateTime<Utc>, Option<Workday<'t>>)> {
    let mut moments: Vec<(DateTime<Utc>, Option<Workday>)> = Vec::new();
    for (index, &time) in story.stage_times.iter().enumerate() {
        let earliest = match moments.last() {
            // The upload follows the download.
            Some((last, _)) if index == 3 => *last + TimeDelta::minutes(75),
            Some((last, _)) => *last + TimeDelta::hours(NEXT_DAY),
            None => time,
        };
        let earliest = if earliest < tenant.options.end() { earliest.max(time) } else { time };
        moments.push(next_work(tenant, user, earliest, TimeDelta::hours(ROOM)));
    }
    moments
}

fn play(scene: &mut Scene, stage: usize) {
    let user = scene.person(0);
    let Some((time, workday)) = moments(scene.tenant, scene.story, user).into_iter().nth(stage) else { return };
    scene.time = time;
    let access = access(scene, user, workday.as_ref());
    match stage {
        0 => look_around(scene, access),
        1 => download(scene, access, FIRST, 120),
        2 => download(scene, access, FILES, SECONDS_PER_FILE),
        3 => upload(scene, user, workday.as_ref()),
        _ => forward(scene, access, user, |user| {
            ("ForwardingSmtpAddress", format!("smtp:{}.{}@postmark-home.example", user.given_name, user.surname))
        }),
    }
}

fn access<'t>(scene: &Scene<'_, 't>, user: &'t User, workday: Option<&Workday<'t>>) -> Access<'t> {
    match workday {
        Some(workday) => Access::of(scene.tenant, workday),
        None => {
            let from = user.home(scene.tenant.day_of(scene.time));
            Access { user, from, platform: user.laptop.platform, agent: Agent::Browser, session: None }
        }
    }
}

fn look_around<'t>(scene: &mut Scene<'_, 't>, access: Access<'t>) {
    let first = scene.random.below(1_000) as u32;
    for number in 0..OPENED {
        let library = project(scene.tenant, first + number / 3);
        let file = library.pick(scene.tenant, scene.random);
        let operation = if number % 3 == 0 { "FilePreviewed" } else { "FileAccessed" };
        file_operation(scene.tenant, scene.time, access, (operation, file), scene.random, scene.traces);
        scene.wait(70);
    }
}

fn upload<'t>(scene: &mut Scene<'_, 't>, user: &'t User, workday: Option<&Workday<'t>>) {
    let began = scene.time;
    let mut evidence = vec![Evidence::User(user)];
    if let Some(workday) = workday {
        for _ in 0..UPLOADS {
            let sent = scene.random.between(ARCHIVE[0], ARCHIVE[1]) as u64;
            let path = format!("/put/{:x}", scene.random.bits() >> 24);
            let request = Request { app: &PERSONAL_STORAGE, server: None, method: "POST", path, sent, received: 900 };
            web_request(scene.time, workday, &request, scene.random, scene.traces);
            scene.wait(100);
        }
        evidence.push(Evidence::Ip(workday.endpoint().ip));
    }
    let alert = ProductAlert {
        detection: &ALERT,
        description: format!("{} sent an unusual amount of data to {}", user.upn, PERSONAL_STORAGE.name),
        began,
        ended: scene.time,
        evidence,
    };
    product_alert(scene.time + TimeDelta::minutes(35), &alert, scene.random, scene.traces);
}

fn forward<'t>(
    scene: &mut Scene<'_, 't>,
    access: Access<'t>,
    user: &'t User,
    target: impl Fn(&User) -> (&'static str, String),
) {
    let parameters = vec![("Identity", user.sam.clone()), target(user), ("DeliverToMailboxAndForward", "True".into())];
    let setting = ("Set-Mailbox", user, parameters);
    mailbox_setting(scene.tenant, scene.time, access, setting, scene.random, scene.traces);
}

fn before_a_trip(scene: &mut Scene) {
    let user = scene.twin_person(0);
    let (time, workday) = next_work(scene.tenant, user, scene.time, TimeDelta::hours(ROOM));
    scene.time = time;
    let access = access(scene, user, workday.as_ref());
    download(scene, access, PROJECT_FILES, 20);
    let colleague = scene.tenant.user(user.manager.unwrap_or(user.number));
    forward(scene, access, user, |_| ("ForwardingAddress", colleague.upn.clone()));
}
