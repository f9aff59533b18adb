//! Microsoft Graph, `/auditLogs/signIns`: the object on which the other envelopes of sign-ins build, and its pages.

use chrono::{DateTime, Utc};

use super::{Form, FormFraming, sign_in_details};
use crate::engine::Trace;
use crate::guid::Guid;
use crate::json::{self, Json};
use crate::records::{Identity, Record, SecondFactor, SignIn, SignInKind, failure_reason};
use crate::tenant::Tenant;
use crate::tenant::devices::{browser, user_agent};
use crate::timestamps;

/// Pages of interactive sign-ins.
pub(super) static SIGN_INS: Form =
    Form { stem: "entra/graph-signins", extension: ".json", framing: FormFraming::GraphPage, write: page_entry };

/// The tenant of the partner company whose people are guests.
const PARTNER_TENANT: &str = "0f8a2c1e-64d3-4b0e-9f2e-7f6a51c0d911";

fn page_entry(text: &mut String, tenant: &Tenant, trace: &Trace) {
    let Record::SignIn(sign_in) = &trace.record else { return };
    json::object(text, |json| {
        sign_in_fields(json, tenant, sign_in, trace.time, timestamps::seconds_utc);
        json.array("signInEventTypes", |list| list.item("interactiveUser"));
    });
}

/// The fields of `sign_in`, which happened at `time`; `write_time` is how the envelope writes moments.
pub(super) fn sign_in_fields(
    json: &mut Json,
    tenant: &Tenant,
    sign_in: &SignIn,
    time: DateTime<Utc>,
    write_time: fn(&mut String, DateTime<Utc>),
) {
    json.plain("id", sign_in.id);
    json.plain_with("createdDateTime", |text| write_time(text, time));
    identity(json, tenant, sign_in);
    json.text("appId", &sign_in.app_id);
    json.text("appDisplayName", &sign_in.app_name);
    json.text("resourceId", sign_in.resource.0);
    json.text("resourceDisplayName", sign_in.resource.1);
    json.plain("resourceTenantId", tenant.tenant_id);
    circumstances(json, tenant, sign_in, time);
    if sign_in.kind == SignInKind::Interactive {
        steps(json, sign_in, time, write_time);
        sign_in_details::details(json, tenant, sign_in);
    }
}

fn identity(json: &mut Json, tenant: &Tenant, sign_in: &SignIn) {
    match &sign_in.identity {
        Identity::User(user) => {
            json.text("userDisplayName", &user.display_name);
            json.text("userPrincipalName", &user.upn);
            json.plain("userId", user.object_id);
            json.text("servicePrincipalId", "");
            json.text("userType", if sign_in.is_guest() { "Guest" } else { "Member" });
            json.plain_with("homeTenantId", |text| home_tenant(text, tenant, sign_in));
            json.text("crossTenantAccessType", if sign_in.is_guest() { "b2bCollaboration" } else { "none" });
        }
        Identity::Workload(workload) => {
            program(json, &workload.name, workload.object_id, workload.key_id);
        }
        Identity::Program { name, object_id, key_id, .. } => program(json, name, *object_id, *key_id),
    }
}

fn program(json: &mut Json, name: &str, object_id: Guid, key_id: Guid) {
    json.null("userId");
    json.text("servicePrincipalName", name);
    json.plain("servicePrincipalId", object_id);
    json.plain("servicePrincipalCredentialKeyId", key_id);
}

/// The resource's tenant or, for a guest, the partner's.
pub(super) fn home_tenant(text: &mut String, tenant: &Tenant, sign_in: &SignIn) {
    if sign_in.is_guest() { text.push_str(PARTNER_TENANT) } else { tenant.tenant_id.push(text) }
}

fn circumstances(json: &mut Json, tenant: &Tenant, sign_in: &SignIn, time: DateTime<Utc>) {
    json.plain("ipAddress", sign_in.from.ip);
    json.value("autonomousSystemNumber", sign_in.from.asn);
    location(json.key("location"), sign_in);
    network(json.key("networkLocationDetails"), sign_in);
    json.text("clientAppUsed", sign_in.client);
    json.value("isInteractive", sign_in.kind == SignInKind::Interactive);
    if !sign_in.kind.is_workload() {
        json.text("userAgent", &user_agent(sign_in.device.platform, sign_in.agent, time));
        device_detail(json.key("deviceDetail"), sign_in, time);
        json.plain("originalRequestId", sign_in.id);
        json.plain("sessionId", sign_in.session_id);
    }
    json.plain("correlationId", sign_in.correlation_id);
    json.plain_with("uniqueTokenIdentifier", |text| sign_in.token_id.push_token(text));
    status(json.key("status"), sign_in);
    json.text("conditionalAccessStatus", sign_in.conditional_access());
    json.array("appliedConditionalAccessPolicies", |list| {
        sign_in_details::policies(list, tenant, sign_in, sign_in.kind == SignInKind::Interactive);
    });
    json.text("authenticationRequirement", sign_in.requirement());
    json.text("authenticationProtocol", sign_in.protocol);
    json.text("tokenIssuerType", "AzureAD");
    json.text("incomingTokenType", sign_in.incoming_token);
    json.value("processingTimeInMilliseconds", sign_in.processing_milliseconds);
    json.text("riskDetail", "none");
    json.text("riskLevelAggregated", sign_in.risk);
    json.text("riskLevelDuringSignIn", sign_in.risk);
    json.text("riskState", if sign_in.risk == "none" { "none" } else { "atRisk" });
    risk_events(json.key("riskEventTypes_v2"), sign_in);
    json.value("flaggedForReview", false);
}

