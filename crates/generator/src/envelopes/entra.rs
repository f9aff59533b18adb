//! Diagnostic settings of Entra ID for the categories beside sign-ins and audit: the row is `properties`.

use super::diagnostic::outer;
use super::{Form, FormFraming};
use crate::engine::Trace;
use crate::json;
use crate::records::{Log, Record};
use crate::tenant::Tenant;

/// The rows of a category.
pub(super) static FORM: Form = Form { stem: "entra/", extension: ".ndjson.gz", framing: FormFraming::Lines, write };

/// What the service calls the records of a category.
fn operation(category: &str) -> &'static str {
    match category {
        "ProvisioningLogs" => "Provisioning activity",
        "UserRiskEvents" => "User Risk Detection",
        "RiskyUsers" => "Risky user",
        "ServicePrincipalRiskEvents" => "Service principal risk detection",
        "RiskyServicePrincipals" => "Risky service principal",
        "MicrosoftGraphActivityLogs" => "Microsoft Graph Activity",
        _ => "Activity",
    }
}

fn write(text: &mut String, tenant: &Tenant, trace: &Trace) {
    let Record::Row(row) = &trace.record else { return };
    let Log::Entra(category) = row.log else { return };
    json::object(text, |json| {
        outer(json, tenant, trace.time, operation(category), category);
        json.text("resultSignature", "None");
        json.text("correlationId", &row.id);
        json.value("Level", 4);
        json.object("properties", |json| {
            for (name, value) in &row.fields {
                value.push_json(json.key(name));
            }
        });
    });
}
