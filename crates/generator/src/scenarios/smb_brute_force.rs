//! Hundreds of passwords for one account are tried on a file server within minutes; one fits.

use chrono::TimeDelta;

use super::intrusion::{host, raise};
use super::story::account;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::domain::connection::{Connection, Package, connect};
use crate::acts::domain::{Caller, push};
use crate::acts::product_alert::{Detection, Evidence, Product};
use crate::records::windows::{failed_logon, ntlm};
use crate::tenant::Tenant;
use crate::tenant::computers::{Account, Computer};
use crate::tenant::directory::{APP_SERVERS, MEMBER_SERVERS, SERVICE_ACCOUNTS};
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "smb-brute-force",
    title: "Passwords guessed on a file server",
    description: "a laptop tries hundreds of passwords of one account on a file server over SMB; one fits",
    tactics: &["CredentialAccess"],
    severity: "High",
    // No rule counts failed logons of servers; Defender for Identity does.
    stages: &[Stage {
        id: "guessing",
        title: "many wrong passwords and a right one",
        techniques: &["T1110.001"],
        detection: Some("Alert of another product"),
        after_hours: 0,
    }],
    twin: "a program that goes on with the old password of its account, once every five minutes",
    cast,
    entities,
    play,
    play_twin: Some(old_password),
};

/// Tries by stealth, and milliseconds between two.
const TRIES: [u32; 3] = [900, 400, 150];
const STEPS: [i64; 3] = [45, 250, 2_000];
/// Tries of the program with the old password.
const OLD_TRIES: u32 = 12;

static ALERT: Detection = Detection {
    product: Product::DefenderForIdentity,
    title: "Suspected brute-force attack (SMB)",
    alert_type: "AbnormalSmbBruteForceSecurityAlert",
    severity: "Medium",
    tactic: "LateralMovement",
    techniques: &[("T1110", "Brute Force"), ("T1110.001", "Password Guessing")],
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    (vec![casting.quiet()], Vec::new())
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    let user = tenant.user(story.people[0]);
    let mut entities = account(user);
    entities.push(TruthEntity::new("host", MEMBER_SERVERS[0].host()));
    entities.push(TruthEntity::new("ip", Caller::at_desk(tenant, user).ip));
    entities
}

/// A wrong password of `caller` on `server`.
fn fail<'t>(scene: &mut Scene<'_, 't>, caller: &Caller<'t>, server: &'t Computer) {
    let (reason, from) = (failed_logon::WRONG_PASSWORD, (caller.ip, caller.computer.short.as_str()));
    let checked = (caller.computer.short.as_str(), failed_logon::WRONG_PASSWORD);
    let check = ntlm::ntlm_check(caller.controller, caller.account, checked, scene.random);
    push(scene.time, check, scene.traces);
    let failed = failed_logon::failed_logon(server, caller.account, (3, reason), from, scene.random);
    push(scene.time + TimeDelta::milliseconds(4), failed, scene.traces);
}

fn play(scene: &mut Scene, _: usize) {
    let user = scene.person(0);
    let caller = Caller::at_desk(scene.tenant, user);
    let server = scene.tenant.server(&MEMBER_SERVERS[0]);
    let (began, stealth) = (scene.time, usize::from(scene.story.stealth));
    for _ in 0..TRIES[stealth] {
        fail(scene, &caller, server);
        scene.time += TimeDelta::milliseconds(scene.random.between(STEPS[stealth] / 2, STEPS[stealth] * 2));
    }
    let connection = Connection::new(caller, server, Package::Ntlm, scene.random);
    connect(scene.time, &connection, scene.random, scene.traces);
    let text = format!("{} passwords of {} were tried on {}", TRIES[stealth], user.display_name, server.short);
    raise(scene, &ALERT, (began, text), vec![Evidence::User(user), host(server), Evidence::Ip(caller.ip)]);
}

fn old_password(scene: &mut Scene) {
    let (name, rid) = SERVICE_ACCOUNTS[5];
    let caller = Caller::on_server(scene.tenant, &APP_SERVERS[1], Account::named(name, rid));
    let server = scene.tenant.server(&MEMBER_SERVERS[1]);
    for _ in 0..OLD_TRIES {
        fail(scene, &caller, server);
        scene.time += TimeDelta::minutes(5);
    }
}