/// `location` of Graph, `LocationDetails` of Log Analytics.
pub(super) fn location(text: &mut String, sign_in: &SignIn) {
    let place = sign_in.from.place;
    json::object(text, |json| {
        json.text("city", place.city);
        json.text("state", place.state);
        json.text("countryOrRegion", place.country);
        json.object("geoCoordinates", |json| {
            json.value("latitude", place.latitude);
            json.value("longitude", place.longitude);
        });
    });
}

/// `networkLocationDetails`.
pub(super) fn network(text: &mut String, sign_in: &SignIn) {
    json::array(text, |list| {
        if let Some(name) = sign_in.from.named_location {
            list.item_object(|json| {
                json.text("networkType", "trustedNamedLocation");
                json.array("networkNames", |names| names.item(name));
            });
        }
    });
}

/// What the log knows of the device.
pub(super) fn device_detail(text: &mut String, sign_in: &SignIn, time: DateTime<Utc>) {
    let device = sign_in.device;
    json::object(text, |json| {
        if device.is_registered() {
            json.plain("deviceId", device.id);
            json.text("displayName", &device.name);
        } else {
            json.text("deviceId", "");
        }
        json.text("operatingSystem", device.platform.operating_system());
        json.text("browser", &browser(device.platform, sign_in.agent, time));
        if device.is_registered() {
            json.value("isCompliant", true);
            json.value("isManaged", true);
            json.text("trustType", "Hybrid Azure AD joined");
        }
    });
}

/// The result with its text.
pub(super) fn status(text: &mut String, sign_in: &SignIn) {
    let detail = match sign_in.second_factor {
        SecondFactor::None => None,
        SecondFactor::Done => Some("MFA completed in Azure AD"),
        SecondFactor::InToken => Some("MFA requirement satisfied by claim in the token"),
    };
    json::object(text, |json| {
        json.value("errorCode", sign_in.result);
        match (sign_in.result, detail) {
            (0, None) => {}
            (0, Some(detail)) => json.text("additionalDetails", detail),
            (code, _) => json.text("failureReason", failure_reason(code)),
        }
    });
}

/// The tenant's policies that spoke.
pub(super) fn policies(text: &mut String, tenant: &Tenant, sign_in: &SignIn) {
    json::array(text, |list| sign_in_details::policies(list, tenant, sign_in, false));
}

/// Names of the risk detections.
pub(super) fn risk_events(text: &mut String, sign_in: &SignIn) {
    json::array(text, |list| sign_in.risk_events.iter().for_each(|name| list.item(name)));
}

fn steps(json: &mut Json, sign_in: &SignIn, time: DateTime<Utc>, write_time: fn(&mut String, DateTime<Utc>)) {
    authentication_details(json.key("authenticationDetails"), sign_in, time, write_time);
    if sign_in.second_factor == SecondFactor::Done {
        json.object("mfaDetail", |json| json.text("authMethod", "Mobile app notification"));
    }
}

/// The steps of an interactive sign-in.
pub(super) fn authentication_details(
    text: &mut String,
    sign_in: &SignIn,
    time: DateTime<Utc>,
    write_time: fn(&mut String, DateTime<Utc>),
) {
    let failed = sign_in.has_failed_password();
    json::array(text, |list| {
        list.item_object(|json| {
            json.plain_with("authenticationStepDateTime", |text| write_time(text, time));
            json.text("authenticationMethod", "Password");
            json.text("authenticationMethodDetail", "Password Hash Sync");
            json.value("succeeded", !failed);
            let detail = if failed { failure_reason(sign_in.result) } else { "Correct password" };
            json.text("authenticationStepResultDetail", detail);
            json.text("authenticationStepRequirement", "Primary authentication");
            json.value("StatusSequence", 0);
            json.value("RequestSequence", 1);
        });
        if sign_in.second_factor == SecondFactor::Done {
            list.item_object(|json| {
                json.plain_with("authenticationStepDateTime", |text| write_time(text, time));
                json.text("authenticationMethod", "Mobile app notification");
                json.value("succeeded", true);
                json.text("authenticationStepResultDetail", "MFA successfully completed");
                json.text("authenticationStepRequirement", "Primary authentication");
                json.value("StatusSequence", 2);
                json.value("RequestSequence", 1);
            });
        }
    });
}
