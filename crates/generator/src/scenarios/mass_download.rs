//! One account fetches hundreds of files of many sites within an hour, far above its own habits.

use chrono::{DateTime, TimeDelta, Utc};

use super::story::account;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::access::Access;
use crate::acts::file_operation::file_operation;
use crate::acts::product_alert::{Detection, Evidence, Product, ProductAlert, product_alert};
use crate::records::{SecondFactor, SignIn};
use crate::tenant::Tenant;
use crate::tenant::addresses::Endpoint;
use crate::tenant::apps::{App, OFFICE_HOME, SYNC_ENGINE};
use crate::tenant::devices::Agent;
use crate::tenant::files::{FileRef, Library, project};
use crate::tenant::people::{DEPARTMENTS, User};
use crate::tenant::workday::Session;
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "mass-download",
    title: "Hundreds of files downloaded within an hour",
    description: "an account signs in at home and downloads hundreds of files of many sites, more than five times as many as in \
                  its busiest hours",
    tactics: &["Collection", "Exfiltration"],
    severity: "Medium",
    stages: &[Stage {
        id: "download",
        title: "hundreds of files of many sites",
        techniques: &["T1530", "T1213.002"],
        detection: Some("Mass download"),
        after_hours: 0,
    }],
    twin: "OneDrive's sync client fills a new laptop with hundreds of files",
    cast,
    entities,
    play,
    play_twin: Some(new_laptop),
};

/// Files that are fetched; less by [`HIDDEN`] for each step of stealth.
const FILES: u32 = 420;
const HIDDEN: u32 = 100;
const SECONDS_PER_FILE: i64 = 6;
/// Files after which the next site follows.
const FILES_PER_SITE: u32 = 45;
/// Files of the twin's new laptop.
const SYNCED: u32 = 400;

/// What Defender for Cloud Apps says, unless the attacker hides well.
static ALERT: Detection = Detection {
    product: Product::CloudApps,
    title: "Mass download by a single user",
    alert_type: "MCAS_ALERT_CABINET_EVENT_MATCH_AUDIT",
    severity: "Medium",
    tactic: "Exfiltration",
    techniques: &[("T1530", "Data from Cloud Storage")],
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    (vec![casting.quiet()], vec![casting.quiet()])
}

fn home(tenant: &Tenant, user: &User, time: DateTime<Utc>) -> Endpoint {
    user.home(tenant.day_of(time))
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    let user = tenant.user(story.people[0]);
    let mut entities = account(user);
    entities.extend(story.stage_times.first().map(|time| TruthEntity::new("ip", home(tenant, user, *time).ip)));
    entities
}

fn play(scene: &mut Scene, _: usize) {
    let user = scene.person(0);
    let from = home(scene.tenant, user, scene.time);
    let access = begin(scene, user, from, &OFFICE_HOME);
    let began = scene.time;
    download(scene, access, FILES - HIDDEN * u32::from(scene.story.stealth), SECONDS_PER_FILE);
    if scene.story.stealth < 2 {
        let alert = ProductAlert {
            detection: &ALERT,
            description: format!("{} downloaded an unusual number of files", user.upn),
            began,
            ended: scene.time,
            evidence: vec![Evidence::User(user), Evidence::Ip(from.ip)],
        };
        product_alert(scene.time + TimeDelta::minutes(12), &alert, scene.random, scene.traces);
    }
}

/// Signs in to `app` and waits until the application is there.
fn begin<'t>(scene: &mut Scene<'_, 't>, user: &'t User, from: Endpoint, app: &'static App) -> Access<'t> {
    let event = SignIn::of(user, app, from, scene.random);
    let session = Some(Session { session_id: event.session_id, token_id: event.token_id });
    scene.sign_in(SignIn { second_factor: SecondFactor::InToken, ..event });
    scene.wait(60);
    Access { user, from, platform: user.laptop.platform, agent: Agent::Browser, session }
}

/// Downloads `files` of one site after the other.
pub(super) fn download<'t>(scene: &mut Scene<'_, 't>, access: Access<'t>, files: u32, seconds: i64) {
    let first = scene.random.below(1_000) as u32;
    for number in 0..files {
        let site = number / FILES_PER_SITE;
        let library = match site % 2 {
            0 => Library::Team(((first + site / 2) % DEPARTMENTS.len() as u32) as u8),
            _ => project(scene.tenant, first + site),
        };
        let file = ("FileDownloaded", FileRef { library, index: first + number });
        file_operation(scene.tenant, scene.time, access, file, scene.random, scene.traces);
        scene.wait(seconds);
    }
}

fn new_laptop(scene: &mut Scene) {
    let user = scene.twin_person(0);
    let from = home(scene.tenant, user, scene.time);
    let access = Access { agent: Agent::Sync, ..begin(scene, user, from, &SYNC_ENGINE) };
    for number in 0..SYNCED {
        let library = match number % 3 {
            0 => Library::Team(user.team(0)),
            1 => project(scene.tenant, user.number),
            _ => Library::Personal(user.number),
        };
        let file = ("FileSyncDownloadedFull", FileRef { library, index: number });
        file_operation(scene.tenant, scene.time, access, file, scene.random, scene.traces);
        scene.wait(2);
    }
}
