//! From a guessed service password to the cloud: Kerberoasting, lateral movement to the sync server, DCSync with the sync
//! account, a forged ticket, a cleared log, and the sync program's credentials used from the internet.

use chrono::TimeDelta;

use super::intrusion::{REPLICATION, hop, host, raise, steal_directory};
use super::story::account;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::changes::applications::{Program, secrets_changed};
use crate::acts::domain::connection::{Connection, Package, connect};
use crate::acts::domain::tickets::service_ticket;
use crate::acts::domain::{Caller, push};
use crate::acts::product_alert::{Detection, Evidence, Product};
use crate::behaviors::domain::directory_sync::sync_program;
use crate::records::windows::kerberos::Cipher;
use crate::records::windows::upkeep;
use crate::records::{Identity, Initiator, SignIn};
use crate::tenant::Tenant;
use crate::tenant::addresses::{self, Endpoint};
use crate::tenant::apps::DIRECTORY_API;
use crate::tenant::computers::Account;
use crate::tenant::devices::UNREGISTERED_LINUX;
use crate::tenant::directory::{APP_SERVERS, SERVICE_ACCOUNTS, SYNC_ACCOUNT, SYNC_RID, SYNC_SERVER};
use crate::tenant::sites::THEFT_PLACE;
use crate::truth::TruthEntity;

const fn stage(
    id: &'static str,
    title: &'static str,
    techniques: &'static [&'static str],
    detection: Option<&'static str>,
    after_hours: i64,
) -> Stage {
    Stage { id, title, techniques, detection, after_hours }
}

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "kerberoast-to-cloud",
    title: "From Kerberoasting to the cloud through Entra Connect",
    description: "an account asks for tickets with a weak cipher; the guessed service account reaches the sync server, whose account \
                  replicates the directory; a ticket is forged, a log is cleared, and the sync program adds a secret to an application",
    tactics: &["CredentialAccess", "LateralMovement", "DefenseEvasion", "Persistence"],
    severity: "High",
    stages: &[
        stage("kerberoast", "tickets with a weak cipher", &["T1558.003"], Some("Kerberoasting"), 0),
        stage(
            "lateral-movement",
            "the guessed account reaches the sync server",
            &["T1021.002", "T1569.002"],
            Some("Service installed remotely"),
            20,
        ),
        stage("dcsync", "the sync account replicates from elsewhere", &["T1003.006"], Some("DCSync"), 23),
        stage("golden-ticket", "a forged ticket is used", &["T1558.001"], Some("Alert of another product"), 28),
        stage("log-cleared", "a log is cleared", &["T1070.001"], Some("Audit log cleared"), 29),
        stage("sync-sign-in", "the sync program signs in from the internet", &["T1078.004"], None, 44),
        stage(
            "credential",
            "the sync program adds a secret to an application",
            &["T1098.001"],
            Some("Application credential added"),
            45,
        ),
    ],
    twin: "an old application whose tickets have the cipher RC4",
    cast,
    entities,
    play,
    play_twin: None,
};

/// Defender for Identity's alerts (external ids 2410 and 2032).
static KERBEROASTING: Detection = Detection {
    product: Product::DefenderForIdentity,
    title: "Suspected Kerberos SPN exposure",
    alert_type: "KerberoastingSecurityAlert",
    severity: "High",
    tactic: "CredentialAccess",
    techniques: &[("T1558", "Steal or Forge Kerberos Tickets"), ("T1558.003", "Kerberoasting")],
};
static GOLDEN_TICKET: Detection = Detection {
    product: Product::DefenderForIdentity,
    title: "Suspected Golden Ticket usage (ticket anomaly)",
    alert_type: "GoldenTicketSizeAnomalySecurityAlert",
    severity: "High",
    tactic: "Persistence",
    techniques: &[("T1558", "Steal or Forge Kerberos Tickets"), ("T1558.001", "Golden Ticket")],
};

/// Name and relative identifier of the account that the forged ticket is for (MS-ADTS 6.1.1.6).
const ADMINISTRATOR: (&str, u32) = ("Administrator", 500);

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    (vec![casting.quiet()], Vec::new())
}

/// The account whose password is guessed.
fn guessed() -> Account<'static> {
    Account::named(SERVICE_ACCOUNTS[1].0, SERVICE_ACCOUNTS[1].1)
}

fn machine() -> Endpoint {
    addresses::attacker(12, &THEFT_PLACE)
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    let user = tenant.user(story.people[0]);
    let mut entities = account(user);
    entities.push(TruthEntity::new("ip", Caller::at_desk(tenant, user).ip));
    for name in [guessed().name, SYNC_ACCOUNT, ADMINISTRATOR.0] {
        entities.push(TruthEntity::new("account", format!("TAILWIND\\{name}")));
    }
    for server in [&APP_SERVERS[1], &SYNC_SERVER] {
        entities.push(TruthEntity::new("host", server.host()));
    }
    entities.push(TruthEntity::new("ip", machine().ip));
    entities
}

