//! The forms in which exports carry the events. Each event is written in exactly one of them.

mod diagnostic;
mod graph;
mod log_analytics;
mod management_activity;
mod nxlog;
mod search_unified_audit;
mod winlogbeat;

use chrono::{DateTime, TimeDelta, Utc};

use crate::GenerateError;
use crate::directory::CONTROLLERS;
use crate::events::Events;
use crate::output::Output;
use crate::sign_ins::{SignIn, SignInKind};
use crate::tenant::Tenant;
use crate::timestamps;

/// Days (from 0) whose interactive sign-ins come from Microsoft Graph and from Log Analytics, and whose unified audit comes
/// from Search-UnifiedAuditLog. All others come from the diagnostic settings and the management API.
const GRAPH_DAY: u32 = 1;
const LOG_ANALYTICS_DAY: u32 = 3;
const SEARCH_DAY: u32 = 1;

/// Writes all events.
pub(crate) fn write(tenant: &Tenant, events: &Events, output: &mut Output) -> Result<(), GenerateError> {
    for day in 0..tenant.options.days {
        let (from, until) = (tenant.day(day), tenant.day(day) + TimeDelta::days(1));
        let date = timestamps::date(from);
        let today = |time: DateTime<Utc>| from <= time && time < until;
        let sign_ins = |kind| -> Vec<&SignIn> {
            events.sign_ins.iter().filter(|event| event.kind == kind && today(event.time)).collect()
        };

        let interactive = sign_ins(SignInKind::Interactive);
        match day {
            GRAPH_DAY => {
                output.plain(&format!("entra/graph-signins-{date}.json"), graph::page(tenant, &interactive))?
            }
            LOG_ANALYTICS_DAY => {
                output.plain(&format!("entra/SigninLogs-{date}.csv"), log_analytics::table(tenant, &interactive))?
            }
            _ => output
                .gzip(&format!("entra/signins-{date}.ndjson.gz"), diagnostic::sign_in_lines(tenant, &interactive))?,
        }
        let background = sign_ins(SignInKind::NonInteractive);
        output
            .gzip(&format!("entra/noninteractive-{date}.json.gz"), diagnostic::sign_in_wrapper(tenant, &background))?;
        let workloads = sign_ins(SignInKind::ServicePrincipal);
        output.gzip(
            &format!("entra/serviceprincipals-{date}.ndjson.gz"),
            diagnostic::sign_in_lines(tenant, &workloads),
        )?;

        let audit: Vec<_> = events.audit.iter().filter(|event| today(event.time)).collect();
        output.gzip(&format!("entra/audit-{date}.ndjson.gz"), diagnostic::audit_lines(tenant, &audit))?;

        let unified: Vec<_> = events.unified_audit.iter().filter(|record| today(record.time)).collect();
        let unified = management_activity::repeated(&unified);
        if day == SEARCH_DAY {
            let table = search_unified_audit::table(tenant, &unified);
            output.plain(&format!("o365/Search-UnifiedAuditLog-{date}.csv"), table)?;
        } else {
            output.gzip(&format!("o365/audit-general-{date}.json.gz"), management_activity::blob(&unified))?;
        }

        // The second controller ships its logs with Winlogbeat, all other servers with NXLog.
        let beat = CONTROLLERS[1].host();
        let (beats, others): (Vec<_>, Vec<_>) =
            events.windows.iter().filter(|event| today(event.time)).partition(|event| event.host == beat);
        output.zip(&format!("windows/nxlog-{date}.zip"), &format!("servers-{date}.json"), nxlog::lines(&others))?;
        output.gzip(&format!("windows/winlogbeat-{date}.ndjson.gz"), winlogbeat::lines(&beats))?;
    }
    Ok(())
}
