//! The forms in which exports carry the records. Each record is written in exactly one of them.

mod azure;
mod diagnostic;
mod directory;
mod entra;
mod framing;
mod graph;
mod hunting;
mod log_analytics;
mod log_analytics_rows;
mod management_activity;
mod nxlog;
mod proxy;
mod search_unified_audit;
#[cfg(test)]
mod sign_in_anchors;
mod sign_in_details;
mod winlogbeat;

use std::sync::Arc;

pub(crate) use framing::FormFraming;
pub(crate) use management_activity::object as unified_audit_object;

use crate::engine::Trace;
use crate::options::Envelope;
use crate::random::Random;
use crate::records::{Log, Record, SignInKind};
use crate::tenant::Tenant;
use crate::tenant::calendar::jitter;

/// How the records of a log are written.
pub(crate) struct Form {
    /// Beginning of the files' paths; a form has a stem of its own.
    pub(crate) stem: &'static str,
    /// End of the files' paths.
    pub(crate) extension: &'static str,
    pub(crate) framing: FormFraming,
    /// Appends one record, without the framing.
    pub(crate) write: fn(&mut String, &Tenant, &Trace),
}

/// Minute of the day (UTC) after which exports of the directories are named.
pub(crate) const SNAPSHOT_MINUTE: i64 = 120;
/// What stands for the moment of an export in a form's stem.
pub(crate) const MOMENT: &str = "{moment}";

/// Days (from 0) whose interactive sign-ins come from Microsoft Graph and from Log Analytics, and whose unified audit comes
/// from Search-UnifiedAuditLog, in mixed exports. All others come from the diagnostic settings and the management API.
const GRAPH_DAY: i64 = 1;
const PORTAL_DAY: i64 = 3;
const SEARCH_DAY: i64 = 1;

/// The form of `trace`, which arrives on `day`, and the part of the log that has files of its own.
pub(crate) fn form_of(tenant: &Tenant, trace: &Trace, day: i64) -> (&'static Form, &'static str) {
    let mixed = tenant.options.envelope == Envelope::Mixed;
    let in_graph = tenant.options.envelope == Envelope::Graph || (mixed && day == GRAPH_DAY);
    let in_portal = tenant.options.envelope == Envelope::Portal || (mixed && day == PORTAL_DAY);
    match &trace.record {
        Record::SignIn(sign_in) => match sign_in.kind {
            SignInKind::Interactive if in_graph => (&graph::SIGN_INS, ""),
            SignInKind::Interactive if in_portal => (&log_analytics::SIGN_INS, ""),
            SignInKind::Interactive => (&diagnostic::INTERACTIVE, ""),
            SignInKind::NonInteractive => (&diagnostic::NON_INTERACTIVE, ""),
            SignInKind::ServicePrincipal => (&diagnostic::SERVICE_PRINCIPALS, ""),
            SignInKind::ManagedIdentity => (&diagnostic::MANAGED_IDENTITIES, ""),
        },
        Record::Audit(_) => (&diagnostic::AUDIT, ""),
        Record::Office(_) => {
            let searched = tenant.options.envelope == Envelope::Portal || (mixed && day == SEARCH_DAY);
            (if searched { &search_unified_audit::FORM } else { &management_activity::FORM }, "")
        }
        Record::Windows(event) => {
            // The second controller ships its logs with Winlogbeat, all other computers with NXLog.
            let beat = match tenant.options.envelope {
                Envelope::Graph => true,
                Envelope::Diagnostic => false,
                _ => event.host.number == 1,
            };
            (if beat { &winlogbeat::FORM } else { &nxlog::FORM }, "")
        }
        Record::Row(row) => match row.log {
            Log::Hunting(table) => (&hunting::FORM, table),
            Log::SecurityAlert => (&log_analytics_rows::FORM, row.log.name()),
            Log::Directory(name) => directory::form(name).map_or((&log_analytics_rows::FORM, name), |form| (form, "")),
            Log::Proxy => (&proxy::FORM, ""),
            Log::Entra(category) => (&entra::FORM, category),
            Log::AzureActivity => (&azure::ACTIVITY, ""),
            Log::AzureDiagnostics => (&azure::RESOURCES, ""),
        },
    }
}

/// Of 1,000 unified audit records, how many the export holds once, twice, three and four times: 1.79 copies on average, as
/// measured in the Invictus data.
const COPIES: [u64; 4] = [480, 320, 130, 70];
/// Of 1,000 repetitions, how many come within the first, the second and the third of [`REPEATED_WITHIN`], in minutes.
const REPEATED: [u64; 3] = [600, 300, 100];
const REPEATED_WITHIN: [u64; 3] = [90, 6 * 60, 26 * 60];

/// What the export repeats of `trace`: the API delivers blobs again, minutes to a day later.
pub(crate) fn repetitions<'t>(tenant: &Tenant, trace: &Trace<'t>) -> Vec<Trace<'t>> {
    let Record::Office(office) = &trace.record else { return Vec::new() };
    let mut random = Random::stream(tenant.options.seed, "repetitions", office.id.low());
    let copies = random.weighted(&COPIES);
    let repeat = |_| Trace {
        time: trace.time,
        arrival: {
            let within = REPEATED_WITHIN[random.weighted(&REPEATED)];
            jitter(trace.arrival, 60 * within, &mut random)
        },
        repeated: true,
        mark: trace.mark,
        record: Record::Office(Arc::clone(office)),
    };
    (0..copies).map(repeat).collect()
}
