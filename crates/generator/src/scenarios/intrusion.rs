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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GenerateOptions;
    use crate::engine::Traces;
    use crate::random::Random;
    use crate::records::{Record, Windows};
    use crate::tenant::Tenant;

    /// The number of the story of scenario `id`, which gets the stealth `stealth`.
    fn played(tenant: &mut Tenant, id: &str, stealth: u8) -> usize {
        let at = tenant.stories.iter().position(|story| story.scenario.id == id).expect("a story");
        tenant.stories[at].stealth = stealth;
        at
    }

    fn stage<'t>(tenant: &'t Tenant, story: usize, stage: usize) -> Traces<'t> {
        let (mut random, mut traces) = (Random::stream(1, "stage", stage as u64), Traces::default());
        let story = &tenant.stories[story];
        let mut scene = Scene { tenant, story, time: tenant.options.start, random: &mut random, traces: &mut traces };
        (story.scenario.play)(&mut scene, stage);
        traces
    }

    fn windows<'a, 't>(traces: &'a Traces<'t>, event_id: u32) -> Vec<&'a Windows<'t>> {
        let event = |record: &'a Record<'t>| match record {
            Record::Windows(event) if event.layout.event_id == event_id => Some(event),
            _ => None,
        };
        traces.iter().filter_map(|trace| event(&trace.record)).collect()
    }

    fn values(events: &[&Windows], name: &str) -> Vec<String> {
        events.iter().map(|event| event.value(name).expect("a field")).collect()
    }

    #[test]
    fn replication_happens_in_the_session_of_the_logon_before() {
        let mut tenant = Tenant::invent(&GenerateOptions { users: 200, ..GenerateOptions::default() });
        for stealth in 0..3 {
            let story = played(&mut tenant, "dcsync", stealth);
            let traces = stage(&tenant, story, 0);
            let (logon, access) = (windows(&traces, 4624), windows(&traces, 4662));
            let session = values(&logon, "TargetLogonId");
            assert!(access.len() >= 2 && values(&access, "SubjectLogonId").iter().all(|id| *id == session[0]));
            assert!(values(&access, "Properties").iter().any(|right| right.contains("1131f6ad-")));
            assert_eq!(session.len(), 1);
        }
    }

    #[test]
    fn a_service_is_installed_in_a_network_session_within_seconds() {
        let mut tenant = Tenant::invent(&GenerateOptions { users: 200, ..GenerateOptions::default() });
        for (stealth, hops) in [(0, 0), (1, 1), (2, 2)] {
            let story = played(&mut tenant, "lateral-movement", stealth);
            let traces = stage(&tenant, story, hops);
            let session = values(&windows(&traces, 4624), "TargetLogonId");
            assert_eq!(values(&windows(&traces, 4697), "SubjectLogonId"), session);
            let pipes = values(&windows(&traces, 5145), "RelativeTargetName");
            assert!(pipes.contains(&"svcctl".to_owned()), "{pipes:?}");
            assert_eq!(windows(&traces, 7045).len(), 1);
            let times: Vec<_> = traces
                .iter()
                .map(|trace| trace.time)
                .filter(|time| *time < tenant.options.start + TimeDelta::seconds(2))
                .collect();
            assert!(times.len() > 8, "{times:?}");
        }
    }

    #[test]
    fn the_forged_ticket_was_never_given() {
        let mut tenant = Tenant::invent(&GenerateOptions { users: 200, ..GenerateOptions::default() });
        let story = played(&mut tenant, "kerberoast-to-cloud", 2);
        let roasted = stage(&tenant, story, 0);
        let tickets = windows(&roasted, 4769);
        assert!(tickets.len() >= 3 && values(&tickets, "TicketEncryptionType").iter().all(|cipher| cipher == "0x17"));
        let forged = stage(&tenant, story, 3);
        assert!(windows(&forged, 4768).is_empty() && !windows(&forged, 4769).is_empty());
        assert!(forged.iter().any(|trace| trace.record.log() == "SecurityAlert"));
        assert_eq!(windows(&stage(&tenant, story, 4), 1102).len(), 1);
        let cloud: Vec<_> = stage(&tenant, story, 6).iter().map(|trace| trace.record.log()).collect();
        assert!(cloud.contains(&"ServicePrincipalSignInLogs") && cloud.contains(&"AuditLogs"));
    }

    #[test]
    fn zerologon_is_a_change_of_the_controller_by_nobody() {
        let mut tenant = Tenant::invent(&GenerateOptions { users: 200, ..GenerateOptions::default() });
        let story = played(&mut tenant, "zerologon", 1);
        let traces = stage(&tenant, story, 0);
        let changes = windows(&traces, 4742);
        assert_eq!(values(&changes, "SubjectUserName"), ["ANONYMOUS LOGON"]);
        assert_eq!(values(&changes, "TargetUserName"), ["DC02$"]);
        assert!(windows(&traces, 5805).len() > 5);
        let replicated = stage(&tenant, story, 1);
        assert!(values(&windows(&replicated, 4662), "SubjectUserName").iter().all(|name| name == "DC02$"));
    }
}
