//! Sign-ins and audit as the Entra admin center downloads them as CSV: columns under the names of its pages.
//!
//! The downloads of interactive and other user sign-ins have the same columns, and no column says which they are: both go to
//! `SigninLogs`.

use serde_json::{Map, Value, json};

use crate::decoder::Record;
use crate::entra::translated::{Dialect, put};
use crate::json::{JsonObject, JsonValue};

/// Column of a download of sign-ins, and the place in Graph's `signIn`.
const SIGN_IN_COLUMNS: [(&str, &str); 54] = [
    ("Date", "createdDateTime"),
    ("Request ID", "id"),
    ("User agent", "userAgent"),
    ("Correlation ID", "correlationId"),
    ("User ID", "userId"),
    ("User", "userDisplayName"),
    ("Username", "userPrincipalName"),
    ("User type", "userType"),
    ("Cross tenant access type", "crossTenantAccessType"),
    ("Incoming token type", "incomingTokenType"),
    ("Authentication Protocol", "authenticationProtocol"),
    ("Unique token identifier", "uniqueTokenIdentifier"),
    ("Original transfer method", "originalTransferMethod"),
    ("Client credential type", "clientCredentialType"),
    ("Token Protection - Sign In Session", "tokenProtectionStatusDetails.signInSessionStatus"),
    ("Token Protection - Sign In Session StatusCode", "tokenProtectionStatusDetails.signInSessionStatusCode"),
    ("Application", "appDisplayName"),
    ("Application ID", "appId"),
    ("App owner tenant ID", "appOwnerTenantId"),
    ("Resource", "resourceDisplayName"),
    ("Resource ID", "resourceId"),
    ("Resource tenant ID", "resourceTenantId"),
    ("Resource owner tenant ID", "resourceOwnerTenantId"),
    ("Home tenant ID", "homeTenantId"),
    ("Home tenant name", "homeTenantName"),
    ("IP address", "ipAddress"),
    ("Sign-in error code", "status.errorCode"),
    ("Failure reason", "status.failureReason"),
    ("Client app", "clientAppUsed"),
    ("Device ID", "deviceDetail.deviceId"),
    ("Browser", "deviceDetail.browser"),
    ("Operating System", "deviceDetail.operatingSystem"),
    ("Compliant", "deviceDetail.isCompliant"),
    ("Managed", "deviceDetail.isManaged"),
    ("Join Type", "deviceDetail.trustType"),
    ("Multifactor authentication result", "status.additionalDetails"),
    ("MFA result", "status.additionalDetails"),
    ("Multifactor authentication auth method", "mfaDetail.authMethod"),
    ("MFA auth method", "mfaDetail.authMethod"),
    ("Multifactor authentication auth detail", "mfaDetail.authDetail"),
    ("MFA auth detail", "mfaDetail.authDetail"),
    ("Authentication requirement", "authenticationRequirement"),
    ("Sign-in identifier", "signInIdentifier"),
    ("Session ID", "sessionId"),
    ("IP address (seen by resource)", "ipAddressFromResourceProvider"),
    ("Through Global Secure Access", "isThroughGlobalSecureAccess"),
    ("Global Secure Access IP address", "globalSecureAccessIpAddress"),
    ("Flagged for review", "flaggedForReview"),
    ("Token issuer type", "tokenIssuerType"),
    ("Token issuer name", "tokenIssuerName"),
    ("Latency", "processingTimeInMilliseconds"),
    ("Service principal ID", "servicePrincipalId"),
    ("Service principal name", "servicePrincipalName"),
    ("Credential key ID", "servicePrincipalCredentialKeyId"),
];

/// Values as the page words them, and as Graph does.
const WORDED: [(&str, &str, &str); 10] = [
    ("conditionalAccessStatus", "Success", "success"),
    ("conditionalAccessStatus", "Failure", "failure"),
    ("conditionalAccessStatus", "Not Applied", "notApplied"),
    ("authenticationRequirement", "Multifactor authentication", "multiFactorAuthentication"),
    ("authenticationRequirement", "Single-factor authentication", "singleFactorAuthentication"),
    ("tokenIssuerType", "Microsoft Entra ID", "AzureAD"),
    ("tokenIssuerType", "Azure AD", "AzureAD"),
    ("tokenIssuerType", "AD Federation Services", "ADFederationServices"),
    ("userType", "Member", "member"),
    ("userType", "Guest", "guest"),
];

