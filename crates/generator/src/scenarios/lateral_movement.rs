//! Somebody goes from computer to computer by installing services over the network.

use super::intrusion::{REMOTE_SERVICE, hop, host, raise};
use super::story::account;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::domain::Caller;
use crate::acts::domain::endpoint::Program;
use crate::acts::domain::remote_service::{RemoteService, install};
use crate::acts::product_alert::Evidence;
use crate::tenant::Tenant;
use crate::tenant::directory::{APP_SERVERS, JUMP_HOST, MEMBER_SERVERS, Server};
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "lateral-movement",
    title: "Lateral movement over three servers",
    description: "a stolen account that administers servers installs a service on a file server, from there on the next server, \
                  and from that on a third",
    tactics: &["LateralMovement", "Execution"],
    severity: "High",
    stages: &[
        Stage {
            id: "first-hop",
            title: "from the laptop to a file server",
            techniques: &["T1021.002", "T1569.002"],
            detection: Some("Service installed remotely"),
            after_hours: 0,
        },
        Stage {
            id: "second-hop",
            title: "from the file server to an application server",
            techniques: &["T1021.002", "T1569.002"],
            detection: Some("Service installed remotely"),
            after_hours: 1,
        },
        Stage {
            id: "third-hop",
            title: "from there to the software distribution",
            techniques: &["T1021.002", "T1569.002"],
            detection: Some("Service installed remotely"),
            after_hours: 3,
        },
    ],
    twin: "an administrator with PsExec on two servers, from the jump host",
    cast,
    entities,
    play,
    play_twin: Some(administrator),
};

/// The servers, one after the other.
static CHAIN: [&Server; 3] = [&MEMBER_SERVERS[0], &APP_SERVERS[1], &APP_SERVERS[0]];

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    (vec![casting.quiet()], vec![casting.admin()])
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    let user = tenant.user(story.people[0]);
    let mut entities = account(user);
    entities.push(TruthEntity::new("ip", Caller::at_desk(tenant, user).ip));
    entities.extend(CHAIN.iter().map(|server| TruthEntity::new("host", server.host())));
    entities
}

fn play(scene: &mut Scene, stage: usize) {
    let user = scene.person(0);
    let caller = match stage.checked_sub(1) {
        None => Caller::at_desk(scene.tenant, user),
        Some(before) => Caller::user_on_server(scene.tenant, CHAIN[before], user),
    };
    let target = scene.tenant.server(CHAIN[stage]);
    let began = scene.time;
    hop(scene, caller, target);
    // The sensor knows the tools; who hides well brings none.
    if scene.story.stealth < 2 && stage == 1 {
        let text = format!("a service was created on {} from {}", target.short, caller.computer.short);
        raise(scene, &REMOTE_SERVICE, (began, text), vec![host(target), Evidence::User(user), Evidence::Ip(caller.ip)]);
    }
}

fn administrator(scene: &mut Scene) {
    let caller = Caller::user_on_server(scene.tenant, &JUMP_HOST, scene.twin_person(0));
    let service = RemoteService {
        name: "PSEXESVC".into(),
        image: "%SystemRoot%\\PSEXESVC.exe".into(),
        copied: Some("PSEXESVC.exe".into()),
        runs: Program {
            file: "PSEXESVC.exe",
            folder: "C:\\Windows\\PSEXESVC.exe",
            command_line: "C:\\Windows\\PSEXESVC.exe",
            parent: "services.exe",
            parent_command_line: "services.exe",
        },
    };
    for server in [&MEMBER_SERVERS[2], &MEMBER_SERVERS[1]] {
        install(scene.time, (caller, scene.tenant.server(server)), &service, scene.random, scene.traces);
        scene.wait(180);
    }
}
