//! The CSV that the portal exports from table SigninLogs: byte order mark, times in American form under `… [UTC]`, dynamic
//! columns as JSON text.

use serde_json::{Value, json};

use crate::output::{Content, csv_line};
use crate::sign_ins::{SignIn, failure_reason};
use crate::tenant::Tenant;
use crate::timestamps;

/// The table.
pub(super) fn table(tenant: &Tenant, sign_ins: &[&SignIn]) -> Content {
    let mut text = String::from("\u{feff}");
    for (number, event) in sign_ins.iter().enumerate() {
        let row = row(tenant, event);
        if number == 0 {
            text.push_str(&csv_line(row.iter().map(|(name, _)| *name)));
        }
        text.push_str(&csv_line(row.iter().map(|(_, value)| value.as_str())));
    }
    Content::new(text, sign_ins.len())
}

fn row(tenant: &Tenant, event: &SignIn) -> Vec<(&'static str, String)> {
    let mut row = outer(tenant, event);
    row.extend(inner(tenant, event));
    row
}

fn outer(tenant: &Tenant, event: &SignIn) -> Vec<(&'static str, String)> {
    vec![
        ("TenantId", tenant.workspace_id.clone()),
        ("SourceSystem", "Azure AD".into()),
        ("TimeGenerated [UTC]", timestamps::portal(event.time)),
        ("ResourceId", format!("/tenants/{}/providers/Microsoft.aadiam", tenant.tenant_id)),
        ("OperationName", "Sign-in activity".into()),
        ("OperationVersion", "1.0".into()),
        ("Category", event.kind.category().into()),
        ("ResultType", event.result.to_string()),
        ("ResultSignature", if event.result == 0 { "SUCCESS" } else { "FAILURE" }.into()),
        ("ResultDescription", failure_reason(event.result).into()),
        ("DurationMs", "0".into()),
        ("CorrelationId", event.correlation_id.clone()),
        ("Resource", "Microsoft.aadiam".into()),
        ("ResourceGroup", "Microsoft.aadiam".into()),
        ("ResourceProvider", String::new()),
        ("Identity", event.principal[0].clone()),
        ("Level", "4".into()),
        ("Location", event.country().into()),
        ("AlternateSignInName", String::new()),
    ]
}

fn inner(tenant: &Tenant, event: &SignIn) -> Vec<(&'static str, String)> {
    let graph = event.graph(tenant, &timestamps::ticks_offset(event.time));
    let text = |name: &str| match graph.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let mfa = graph.get("mfaDetail").cloned().unwrap_or_else(|| json!({}));
    vec![
        ("AppDisplayName", event.app_name.clone()),
        ("AppId", event.app_id.clone()),
        ("AuthenticationDetails", text("authenticationDetails")),
        ("AuthenticationRequirement", event.requirement().into()),
        ("AutonomousSystemNumber", event.from.asn.to_string()),
        ("ClientAppUsed", event.client.into()),
        ("ConditionalAccessPolicies", event.policies(tenant).to_string()),
        ("ConditionalAccessStatus", event.conditional_access().into()),
        ("CreatedDateTime [UTC]", timestamps::portal(event.time)),
        ("CrossTenantAccessType", text("crossTenantAccessType")),
        ("DeviceDetail", event.device_detail().to_string()),
        ("IsInteractive", "true".into()),
        ("Id", event.id.clone()),
        ("IPAddress", event.from.ip.clone()),
        ("LocationDetails", event.location().to_string()),
        ("MfaDetail", mfa.to_string()),
        ("NetworkLocationDetails", text("networkLocationDetails")),
        ("OriginalRequestId", event.id.clone()),
        ("ProcessingTimeInMilliseconds", event.processing_milliseconds.to_string()),
        ("RiskDetail", "none".into()),
        ("RiskEventTypes_V2", "[]".into()),
        ("RiskLevelAggregated", "none".into()),
        ("RiskLevelDuringSignIn", "none".into()),
        ("RiskState", "none".into()),
        ("ResourceDisplayName", event.resource.1.into()),
        ("ResourceIdentity", event.resource.0.into()),
        ("ServicePrincipalId", String::new()),
        ("Status", event.status().to_string()),
        ("TokenIssuerType", "AzureAD".into()),
        ("UserAgent", event.device.user_agent.into()),
        ("UserDisplayName", event.principal[0].clone()),
        ("UserId", event.principal[2].clone()),
        ("UserPrincipalName", event.principal[1].clone()),
        ("AADTenantId", tenant.tenant_id.clone()),
        ("UserType", if event.guest { "Guest" } else { "Member" }.into()),
        ("FlaggedForReview", "false".into()),
        ("ResourceTenantId", tenant.tenant_id.clone()),
        ("HomeTenantId", event.home_tenant(tenant)),
        ("Type", "SigninLogs".into()),
    ]
}
