//! The provisioning service copies an account from one system to another.

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::Traces;
use crate::json::{self, Json};
use crate::random::Random;
use crate::records::{Field, Log, Record, Row};
use crate::tenant::Tenant;
use crate::tenant::people::User;

/// From where to where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Connection {
    pub(crate) source: &'static str,
    pub(crate) target: &'static str,
    /// Name of the job's template.
    pub(crate) job: &'static str,
}

/// This directory as one end of a connection.
const ENTRA: &str = "Microsoft Entra ID";
/// From the personnel system into the directory.
pub(crate) static PERSONNEL: Connection =
    Connection { source: "Brightwater HR", target: ENTRA, job: "BrightwaterHr2Entra" };
/// From the directory into applications.
pub(crate) static APPLICATIONS: [Connection; 3] = [
    Connection { source: ENTRA, target: "Northlight Expenses", job: "northlight" },
    Connection { source: ENTRA, target: "Redwood CRM", job: "redwood" },
    Connection { source: ENTRA, target: "Kestrel Support Desk", job: "kestrel" },
];

/// What is done, and how it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Provisioning {
    /// `create`, `update`, `disable`, `other`.
    pub(crate) action: &'static str,
    /// `success`, `skipped`, `failure`.
    pub(crate) status: &'static str,
}

/// `user` is copied at `time`.
pub(crate) fn provisioning<'t>(
    tenant: &Tenant,
    time: DateTime<Utc>,
    user: &'t User,
    (connection, done): (&Connection, Provisioning),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let job = tenant.random(connection.job, 0).guid();
    let id = random.guid();
    let milliseconds = random.between(200, 3_000);
    let object = |fill: &dyn Fn(&mut Json)| {
        let mut text = String::new();
        json::object(&mut text, |json| fill(json));
        Field::Json(text.into())
    };
    let system = |name: &'static str| {
        let system = tenant.random(name, 1).guid();
        object(&|json| {
            json.plain("id", system);
            json.text("displayName", name);
        })
    };
    let person = |known: bool, system: &'static str| {
        let identity = tenant.random(system, u64::from(user.number) + 2).guid();
        object(&|json| {
            let inside = system == ENTRA;
            json.plain("id", if inside { user.object_id } else { identity });
            json.text("displayName", if known { &user.display_name } else { "" });
            json.text("identityType", "User");
        })
    };
    let fields: Vec<(&'static str, Field<'t>)> = vec![
        ("id", id.into()),
        ("activityDateTime", time.into()),
        ("tenantId", tenant.tenant_id.into()),
        ("jobId", format!("{}.{}", connection.job, job).into()),
        ("cycleId", random.guid().into()),
        ("changeId", random.guid().into()),
        ("action", done.action.into()),
        ("provisioningAction", done.action.into()),
        ("durationInMilliseconds", milliseconds.into()),
        ("servicePrincipal", system(if connection.source == ENTRA { connection.target } else { connection.source })),
        ("sourceSystem", system(connection.source)),
        ("targetSystem", system(connection.target)),
        (
            "initiatedBy",
            object(&|json| {
                json.plain("id", tenant.tenant_id);
                json.text("displayName", "Azure AD Provisioning Service");
                json.text("initiatorType", "system");
            }),
        ),
        ("sourceIdentity", person(true, connection.source)),
        ("targetIdentity", person(done.status == "success", connection.target)),
        ("provisioningStatusInfo", object(&|json| status(json, done))),
        ("provisioningSteps", steps(done)),
        ("modifiedProperties", Field::Json("[]".into())),
    ];
    let row = Row { log: Log::Entra("ProvisioningLogs"), id: id.to_string().into(), fields };
    traces.push(time, TimeDelta::seconds(random.between(120, 900)), Record::Row(row));
}

fn status(json: &mut Json, done: Provisioning) {
    json.text("status", done.status);
    match done.status {
        "failure" => json.object("errorInformation", |json| {
            json.text("errorCode", "SystemForCrossDomainIdentityManagementServiceIncompatible");
            json.text("reason", "The application answered with an error; the change is tried again in the next cycle.");
        }),
        _ => json.null("errorInformation"),
    }
}

fn steps(done: Provisioning) -> Field<'static> {
    let mut text = String::new();
    json::array(&mut text, |list| {
        for (name, kind) in [("EntryImport", "import"), ("EntryScoping", "scoping"), ("EntryExport", "export")] {
            let ends = kind == "export";
            if ends && done.status == "skipped" {
                continue;
            }
            list.item_object(|json| {
                json.text("name", name);
                json.text("provisioningStepType", kind);
                json.text("status", if ends { done.status } else { "success" });
            });
        }
    });
    Field::Json(text.into())
}
