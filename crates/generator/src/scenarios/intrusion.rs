//! What attacks on the domain have in common: hops from computer to computer, theft of the directory, alerts of the sensors.

use chrono::{DateTime, TimeDelta, Utc};

use super::Scene;
use crate::acts::domain::endpoint::Program;
use crate::acts::domain::remote_service::{RemoteService, install};
use crate::acts::domain::replication::replicate;
use crate::acts::domain::{Caller, identity_rows};
use crate::acts::product_alert::{Detection, Evidence, Product, ProductAlert, product_alert};
use crate::records::Session;
use crate::records::windows::directory_access::ReplicationRight;
use crate::tenant::computers::Computer;

/// Minutes until Defender raises an alert.
const ALERT_MINUTES: (i64, i64) = (3, 12);

/// Defender for Endpoint's alert about a service that came over the network.
pub(super) static REMOTE_SERVICE: Detection = Detection {
    product: Product::DefenderForEndpoint,
    title: "Suspicious service launched",
    alert_type: "WindowsDefenderAtp",
    severity: "Medium",
    tactic: "LateralMovement",
    techniques: &[
        ("T1021", "Remote Services"),
        ("T1021.002", "SMB/Windows Admin Shares"),
        ("T1569", "System Services"),
        ("T1569.002", "Service Execution"),
    ],
};

/// Defender for Identity's alert about replication by somebody who is no controller (external id 2006).
pub(super) static REPLICATION: Detection = Detection {
    product: Product::DefenderForIdentity,
    title: "Suspected DCSync attack (replication of directory services)",
    alert_type: "DirectoryServicesReplicationSecurityAlert",
    severity: "High",
    tactic: "CredentialAccess",
    techniques: &[("T1003", "OS Credential Dumping"), ("T1003.006", "DCSync")],
};

/// `detection` is raised some minutes after the scene's present moment, about what began at `began`.
pub(super) fn raise<'t>(
    scene: &mut Scene<'_, 't>,
    detection: &'static Detection,
    (began, description): (DateTime<Utc>, String),
    evidence: Vec<Evidence<'t>>,
) {
    let ended = scene.time;
    let time = ended + TimeDelta::seconds(scene.random.between(ALERT_MINUTES.0 * 60, ALERT_MINUTES.1 * 60));
    let alert = ProductAlert { detection, description, began, ended, evidence };
    product_alert(time, &alert, scene.random, scene.traces);
}

/// A computer as evidence.
pub(super) fn host(computer: &Computer) -> Evidence<'_> {
    Evidence::Host(computer.name.as_str().into(), computer.key)
}

/// `caller` runs a program on `target` by installing a service, in a way that depends on how well the attacker hides.
pub(super) fn hop<'t>(scene: &mut Scene<'_, 't>, caller: Caller<'t>, target: &'t Computer) -> Session<'t> {
    const COMMAND: &str = "%COMSPEC% /Q /c echo whoami ^> \\\\127.0.0.1\\C$\\__output 2^>^&1 > %TEMP%\\execute.bat & %COMSPEC% /Q /c %TEMP%\\execute.bat";
    let program = |file, folder, command_line| Program {
        file,
        folder,
        command_line,
        parent: "services.exe",
        parent_command_line: "services.exe",
    };
    let service = match scene.story.stealth {
        0 => RemoteService {
            name: "BTOBTO".into(),
            image: COMMAND.into(),
            copied: None,
            runs: program("cmd.exe", "C:\\Windows\\System32\\cmd.exe", COMMAND),
        },
        1 => {
            let name = scene.random.code(8);
            let file = format!("{}.exe", scene.random.code(8));
            RemoteService {
                image: format!("%systemroot%\\{file}").into(),
                name: name.into(),
                copied: Some(file.into()),
                runs: program(
                    "rundll32.exe",
                    "C:\\Windows\\System32\\rundll32.exe",
                    "C:\\Windows\\System32\\rundll32.exe",
                ),
            }
        }
        _ => RemoteService {
            name: "Remote Print Helper".into(),
            image: "C:\\Windows\\System32\\prnhelper.exe".into(),
            copied: Some("System32\\prnhelper.exe".into()),
            runs: program(
                "prnhelper.exe",
                "C:\\Windows\\System32\\prnhelper.exe",
                "C:\\Windows\\System32\\prnhelper.exe",
            ),
        },
    };
    install(scene.time, (caller, target), &service, scene.random, scene.traces)
}

/// `caller` replicates the secrets of the whole directory from `controller`.
pub(super) fn steal_directory<'t>(scene: &mut Scene<'_, 't>, caller: Caller<'t>, controller: &'t Computer) {
    use ReplicationRight::{Changes, ChangesAll, FilteredSet};
    // Who takes one account's secrets asks once; who takes all asks for each.
    let rights: &[ReplicationRight] = match scene.story.stealth {
        0 => &[Changes, Changes, ChangesAll, FilteredSet, Changes, ChangesAll],
        1 => &[Changes, Changes, ChangesAll],
        _ => &[Changes, ChangesAll],
    };
    replicate(scene.time, (caller, controller), rights, scene.random, scene.traces);
    let action = ("Directory Services replication", None);
    identity_rows::directory(scene.time, &caller, action, &[("ARG.TASK", "Replication")], scene.random, scene.traces);
}