/// Fields of numbers.
const NUMBERS: [&str; 2] = ["status.errorCode", "processingTimeInMilliseconds"];

/// Fields of `Yes` and `No`, or `True` and `False`.
const BOOLEANS: [&str; 4] =
    ["deviceDetail.isCompliant", "deviceDetail.isManaged", "isThroughGlobalSecureAccess", "flaggedForReview"];

/// Most targets, changed properties and details of an audit record; the portal writes up to three, five and some.
const NUMBERED: usize = 32;

/// What the portal writes where there is nothing.
const NOTHING: &str = "None";

/// CSV downloads of sign-ins.
pub(super) struct PortalSignIns;

/// CSV downloads of audit records.
pub(super) struct PortalAudit;

/// The cell, unless it is empty or says that there is nothing.
fn cell(object: &JsonObject, name: &str) -> Option<String> {
    let text = object.get(name)?.to_text().trim().to_owned();
    (!text.is_empty() && text != NOTHING).then_some(text)
}

fn is_csv_row(record: &Record) -> bool {
    record.object.get("Date").is_some_and(|date| matches!(date, JsonValue::Text(_)))
}

impl Dialect for PortalSignIns {
    fn format(&self) -> &'static str {
        "entra-portal-sign-ins"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        let who = object.has("Username") || object.has("User") || object.has("Service principal ID");
        is_csv_row(record) && who && object.has("Request ID") && object.has("Status")
    }

    fn translate(&self, record: &Record) -> Map<String, Value> {
        let object = &record.object;
        let mut fields = Map::new();
        for (column, path) in SIGN_IN_COLUMNS {
            if let Some(text) = cell(object, column) {
                put(&mut fields, path, as_graph(path, text));
            }
        }
        let known = |name: &str| SIGN_IN_COLUMNS.iter().any(|(column, _)| *column == name);
        for (name, value) in object.iter().filter(|(name, _)| !known(name)) {
            let text = value.to_text().into_owned();
            match name {
                "Location" => put_location(&mut fields, &text),
                "Conditional Access" => {
                    let status = as_graph("conditionalAccessStatus", text);
                    put(&mut fields, "conditionalAccessStatus", status);
                }
                _ if text == NOTHING => {}
                // With one space or two, as the portal has it.
                name if name.starts_with("Autonomous system") => {
                    put(&mut fields, "autonomousSystemNumber", Value::String(text))
                }
                "Credential thumbprint" => {
                    put(&mut fields, "servicePrincipalCredentialThumbprint", Value::String(text));
                }
                name => drop(fields.entry(name).or_insert(Value::String(text))),
            }
        }
        finish_sign_in(&mut fields, cell(object, "Managed Identity type").is_some());
        fields
    }
}

/// The value of a field as Graph writes it.
fn as_graph(path: &str, text: String) -> Value {
    let truth = |text: &str| match text {
        "Yes" | "True" | "true" => Some(true),
        "No" | "False" | "false" => Some(false),
        _ => None,
    };
    if let (true, Ok(number)) = (NUMBERS.contains(&path), text.parse::<i64>()) {
        return Value::from(number);
    }
    if let (true, Some(truth)) = (BOOLEANS.contains(&path), truth(&text)) {
        return Value::Bool(truth);
    }
    let worded = WORDED.iter().find(|(field, page, _)| *field == path && *page == text);
    Value::String(worded.map_or(text, |(_, _, graph)| (*graph).to_owned()))
}

/// `Melbourne, Victoria, AU`; a part may be missing.
fn put_location(fields: &mut Map<String, Value>, text: &str) {
    let mut parts = text.rsplitn(3, ',').map(str::trim);
    for name in ["countryOrRegion", "state", "city"] {
        if let Some(part) = parts.next().filter(|part| !part.is_empty()) {
            put(fields, &format!("location.{name}"), Value::String(part.to_owned()));
        }
    }
}

