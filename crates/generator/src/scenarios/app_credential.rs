//! A secret is added to an application by its owner's stolen account; with it somebody signs in as the application and reads
//! what it may read.

use chrono::TimeDelta;

use super::intruder::{Intruder, alert};
use super::scene::next_work;
use super::story::account;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::changes::applications::secrets_changed;
use crate::acts::graph_request::{Request, graph_request};
use crate::acts::product_alert::{Detection, Evidence, Product};
use crate::acts::risk_detection::program_risk;
use crate::behaviors::application_owners::owner;
use crate::guid::Guid;
use crate::records::{Identity, Initiator, SecondFactor, SignIn};
use crate::tenant::Tenant;
use crate::tenant::addresses::{self, Endpoint};
use crate::tenant::apps::{AZURE_PORTAL, GRAPH};
use crate::tenant::devices::{UNREGISTERED_CHROME, UNREGISTERED_LINUX};
use crate::tenant::people::Kind;
use crate::tenant::sites::HOSTING_PLACES;
use crate::tenant::workloads::Workload;
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "app-credential",
    title: "A secret added to an application, which then reads the directory and mail",
    description: "the stolen account of an application's owner adds a secret to it; the application signs in from a new address and \
                  reads accounts and mailboxes through Microsoft Graph",
    tactics: &["Persistence", "CredentialAccess", "Collection"],
    severity: "Medium",
    stages: &[
        Stage {
            id: "credential",
            title: "a secret is added to the application",
            techniques: &["T1098.001"],
            detection: Some("Application credential added"),
            after_hours: 0,
        },
        Stage {
            id: "sign-in",
            title: "the application signs in from a new address",
            techniques: &["T1078.004"],
            detection: None,
            after_hours: 5,
        },
        Stage {
            id: "read",
            title: "accounts and mailboxes are read",
            techniques: &["T1087.004", "T1114.002"],
            detection: None,
            after_hours: 6,
        },
    ],
    twin: "the owner of another application renews its secret and removes the old one",
    cast,
    entities,
    play,
    play_twin: Some(renewal),
};

/// Accounts whose mailboxes are read, by stealth.
const MAILBOXES: [u32; 3] = [60, 30, 10];
/// The new secret's name by stealth.
const SECRETS: [&str; 3] = ["backup", "key 2", "renewed"];

static ALERT: Detection = Detection {
    product: Product::CloudApps,
    title: "Unusual addition of credentials to an OAuth app",
    alert_type: "MCAS_ALERT_ANUBIS_DETECTION_UNUSUAL_CREDENTIALS_OAUTH_APP",
    severity: "Medium",
    tactic: "Persistence",
    techniques: &[("T1098", "Account Manipulation"), ("T1098.001", "Additional Cloud Credentials")],
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    let tenant = casting.tenant;
    let owners: Vec<u32> = candidates(tenant).map(|workload| owner(tenant, workload).number).collect();
    (vec![casting.take(|user| owners.contains(&user.number))], vec![casting.admin()])
}

/// Applications that an ordinary member owns, and that read the directory.
fn candidates(tenant: &Tenant) -> impl Iterator<Item = &Workload> {
    let fits = |workload: &&Workload| !workload.managed && workload.expiry.is_none() && workload.resource == GRAPH;
    tenant.workloads.iter().filter(fits).filter(|workload| owner(tenant, workload).kind == Kind::Member)
}

/// The application that is misused: of its owner, else any.
fn target<'t>(tenant: &'t Tenant, story: &Story) -> &'t Workload {
    let owned = candidates(tenant).find(|workload| owner(tenant, workload).number == story.people[0]);
    owned.or_else(|| candidates(tenant).next()).unwrap_or(&tenant.workloads[0])
}

fn machine() -> Endpoint {
    addresses::attacker(10, &HOSTING_PLACES[3])
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    let workload = target(tenant, story);
    let mut entities = account(tenant.user(story.people[0]));
    entities.push(TruthEntity::new("cloudApplication", &workload.name));
    entities.push(TruthEntity::new("cloudApplication", workload.app_id));
    entities.push(TruthEntity::new("ip", machine().ip));
    entities
}

