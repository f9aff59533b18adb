//! A stolen Global Administrator gives itself power over all Azure subscriptions, and at once a role at the root.

use chrono::TimeDelta;

use super::intruder::{Intruder, alert};
use super::story::first_and_address;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::azure_operation::{Caller, Operation, azure_operation};
use crate::acts::product_alert::{Detection, Evidence, Product};
use crate::records::{Audit, Initiator, SecondFactor, SignIn, Target};
use crate::tenant::Tenant;
use crate::tenant::addresses::{self, Endpoint};
use crate::tenant::apps::AZURE_PORTAL;
use crate::tenant::azure::ResourceKind;
use crate::tenant::devices::{Device, UNREGISTERED_CHROME, UNREGISTERED_FIREFOX, UNREGISTERED_LINUX};
use crate::tenant::people::User;
use crate::tenant::sites::HOSTING_PLACES;
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "global-admin-elevation",
    title: "A Global Administrator takes all Azure subscriptions",
    description: "the stolen account of a Global Administrator elevates its access to all subscriptions, assigns itself Owner at the \
                  root within minutes, and reads keys",
    tactics: &["PrivilegeEscalation", "Persistence"],
    severity: "High",
    stages: &[
        Stage {
            id: "entry",
            title: "the administrator's account is used from a strange place",
            techniques: &["T1078.004"],
            detection: None,
            after_hours: 0,
        },
        Stage {
            id: "elevation",
            title: "access elevated, and a role assigned at the root",
            techniques: &["T1098.003"],
            detection: Some("Azure access elevated"),
            after_hours: 1,
        },
        Stage {
            id: "keys",
            title: "keys of storage accounts read",
            techniques: &["T1552.005"],
            detection: None,
            after_hours: 2,
        },
    ],
    twin: "a drill with an emergency account: the same steps from the office, with a ticket, and taken back",
    cast,
    entities,
    play,
    play_twin: Some(drill),
};

const ELEVATE: &str = "MICROSOFT.AUTHORIZATION/ELEVATEACCESS/ACTION";
const ASSIGN: &str = "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE";
const UNASSIGN: &str = "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/DELETE";
const LIST_KEYS: &str = "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION";
const ELEVATED: &str = "User has elevated their access to User Access Administrator for their Azure Resources";
/// Role definition of Owner.
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

static ALERT: Detection = Detection {
    product: Product::IdentityProtection,
    title: "Unfamiliar sign-in properties",
    alert_type: "UnfamiliarLocation",
    severity: "Medium",
    tactic: "InitialAccess",
    techniques: &[("T1078", "Valid Accounts")],
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    (vec![casting.stolen_admin()], vec![casting.emergency()])
}

fn intruder() -> Endpoint {
    addresses::attacker(6, &HOSTING_PLACES[1])
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    first_and_address(tenant, story, intruder().ip)
}

fn play(scene: &mut Scene, stage: usize) {
    let admin = scene.person(0);
    let device = [&UNREGISTERED_LINUX, &UNREGISTERED_FIREFOX, &UNREGISTERED_CHROME][usize::from(scene.story.stealth)];
    match stage {
        0 => entry(scene, admin, device),
        1 => {
            elevate(scene, admin, intruder());
            scene.wait(200);
            at_root(scene, admin, intruder(), ASSIGN, "");
        }
        _ => keys(scene, admin),
    }
}

fn entry<'t>(scene: &mut Scene<'_, 't>, admin: &'t User, device: &'static Device) {
    let stealth = scene.story.stealth;
    let intruder = Intruder::of(scene, admin, intruder(), device);
    if stealth == 0 {
        // The prompt on the telephone is refused twice before it is agreed to.
        for _ in 0..2 {
            let event = intruder.event(scene, &AZURE_PORTAL);
            scene.sign_in(SignIn { result: 500_121, ..event });
            scene.wait(40);
        }
    }
    let second_factor = if stealth == 2 { SecondFactor::InToken } else { SecondFactor::Done };
    let event = SignIn { second_factor, ..intruder.event(scene, &AZURE_PORTAL) };
    if stealth < 2 {
        super::intruder::risk(scene, &event, "unfamiliarFeatures", 0);
        let text = format!("{} signed in with unfamiliar properties", admin.upn);
        alert(scene, &ALERT, 7, text, vec![Evidence::User(admin), Evidence::Ip(event.from.ip)]);
        let risk_events: &'static [&'static str] = &["unfamiliarFeatures"];
        return scene.sign_in(SignIn { risk: "medium", risk_events, ..event });
    }
    scene.sign_in(event);
}

/// The elevation shows in the directory's activity and in its audit log.
fn elevate<'t>(scene: &mut Scene<'_, 't>, admin: &'t User, from: Endpoint) {
    let caller = Caller::User(admin, from.ip);
    let operation = Operation::new(caller, ELEVATE, "/PROVIDERS/MICROSOFT.AUTHORIZATION".into());
    let operation = Operation { seconds: 0, role: "", ..operation };
    azure_operation(scene.tenant, scene.time, &operation, scene.random, scene.traces);
    let by = Initiator::User { user: admin, ip: from.ip };
    let names = (ELEVATED, "AzureRBACRoleManagementElevateAccess", "Assign");
    let audit = Audit::new(names, by, vec![Target::user(admin, Vec::new())], scene.random);
    scene.directory_change(audit.logged_by("Azure RBAC (Elevated Access)", ""));
}

/// A role assignment at the root is made or taken back.
fn at_root<'t>(scene: &mut Scene<'_, 't>, admin: &'t User, from: Endpoint, name: &'static str, ticket: &str) {
    let assignment = scene.story.random("assignment").guid().to_string().to_ascii_uppercase();
    let id = format!("/PROVIDERS/MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/{assignment}");
    let mut request = format!(
        "\"properties\":{{\"principalId\":\"{}\",\"roleDefinitionId\":\"{OWNER}\",\"scope\":\"/\"",
        admin.object_id
    );
    if !ticket.is_empty() {
        request.push_str(&format!(",\"description\":\"{ticket}\""));
    }
    request.push('}');
    let operation = Operation::new(Caller::User(admin, from.ip), name, id);
    let operation = Operation { role: "User Access Administrator", request, ..operation };
    azure_operation(scene.tenant, scene.time, &operation, scene.random, scene.traces);
}

fn keys<'t>(scene: &mut Scene<'_, 't>, admin: &'t User) {
    let stores = scene.tenant.resources_of(ResourceKind::Store);
    for store in stores.take(4 - usize::from(scene.story.stealth)) {
        let id = scene.tenant.resource_id(store);
        let operation = Operation::new(Caller::User(admin, intruder().ip), LIST_KEYS, id);
        let operation = Operation { role: "Owner", seconds: 0, ..operation };
        azure_operation(scene.tenant, scene.time, &operation, scene.random, scene.traces);
        scene.wait(45);
    }
}

fn drill(scene: &mut Scene) {
    let account = scene.twin_person(0);
    let from = addresses::office(account.site);
    let event = SignIn::of(account, &AZURE_PORTAL, from, scene.random);
    scene.sign_in(SignIn { second_factor: SecondFactor::Done, ..event });
    scene.time += TimeDelta::minutes(4);
    elevate(scene, account, from);
    scene.time += TimeDelta::minutes(3);
    let ticket = format!("Emergency drill CHG{:07}", scene.random.below(90_000) + 10_000);
    at_root(scene, account, from, ASSIGN, &ticket);
    scene.time += TimeDelta::minutes(18);
    at_root(scene, account, from, UNASSIGN, &ticket);
}