fn finish_sign_in(fields: &mut Map<String, Value>, managed_identity: bool) {
    let succeeded = fields.get("Status").and_then(Value::as_str) == Some("Success");
    if succeeded {
        put(fields, "status.errorCode", Value::from(0));
    }
    let user = fields.contains_key("userPrincipalName") || fields.contains_key("userId");
    let kind = if managed_identity {
        "managedIdentity"
    } else if !user && fields.contains_key("servicePrincipalId") {
        "servicePrincipal"
    } else {
        "interactiveUser"
    };
    fields.insert("signInEventTypes".to_owned(), json!([kind]));
    // Graph has these even where they are empty; a record is recognized by them.
    fields.entry("ipAddress").or_insert_with(|| Value::String(String::new()));
    fields.entry("appId").or_insert_with(|| Value::String(String::new()));
}

impl Dialect for PortalAudit {
    fn format(&self) -> &'static str {
        "entra-portal-audit"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        is_csv_row(record) && object.has("Activity") && (object.has("ActorType") || object.has("Service"))
    }

    fn translate(&self, record: &Record) -> Map<String, Value> {
        let object = &record.object;
        let text = |name: &str| cell(object, name).map_or(Value::Null, Value::String);
        let actor = json!({
            "displayName": text("ActorDisplayName").as_str().or(text("ActorServicePrincipalName").as_str()),
            "homeTenantId": text("ActorHomeTenantId"),
            "homeTenantName": text("ActorHomeTenantName"),
        });
        let mut initiated = Map::new();
        let by_application = cell(object, "ActorType").is_some_and(|kind| kind.eq_ignore_ascii_case("Application"));
        let kind = if by_application { "app" } else { "user" };
        initiated.insert(kind.to_owned(), actor);
        let ids = if by_application {
            [
                ("servicePrincipalId", "ActorServicePrincipalId"),
                ("servicePrincipalName", "ActorServicePrincipalName"),
                ("appId", "ActorAppId"),
            ]
        } else {
            [("id", "ActorObjectId"), ("userPrincipalName", "ActorUserPrincipalName"), ("ipAddress", "IPAddress")]
        };
        for (name, column) in ids {
            put(&mut initiated, &format!("{kind}.{name}"), text(column));
        }
        let mut fields = Map::new();
        let columns = [
            ("activityDateTime", "Date"),
            ("correlationId", "CorrelationId"),
            ("loggedByService", "Service"),
            ("category", "Category"),
            ("activityDisplayName", "Activity"),
            ("result", "Result"),
            ("resultReason", "ResultReason"),
        ];
        for (name, column) in columns {
            fields.insert(name.to_owned(), text(column));
        }
        if let Some(Value::String(result)) = fields.get_mut("result") {
            result.make_ascii_lowercase();
        }
        fields.insert("initiatedBy".to_owned(), Value::Object(initiated));
        fields.insert("targetResources".to_owned(), Value::Array(targets(object)));
        fields.insert("additionalDetails".to_owned(), Value::Array(details(object)));
        fields
    }
}

fn targets(object: &JsonObject) -> Vec<Value> {
    let target = |number: usize| {
        let text = |name: &str| cell(object, &format!("Target{number}{name}"));
        let changed = |property: usize| {
            let name = text(&format!("ModifiedProperty{property}Name"))?;
            let value = |which: &str| text(&format!("ModifiedProperty{property}{which}"));
            Some(json!({"displayName": name, "oldValue": value("OldValue"), "newValue": value("NewValue")}))
        };
        let (kind, name, id) = (text("Type"), text("DisplayName"), text("ObjectId").or_else(|| text("Id")));
        if kind.is_none() && name.is_none() && id.is_none() {
            return None;
        }
        let modified: Vec<Value> = (1..=NUMBERED).map_while(changed).collect();
        Some(json!({
            "type": kind,
            "displayName": name,
            "id": id,
            "userPrincipalName": text("UserPrincipalName"),
            "modifiedProperties": modified,
        }))
    };
    (1..=NUMBERED).map_while(target).collect()
}

fn details(object: &JsonObject) -> Vec<Value> {
    let detail = |number: usize| {
        let key = cell(object, &format!("AdditionalDetail{number}Key"))?;
        Some(json!({"key": key, "value": cell(object, &format!("AdditionalDetail{number}Value"))}))
    };
    let agent = cell(object, "User Agent").map(|agent| json!({"key": "User-Agent", "value": agent}));
    agent.into_iter().chain((1..=NUMBERED).map_while(detail)).collect()
}
