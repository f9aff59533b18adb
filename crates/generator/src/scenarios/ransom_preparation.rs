//! Before the ransom note: a stolen administrator takes the subscription, silences its logs, and deletes backups and machines.

use super::intruder::{Intruder, alert, risk};
use super::story::first_and_address;
use super::{Casting, Scenario, Scene, Stage, Story};
use crate::acts::azure_operation::{Caller, Operation, azure_operation};
use crate::acts::product_alert::{Detection, Evidence, Product};
use crate::records::{SecondFactor, SignIn};
use crate::tenant::Tenant;
use crate::tenant::addresses::{self, Endpoint};
use crate::tenant::apps::{AZURE_CLI, AZURE_PORTAL};
use crate::tenant::azure::ResourceKind;
use crate::tenant::devices::{UNREGISTERED_CHROME, UNREGISTERED_LINUX};
use crate::tenant::sites::HOSTING_PLACES;
use crate::truth::TruthEntity;

/// See the file.
pub(super) static SCENARIO: Scenario = Scenario {
    id: "ransom-preparation",
    title: "Backups and machines deleted by a stolen administrator",
    description: "the stolen account of an administrator becomes Owner of the subscription, removes diagnostic settings, switches \
                  soft delete of the backup vaults off, and deletes backups, machines and disks",
    tactics: &["PrivilegeEscalation", "DefenseEvasion", "Impact"],
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
            id: "role",
            title: "Owner of the subscription",
            techniques: &["T1098.003"],
            detection: None,
            after_hours: 1,
        },
        Stage {
            id: "silence",
            title: "diagnostic settings removed",
            techniques: &["T1562.008"],
            detection: None,
            after_hours: 18,
        },
        Stage {
            id: "backups",
            title: "soft delete switched off, backups deleted",
            techniques: &["T1490"],
            detection: Some("Mass deletion of Azure resources"),
            after_hours: 20,
        },
        Stage {
            id: "machines",
            title: "machines and disks deleted",
            techniques: &["T1485"],
            detection: Some("Mass deletion of Azure resources"),
            after_hours: 26,
        },
    ],
    twin: "a pipeline that takes its test environment down every night: see twin:environment-teardown",
    cast,
    entities,
    play,
    play_twin: None,
};

/// Backups of each vault that are deleted.
const BACKUPS_PER_VAULT: u32 = 5;
/// Seconds between two deletions, by stealth.
const SECONDS: [i64; 3] = [10, 30, 60];

static ALERT: Detection = Detection {
    product: Product::CloudApps,
    title: "Multiple delete VM activities",
    alert_type: "MCAS_ALERT_ANUBIS_DETECTION_REPEATED_ACTIVITY_DELETE_VM",
    severity: "Medium",
    tactic: "Impact",
    techniques: &[("T1485", "Data Destruction")],
};

fn cast(casting: &mut Casting) -> (Vec<u32>, Vec<u32>) {
    (vec![casting.stolen_admin()], Vec::new())
}

fn machine() -> Endpoint {
    addresses::attacker(11, &HOSTING_PLACES[4])
}

fn entities(tenant: &Tenant, story: &Story) -> Vec<TruthEntity> {
    first_and_address(tenant, story, machine().ip)
}

fn play(scene: &mut Scene, stage: usize) {
    let tenant = scene.tenant;
    match stage {
        0 => entry(scene),
        1 => {
            let assignment = scene.story.random("assignment").guid().to_string().to_ascii_uppercase();
            let subscription = tenant.subscription_resource_id();
            let id = format!("{subscription}/PROVIDERS/MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/{assignment}");
            operate(scene, "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE", id, 2);
        }
        2 => {
            for vault in tenant.resources_of(ResourceKind::KeyVault) {
                let id = format!("{}/PROVIDERS/MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/AUDIT", tenant.resource_id(vault));
                operate(scene, "MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/DELETE", id, 1);
                pause(scene);
            }
        }
        3 => backups(scene),
        _ => machines(scene),
    }
}

fn operate(scene: &mut Scene, name: &'static str, resource_id: String, seconds: i64) {
    let operation = Operation::new(Caller::User(scene.person(0), machine().ip), name, resource_id);
    let operation = Operation { role: "Owner", seconds, ..operation };
    scene.time = azure_operation(scene.tenant, scene.time, &operation, scene.random, scene.traces);
}

fn pause(scene: &mut Scene) {
    scene.wait(SECONDS[usize::from(scene.story.stealth)]);
}

fn entry(scene: &mut Scene) {
    let admin = scene.person(0);
    let stealth = scene.story.stealth;
    let device = if stealth == 0 { &UNREGISTERED_LINUX } else { &UNREGISTERED_CHROME };
    let intruder = Intruder::of(scene, admin, machine(), device);
    for app in [&AZURE_PORTAL, &AZURE_CLI] {
        let event = intruder.event(scene, app);
        let event = SignIn { second_factor: SecondFactor::InToken, ..event };
        if stealth == 0 && app == &AZURE_PORTAL {
            risk(scene, &event, "anomalousToken", 25);
        }
        scene.sign_in(event);
        scene.wait(200);
    }
}

fn backups(scene: &mut Scene) {
    let tenant = scene.tenant;
    for vault in tenant.resources_of(ResourceKind::RecoveryVault) {
        let id = tenant.resource_id(vault);
        let settings = format!("{id}/BACKUPCONFIG/VAULTCONFIG");
        operate(scene, "MICROSOFT.RECOVERYSERVICES/VAULTS/BACKUPCONFIG/WRITE", settings, 1);
        for number in 1..=BACKUPS_PER_VAULT {
            pause(scene);
            let item =
                format!("{id}/BACKUPFABRICS/AZURE/PROTECTIONCONTAINERS/IAASVM{number}/PROTECTEDITEMS/VM{number}");
            let name = "MICROSOFT.RECOVERYSERVICES/VAULTS/BACKUPFABRICS/PROTECTIONCONTAINERS/PROTECTEDITEMS/DELETE";
            operate(scene, name, item, 4);
        }
    }
}

fn machines(scene: &mut Scene) {
    let (tenant, admin) = (scene.tenant, scene.person(0));
    for (kind, name) in [
        (ResourceKind::Machine, "MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE"),
        (ResourceKind::Disk, "MICROSOFT.COMPUTE/DISKS/DELETE"),
    ] {
        for resource in tenant.resources_of(kind) {
            operate(scene, name, tenant.resource_id(resource), 12);
            pause(scene);
        }
    }
    if scene.story.stealth < 2 {
        let text = format!("{} deleted many virtual machines", admin.upn);
        alert(scene, &ALERT, 20, text, vec![Evidence::User(admin), Evidence::Ip(machine().ip)]);
    }
}
