//! An ordinary account asks a domain controller for everybody's secrets, as only controllers and the sync account do.

use super::intrusion::{REPLICATION, host, raise, steal_directory};
use super::story::account;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::domain::Caller;
use crate::acts::product_alert::Evidence;
use crate::tenant::Tenant;
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "dcsync",
    title: "Directory replication by an ordinary account",
    description: "an account that was given the right to replicate asks a domain controller for all secrets from its laptop",
    tactics: &["CredentialAccess"],
    severity: "High",
    stages: &[Stage {
        id: "replication",
        title: "the directory is replicated with its secrets",
        techniques: &["T1003.006"],
        detection: Some("DCSync"),
        after_hours: 0,
    }],
    twin: "controllers replicate every 15 minutes, and Entra Connect every 30",
    cast,
    entities,
    play,
    play_twin: None,
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    (vec![casting.quiet()], Vec::new())
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    let user = tenant.user(story.people[0]);
    let caller = Caller::at_desk(tenant, user);
    let mut entities = account(user);
    entities.push(TruthEntity::new("host", &caller.controller.name));
    entities.push(TruthEntity::new("ip", caller.ip));
    entities
}

fn play(scene: &mut Scene, _: usize) {
    let user = scene.person(0);
    let caller = Caller::at_desk(scene.tenant, user);
    let began = scene.time;
    steal_directory(scene, caller, caller.controller);
    // The sensor is blind to some; whoever hides well found out when.
    if scene.story.stealth < 2 {
        let text = format!("{} sent replication requests to {}", user.display_name, caller.controller.short);
        let evidence = vec![Evidence::User(user), host(caller.controller), Evidence::Ip(caller.ip)];
        raise(scene, &REPLICATION, (began, text), evidence);
    }
}
