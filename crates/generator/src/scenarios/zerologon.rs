//! Netlogon's flaw CVE-2020-1472: somebody guesses a session key of zeros, empties a controller's password, and replicates
//! the directory in the controller's name.

use chrono::TimeDelta;

use super::intrusion::{host, raise, steal_directory};
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::domain::{Caller, push};
use crate::acts::product_alert::{Detection, Evidence, Product};
use crate::records::Session;
use crate::records::windows::{computers, logons, netlogon};
use crate::tenant::Tenant;
use crate::tenant::computers::{Account, Computer};
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "zerologon",
    title: "ZeroLogon against a domain controller",
    description: "a laptop in the office fails Netlogon sessions in a controller's name until one succeeds, empties the controller's \
                  password and replicates the directory with it",
    tactics: &["LateralMovement", "CredentialAccess"],
    severity: "High",
    stages: &[
        Stage {
            id: "exploit",
            title: "the controller's password is set by ANONYMOUS LOGON",
            techniques: &["T1210"],
            detection: Some("ZeroLogon"),
            after_hours: 0,
        },
        // The account is a controller's, which no rule minds.
        Stage {
            id: "replication",
            title: "the directory is replicated in the controller's name",
            techniques: &["T1003.006"],
            detection: None,
            after_hours: 1,
        },
    ],
    twin: "a controller renews its own password",
    cast,
    entities,
    play,
    play_twin: Some(renewal),
};

/// Failed sessions that the System log shows, by stealth. Real runs take 256 tries on average; the log thins them out.
const REFUSALS: [u32; 3] = [40, 12, 3];

static ALERT: Detection = Detection {
    product: Product::DefenderForIdentity,
    title: "Suspected Netlogon privilege elevation attempt (CVE-2020-1472 exploitation)",
    alert_type: "NetlogonBypassSecurityAlert",
    severity: "High",
    tactic: "PrivilegeEscalation",
    techniques: &[("T1068", "Exploitation for Privilege Escalation")],
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    (vec![casting.quiet()], Vec::new())
}

/// The controller that is attacked: the second one.
fn victim(tenant: &Tenant) -> &Computer {
    &tenant.controllers()[1]
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    let caller = Caller::at_desk(tenant, tenant.user(story.people[0]));
    vec![
        TruthEntity::new("host", &victim(tenant).name),
        TruthEntity::new("account", format!("TAILWIND\\{}", victim(tenant).account)),
        TruthEntity::new("ip", caller.ip),
    ]
}

fn play(scene: &mut Scene, stage: usize) {
    let controller = victim(scene.tenant);
    let caller = Caller::at_desk(scene.tenant, scene.person(0));
    if stage == 0 {
        return exploit(scene, controller, &caller);
    }
    let as_controller = Caller { account: Account::computer(controller), user: None, controller, ..caller };
    steal_directory(scene, as_controller, controller);
}

fn exploit<'t>(scene: &mut Scene<'_, 't>, controller: &'t Computer, caller: &Caller<'t>) {
    let began = scene.time;
    for _ in 0..REFUSALS[usize::from(scene.story.stealth)] {
        let refused = netlogon::session_refused(controller, &controller.short, scene.random);
        push(scene.time, refused, scene.traces);
        scene.time += TimeDelta::milliseconds(scene.random.between(40, 200));
    }
    let session = Session::new(controller, Account::ANONYMOUS, 3, scene.random);
    push(scene.time, logons::ntlm_logon(&session, (caller.ip, "-"), scene.random), scene.traces);
    scene.time += TimeDelta::milliseconds(35);
    let set = computers::password_set(&session, Account::computer(controller), scene.time, scene.random);
    push(scene.time, set, scene.traces);
    let text = format!("{} tried to elevate its privileges on {}", caller.computer.short, controller.short);
    raise(scene, &ALERT, (began, text), vec![host(controller), host(caller.computer), Evidence::Ip(caller.ip)]);
}

fn renewal(scene: &mut Scene) {
    let controller = victim(scene.tenant);
    let account = Account::computer(controller);
    let session = Session::new(controller, account, 3, scene.random);
    push(scene.time, computers::password_set(&session, account, scene.time, scene.random), scene.traces);
}
