//! Says what a record is that no decoder knows.

use crate::decoder::Record;

/// Fields named in a reason.
const NAMED_FIELDS: usize = 6;

/// Longest text of the record that a reason repeats.
const QUOTED_CHARACTERS: usize = 60;

/// Entra log categories without a decoder.
const ENTRA_CATEGORIES: [&str; 10] = [
    "UserRiskEvents",
    "RiskyUsers",
    "ServicePrincipalRiskEvents",
    "RiskyServicePrincipals",
    "ProvisioningLogs",
    "MicrosoftGraphActivityLogs",
    "NetworkAccessTrafficLogs",
    "EnrichedOffice365AuditLogs",
    "CustomSecurityAttributeAuditLogs",
    "B2CRequestLogs",
];

/// Why the record was not decoded: which known log it is, or what its fields are.
pub(crate) fn describe(record: &Record) -> String {
    let object = &record.object;
    let text = |name: &str| object.get_ignore_case(name).and_then(|value| value.as_str().map(|text| shorten(&text)));
    if let Some(category) = text("category") {
        if ENTRA_CATEGORIES.contains(&category.as_str()) {
            return format!("Entra `{category}` records are not decoded yet");
        }
        if category.starts_with("AdvancedHunting-") {
            return format!("Defender `{category}` records are not decoded yet");
        }
        if object.get_ignore_case("resourceId").is_some() || object.get_ignore_case("subscriptionId").is_some() {
            return format!("Azure resource or activity log records of category `{category}` are not decoded yet");
        }
    }
    if object.has("riskEventType") || object.has("riskType") {
        return "Entra risk detection records of Graph are not decoded yet".to_owned();
    }
    if object.has("authorization") && object.has("operationName") {
        return "Azure activity log records are not decoded yet".to_owned();
    }
    if let Some(table) = text("Type").or_else(|| text("$table")).filter(|_| object.has("TimeGenerated")) {
        return format!("no built-in table is named `{table}`");
    }
    let fields: Vec<String> = object.iter().take(NAMED_FIELDS).map(|(name, _)| shorten(name)).collect();
    let more = if object.len() > NAMED_FIELDS { ", …" } else { "" };
    format!("no decoder for records with fields `{}{more}`", fields.join(", "))
}

fn shorten(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(QUOTED_CHARACTERS).collect()
}