fn play(scene: &mut Scene, stage: usize) {
    match stage {
        0 => kerberoast(scene),
        1 => lateral_movement(scene),
        2 => dcsync(scene),
        3 => golden_ticket(scene),
        4 => clear_log(scene),
        5 => sync_sign_in(scene),
        _ => credential(scene),
    }
}

fn kerberoast(scene: &mut Scene) {
    let user = scene.person(0);
    let caller = Caller::at_desk(scene.tenant, user);
    let began = scene.time;
    // All services at once, or few of them with minutes in between.
    let (services, step) = [(6, 0), (4, 60), (3, 900)][usize::from(scene.story.stealth)];
    for (name, rid) in &SERVICE_ACCOUNTS[..services] {
        let service = Account::named(name, *rid);
        service_ticket(scene.time, &caller, service, Cipher::Rc4Forced, scene.random, scene.traces);
        scene.time += TimeDelta::milliseconds(40);
        if step > 0 {
            scene.wait(step);
        }
    }
    if scene.story.stealth == 0 {
        let text = format!("{} asked for tickets of {services} services", user.display_name);
        let evidence = vec![Evidence::User(user), host(caller.computer), Evidence::Ip(caller.ip)];
        raise(scene, &KERBEROASTING, (began, text), evidence);
    }
}

fn lateral_movement(scene: &mut Scene) {
    let from = Caller { account: guessed(), user: None, ..Caller::at_desk(scene.tenant, scene.person(0)) };
    hop(scene, from, scene.tenant.server(&APP_SERVERS[1]));
    scene.wait(1_200);
    let caller = Caller::on_server(scene.tenant, &APP_SERVERS[1], guessed());
    hop(scene, caller, scene.tenant.server(&SYNC_SERVER));
}

fn dcsync(scene: &mut Scene) {
    let account = Account::named(SYNC_ACCOUNT, SYNC_RID);
    let caller = Caller::on_server(scene.tenant, &APP_SERVERS[1], account);
    let began = scene.time;
    steal_directory(scene, caller, caller.controller);
    if scene.story.stealth < 2 {
        let text = format!("{SYNC_ACCOUNT} sent replication requests from {}", caller.computer.short);
        let evidence = vec![Evidence::Account(SYNC_ACCOUNT, SYNC_RID), host(caller.computer), Evidence::Ip(caller.ip)];
        raise(scene, &REPLICATION, (began, text), evidence);
    }
}

/// Tickets and logons of an account that never asked for a ticket-granting ticket.
fn golden_ticket(scene: &mut Scene) {
    let account = Account::named(ADMINISTRATOR.0, ADMINISTRATOR.1);
    let caller = Caller::on_server(scene.tenant, &APP_SERVERS[1], account);
    let began = scene.time;
    for controller in scene.tenant.controllers() {
        let connection = Connection::new(caller, controller, Package::NewTicket, scene.random);
        let connection = Connection { elevated: true, ..connection };
        connect(scene.time, &connection, scene.random, scene.traces);
        scene.wait(120);
    }
    let text = format!("{} used a ticket that no controller gave", ADMINISTRATOR.0);
    let evidence =
        vec![Evidence::Account(ADMINISTRATOR.0, ADMINISTRATOR.1), host(caller.computer), Evidence::Ip(caller.ip)];
    raise(scene, &GOLDEN_TICKET, (began, text), evidence);
}

fn clear_log(scene: &mut Scene) {
    let (from, to) = (&APP_SERVERS[1], scene.tenant.server(&SYNC_SERVER));
    let caller = Caller::on_server(scene.tenant, from, Account::named(ADMINISTRATOR.0, ADMINISTRATOR.1));
    let connection = Connection::new(caller, to, Package::NewTicket, scene.random);
    let connection = Connection { elevated: true, ..connection };
    let session = connect(scene.time, &connection, scene.random, scene.traces);
    scene.time += TimeDelta::milliseconds(900);
    push(scene.time, upkeep::log_cleared(&session, scene.random), scene.traces);
}

fn sync_sign_in(scene: &mut Scene) {
    for _ in 0..(4 - scene.story.stealth) {
        let identity = sync_program(scene.tenant);
        let event = SignIn::of_program(identity, DIRECTORY_API, machine(), &UNREGISTERED_LINUX, scene.random);
        scene.sign_in(event);
        scene.wait(300);
    }
}

fn credential(scene: &mut Scene) {
    sync_sign_in(scene);
    let Identity::Program { name, object_id, .. } = sync_program(scene.tenant) else { return };
    let Some(workload) = scene.tenant.workloads.iter().find(|workload| !workload.managed) else { return };
    let mut random = scene.story.random("credential");
    let program = Program {
        name: &workload.name,
        app_id: workload.app_id,
        object_id: random.guid(),
        service_principal_id: workload.object_id,
    };
    let old = (workload.key_id, "initial");
    let new = (random.guid(), "sync");
    let by = Initiator::App { name, id: object_id };
    let change = secrets_changed(by, &program, &[old], &[old, new], scene.random);
    scene.directory_change(change);
}