/// The key of the secret that is added.
fn key(story: &Story) -> Guid {
    story.random("key").guid()
}

fn play(scene: &mut Scene, stage: usize) {
    let workload = target(scene.tenant, scene.story);
    match stage {
        0 => credential(scene, workload),
        1 => {
            // The secret is tried once; who hides well leaves it at that.
            for _ in 0..(3 - scene.story.stealth) {
                let event = program_sign_in(scene, workload);
                if scene.story.stealth == 0 {
                    let program = (workload.name.as_str(), workload.app_id, workload.object_id, key(scene.story));
                    let found = ("suspiciousSignins", "medium");
                    program_risk(scene.time, program, found, &machine(), scene.random, scene.traces);
                }
                scene.sign_in(event);
                scene.wait(400);
            }
        }
        _ => read(scene, workload),
    }
}

fn credential<'t>(scene: &mut Scene<'_, 't>, workload: &'t Workload) {
    let user = scene.person(0);
    let intruder = Intruder::of(scene, user, machine(), &UNREGISTERED_CHROME);
    intruder.sign_in(scene, &AZURE_PORTAL, SecondFactor::InToken);
    scene.wait(300);
    let old = (workload.key_id, "initial");
    let new = (key(scene.story), SECRETS[usize::from(scene.story.stealth)]);
    let by = Initiator::User { user, ip: machine().ip };
    let audit = secrets_changed(by, &workload.program(), &[old], &[old, new], scene.random);
    scene.directory_change(audit);
    if scene.story.stealth == 0 {
        let app = Evidence::App(workload.name.as_str().into(), workload.app_id.to_string().into());
        let text = format!("a secret was added to {}", workload.name);
        alert(scene, &ALERT, 130, text, vec![Evidence::User(user), app, Evidence::Ip(machine().ip)]);
    }
}

/// A sign-in of the application with the new secret.
fn program_sign_in<'t>(scene: &mut Scene<'_, 't>, workload: &'t Workload) -> SignIn<'t> {
    let identity = Identity::Program {
        name: workload.name.as_str().into(),
        app_id: workload.app_id,
        object_id: workload.object_id,
        key_id: key(scene.story),
    };
    SignIn::of_program(identity, GRAPH, machine(), &UNREGISTERED_LINUX, scene.random)
}

fn read<'t>(scene: &mut Scene<'_, 't>, workload: &'t Workload) {
    const PERMISSIONS: &str = "User.Read.All Mail.Read";
    let event = program_sign_in(scene, workload);
    scene.sign_in(event.clone());
    let mut paths: Vec<String> =
        ["/organization", "/users?$top=999", "/directoryRoles?$expand=members"].map(str::to_owned).into();
    for _ in 0..MAILBOXES[usize::from(scene.story.stealth)] {
        let number = scene.random.below(u64::from(scene.tenant.options.users)) as u32;
        paths.push(format!("/users/{}/messages?$top=100", scene.tenant.user(number).object_id));
    }
    for path in paths {
        scene.wait(4);
        let request = Request::get(path, PERMISSIONS, scene.random);
        graph_request(scene.tenant, scene.time, &event, request, scene.random, scene.traces);
    }
}

fn renewal(scene: &mut Scene) {
    let user = scene.twin_person(0);
    let (time, workday) = next_work(scene.tenant, user, scene.time, TimeDelta::hours(3));
    scene.time = time;
    let from = workday.map_or_else(|| addresses::office(user.site), |workday| workday.endpoint());
    let misused = target(scene.tenant, scene.story).number;
    let renewed = |workload: &&Workload| !workload.managed && workload.number != misused;
    let Some(workload) = scene.tenant.workloads.iter().rfind(renewed) else { return };
    let (old, new) = ((workload.key_id, "initial"), (key(scene.story), "renewed"));
    let by = || Initiator::User { user, ip: from.ip };
    let audit = secrets_changed(by(), &workload.program(), &[old], &[old, new], scene.random);
    scene.directory_change(audit);
    scene.time += TimeDelta::minutes(scene.random.between(20, 80));
    let audit = secrets_changed(by(), &workload.program(), &[old, new], &[new], scene.random);
    scene.directory_change(audit);
}
