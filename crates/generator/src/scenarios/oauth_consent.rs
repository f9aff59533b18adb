//! A user agrees to an application with a name like Microsoft's, which then reads mail from the cloud without further sign-in.

use chrono::TimeDelta;

use super::intruder::alert;
use super::scene::next_work;
use super::story::account;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::changes::applications::{Consent, Program, consented};
use crate::acts::graph_request::{Request, graph_request};
use crate::acts::product_alert::{Detection, Evidence, Product};
use crate::guid::Guid;
use crate::records::{DESKTOP_CLIENT, Initiator, SecondFactor, SignIn, SignInKind};
use crate::tenant::Tenant;
use crate::tenant::addresses::{self, Endpoint};
use crate::tenant::apps::OFFICE_HOME;
use crate::tenant::devices::{Agent, UNREGISTERED_LINUX};
use crate::tenant::people::User;
use crate::tenant::sites::HOSTING_PLACES;
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "oauth-consent",
    title: "Consent to an application that imitates Microsoft and reads mail",
    description: "somebody agrees to an application that imitates Microsoft or, hidden better, a supplier; it reads mail and files \
                  through Microsoft Graph from a rented machine",
    tactics: &["CredentialAccess", "Persistence", "Collection"],
    severity: "High",
    stages: &[
        Stage {
            id: "consent",
            title: "the application gets its permissions",
            techniques: &["T1528", "T1566.002"],
            detection: Some("Consent grant"),
            after_hours: 0,
        },
        Stage {
            id: "read",
            title: "the application reads mail and files",
            techniques: &["T1114.002", "T1213"],
            detection: None,
            after_hours: 1,
        },
    ],
    twin: "an administrator agrees to a known application with harmless permissions for everybody",
    cast,
    entities,
    play,
    play_twin: Some(known_application),
};

/// The application's name by stealth.
const NAMES: [&str; 3] = ["0ffice 365 Mail Protection", "Rnicrosoft Teams Recorder", "Harbor Mail Archive"];
const SCOPE: &str = " Mail.Read Files.Read.All offline_access User.Read openid profile";
/// Hours that the attack needs after its beginning.
const SPAN: i64 = 3;

static ALERT: Detection = Detection {
    product: Product::CloudApps,
    title: "Misleading OAuth app name",
    alert_type: "MCAS_ALERT_MISLEADING_OAUTH_APP_NAME",
    severity: "Medium",
    tactic: "CredentialAccess",
    techniques: &[("T1528", "Steal Application Access Token")],
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    (vec![casting.quiet()], vec![casting.admin()])
}

fn machine() -> Endpoint {
    addresses::attacker(7, &HOSTING_PLACES[2])
}

/// The application `name`, by identifiers that come back in each stage.
pub(super) fn program<'a>(story: &Story, name: &'a str) -> Program<'a> {
    let mut random = story.random(name);
    Program { name, app_id: random.guid(), object_id: Guid::NIL, service_principal_id: random.guid() }
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    let name = NAMES[usize::from(story.stealth)];
    let mut entities = account(tenant.user(story.people[0]));
    entities.push(TruthEntity::new("cloudApplication", name));
    entities.push(TruthEntity::new("cloudApplication", program(story, name).app_id));
    entities
}

fn play(scene: &mut Scene, stage: usize) {
    let victim = scene.person(0);
    let first = scene.story.stage_times[0];
    let (begin, workday) = next_work(scene.tenant, victim, first, TimeDelta::hours(SPAN));
    scene.time += begin - first;
    let name = NAMES[usize::from(scene.story.stealth)];
    let program = program(scene.story, name);
    if stage == 0 {
        let day = scene.tenant.day_of(begin);
        let from = workday.map_or_else(|| victim.home(day), |workday| workday.endpoint());
        agree(scene, victim, from, program, SCOPE);
        if scene.story.stealth < 2 {
            let evidence = vec![Evidence::User(victim), Evidence::App(name.into(), app_id(scene).into())];
            alert(scene, &ALERT, 95, format!("`{name}` has a misleading name"), evidence);
        }
    } else {
        let requests = [40, 24, 12][usize::from(scene.story.stealth)];
        read(scene, victim, &program, machine(), requests);
    }
}

fn app_id(scene: &Scene) -> String {
    program(scene.story, NAMES[usize::from(scene.story.stealth)]).app_id.to_string()
}

/// `user` is asked for agreement and agrees.
pub(super) fn agree<'t>(
    scene: &mut Scene<'_, 't>,
    user: &'t User,
    from: Endpoint,
    app: Program<'static>,
    scope: &'static str,
) {
    let event = SignIn::of(user, &OFFICE_HOME, from, scene.random);
    let event = SignIn { app_id: app.app_id.to_string().into(), app_name: app.name.into(), ..event };
    scene.sign_in(SignIn { result: 65001, ..event.clone() });
    scene.wait(25);
    consent(scene, user, from, &Consent { app, scope, for_everybody: false });
    let (id, token_id) = (scene.random.guid(), scene.random.guid());
    scene.sign_in(SignIn { id, token_id, ..event });
}

/// The changes of one consent, within a second.
fn consent<'t>(scene: &mut Scene<'_, 't>, user: &'t User, from: Endpoint, consent: &Consent) {
    let by = Initiator::User { user, ip: from.ip };
    for audit in consented(scene.tenant, by, user, consent, scene.random) {
        scene.directory_change(audit);
        scene.time += TimeDelta::milliseconds(scene.random.between(120, 240));
    }
}

/// The application reads in the name of `user` with the token it got.
pub(super) fn read<'t>(
    scene: &mut Scene<'_, 't>,
    user: &'t User,
    app: &Program<'static>,
    from: Endpoint,
    requests: usize,
) {
    const PATHS: [&str; 4] = [
        "/me/mailFolders/inbox/messages?$top=50&$skip=",
        "/me/mailFolders/sentitems/messages?$top=50&$skip=",
        "/me/drive/search(q='invoice')?$skip=",
        "/me/contacts?$top=100&$skip=",
    ];
    let event = SignIn::of(user, &OFFICE_HOME, from, scene.random);
    let event = SignIn {
        kind: SignInKind::NonInteractive,
        app_id: app.app_id.to_string().into(),
        app_name: app.name.into(),
        device: &UNREGISTERED_LINUX,
        agent: Agent::Program("python-requests/2.32.3"),
        client: DESKTOP_CLIENT,
        incoming_token: "refreshToken",
        second_factor: SecondFactor::InToken,
        ..event
    };
    scene.sign_in(event.clone());
    for number in 0..requests {
        scene.wait(6);
        let path = format!("{}{}", PATHS[number % PATHS.len()], number / PATHS.len() * 50);
        let request = Request::get(path, "Mail.Read Files.Read.All offline_access User.Read", scene.random);
        graph_request(scene.tenant, scene.time, &event, request, scene.random, scene.traces);
    }
}

fn known_application(scene: &mut Scene) {
    let admin = scene.twin_person(0);
    let (time, workday) = next_work(scene.tenant, admin, scene.time, TimeDelta::hours(1));
    scene.time = time;
    let from = workday.map_or_else(|| addresses::office(admin.site), |workday| workday.endpoint());
    let app = program(scene.story, "Signwell Contracts");
    let scope = " User.Read openid profile email";
    consent(scene, admin, from, &Consent { app, scope, for_everybody: true });
}
