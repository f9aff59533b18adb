//! The CSV that the portal exports from table SigninLogs: byte order mark, times in American form under `… [UTC]`, dynamic
//! columns as JSON text.

use super::framing::csv_field;
use super::{Form, FormFraming, diagnostic, graph};
use crate::engine::Trace;
use crate::json;
use crate::records::{Identity, Record, SecondFactor, SignIn, failure_reason};
use crate::tenant::Tenant;
use crate::tenant::devices::user_agent;
use crate::timestamps;

/// The export of a day.
pub(super) static SIGN_INS: Form =
    Form { stem: "entra/SigninLogs", extension: ".csv", framing: FormFraming::Csv(header), write };

/// A column: its name, and what appends its value to an empty text.
type Column = (&'static str, fn(&mut String, &Cell));

/// What a value is made from.
struct Cell<'a, 't> {
    tenant: &'a Tenant,
    trace: &'a Trace<'t>,
    event: &'a SignIn<'t>,
}

static COLUMNS: [Column; 57] = [
    ("TenantId", |text, cell| cell.tenant.workspace_id.push(text)),
    ("SourceSystem", |text, _| text.push_str("Azure AD")),
    ("TimeGenerated [UTC]", |text, cell| timestamps::portal(text, cell.trace.time)),
    ("ResourceId", |text, cell| diagnostic::resource_id(text, cell.tenant)),
    ("OperationName", |text, _| text.push_str("Sign-in activity")),
    ("OperationVersion", |text, _| text.push_str("1.0")),
    ("Category", |text, cell| text.push_str(cell.event.kind.category())),
    ("ResultType", |text, cell| text.push_str(&cell.event.result.to_string())),
    ("ResultSignature", |text, cell| text.push_str(if cell.event.result == 0 { "SUCCESS" } else { "FAILURE" })),
    ("ResultDescription", |text, cell| text.push_str(failure_reason(cell.event.result))),
    ("DurationMs", |text, _| text.push('0')),
    ("CorrelationId", |text, cell| cell.event.correlation_id.push(text)),
    ("Resource", |text, _| text.push_str("Microsoft.aadiam")),
    ("ResourceGroup", |text, _| text.push_str("Microsoft.aadiam")),
    ("ResourceProvider", |_, _| {}),
    ("Identity", |text, cell| text.push_str(display_name(cell.event))),
    ("Level", |text, _| text.push('4')),
    ("Location", |text, cell| text.push_str(cell.event.from.place.country)),
    ("AlternateSignInName", |_, _| {}),
    ("AppDisplayName", |text, cell| text.push_str(&cell.event.app_name)),
    ("AppId", |text, cell| text.push_str(&cell.event.app_id)),
    ("AuthenticationDetails", |text, cell| {
        graph::authentication_details(text, cell.event, cell.trace.time, timestamps::ticks_offset);
    }),
    ("AuthenticationRequirement", |text, cell| text.push_str(cell.event.requirement())),
    ("AutonomousSystemNumber", |text, cell| text.push_str(&cell.event.from.asn.to_string())),
    ("ClientAppUsed", |text, cell| text.push_str(cell.event.client)),
    ("ConditionalAccessPolicies", |text, cell| graph::policies(text, cell.tenant, cell.event)),
    ("ConditionalAccessStatus", |text, cell| text.push_str(cell.event.conditional_access())),
    ("CreatedDateTime [UTC]", |text, cell| timestamps::portal(text, cell.trace.time)),
    ("CrossTenantAccessType", |text, cell| {
        text.push_str(if cell.event.is_guest() { "b2bCollaboration" } else { "none" });
    }),
    ("DeviceDetail", |text, cell| graph::device_detail(text, cell.event, cell.trace.time)),
    ("IsInteractive", |text, _| text.push_str("true")),
    ("Id", |text, cell| cell.event.id.push(text)),
    ("IPAddress", |text, cell| text.push_str(&cell.event.from.ip.to_string())),
    ("LocationDetails", |text, cell| graph::location(text, cell.event)),
    ("MfaDetail", |text, cell| {
        json::object(text, |json| {
            if cell.event.second_factor == SecondFactor::Done {
                json.text("authMethod", "Mobile app notification");
            }
        });
    }),
    ("NetworkLocationDetails", |text, cell| graph::network(text, cell.event)),
    ("OriginalRequestId", |text, cell| cell.event.id.push(text)),
    ("ProcessingTimeInMilliseconds", |text, cell| text.push_str(&cell.event.processing_milliseconds.to_string())),
    ("RiskDetail", |text, _| text.push_str("none")),
    ("RiskEventTypes_V2", |text, cell| graph::risk_events(text, cell.event)),
    ("RiskLevelAggregated", |text, cell| text.push_str(cell.event.risk)),
    ("RiskLevelDuringSignIn", |text, cell| text.push_str(cell.event.risk)),
    ("RiskState", |text, cell| text.push_str(if cell.event.risk == "none" { "none" } else { "atRisk" })),
    ("ResourceDisplayName", |text, cell| text.push_str(cell.event.resource.1)),
    ("ResourceIdentity", |text, cell| text.push_str(cell.event.resource.0)),
    ("ServicePrincipalId", |_, _| {}),
    ("Status", |text, cell| graph::status(text, cell.event)),
    ("TokenIssuerType", |text, _| text.push_str("AzureAD")),
    ("UserAgent", |text, cell| {
        text.push_str(&user_agent(cell.event.device.platform, cell.event.agent, cell.trace.time));
    }),
    ("UserDisplayName", |text, cell| text.push_str(display_name(cell.event))),
    ("UserId", |text, cell| {
        if let Some(user) = cell.event.user() {
            user.object_id.push(text);
        }
    }),
    ("UserPrincipalName", |text, cell| text.push_str(cell.event.user().map_or("", |user| &user.upn))),
    ("AADTenantId", |text, cell| cell.tenant.tenant_id.push(text)),
    ("UserType", |text, cell| text.push_str(if cell.event.is_guest() { "Guest" } else { "Member" })),
    ("FlaggedForReview", |text, _| text.push_str("false")),
    ("HomeTenantId", |text, cell| graph::home_tenant(text, cell.tenant, cell.event)),
    ("Type", |text, _| text.push_str("SigninLogs")),
];

fn header() -> String {
    let mut text = String::from("\u{feff}");
    COLUMNS.iter().for_each(|(name, _)| csv_field(&mut text, name));
    text.push_str("\r\n");
    text
}

fn write(text: &mut String, tenant: &Tenant, trace: &Trace) {
    let Record::SignIn(event) = &trace.record else { return };
    let cell = Cell { tenant, trace, event };
    let mut value = String::new();
    for (index, (_, append)) in COLUMNS.iter().enumerate() {
        value.clear();
        append(&mut value, &cell);
        if index > 0 && value.is_empty() {
            text.push(',');
        } else {
            csv_field(text, &value);
        }
    }
    text.push_str("\r\n");
}

fn display_name<'a>(event: &'a SignIn) -> &'a str {
    match &event.identity {
        Identity::User(user) => &user.display_name,
        Identity::Workload(workload) => &workload.name,
        Identity::Program { name, .. } => name,
    }
}
