//! Diagnostic settings of Entra ID: an outer record with `category` and `properties`, as lines or in `{"records":[…]}`.

use chrono::{DateTime, Utc};

use super::{Form, FormFraming, graph};
use crate::engine::Trace;
use crate::json::{self, Json};
use crate::records::{Audit, Initiator, Record, SignIn, Target, failure_reason};
use crate::tenant::Tenant;
use crate::timestamps;

/// Interactive sign-ins, one a line.
pub(super) static INTERACTIVE: Form =
    Form { stem: "entra/signins", extension: ".ndjson.gz", framing: FormFraming::Lines, write };
/// Other sign-ins of people, in one object.
pub(super) static NON_INTERACTIVE: Form =
    Form { stem: "entra/noninteractive", extension: ".json.gz", framing: FormFraming::Records, write };
/// Sign-ins of service principals.
pub(super) static SERVICE_PRINCIPALS: Form =
    Form { stem: "entra/serviceprincipals", extension: ".ndjson.gz", framing: FormFraming::Lines, write };
/// Sign-ins of managed identities.
pub(super) static MANAGED_IDENTITIES: Form =
    Form { stem: "entra/managedidentities", extension: ".ndjson.gz", framing: FormFraming::Lines, write };
/// Directory changes.
pub(super) static AUDIT: Form =
    Form { stem: "entra/audit", extension: ".ndjson.gz", framing: FormFraming::Lines, write };

fn write(text: &mut String, tenant: &Tenant, trace: &Trace) {
    match &trace.record {
        Record::SignIn(event) => sign_in(text, tenant, trace, event),
        Record::Audit(event) => audit(text, tenant, trace.time, event),
        _ => {}
    }
}

fn sign_in(text: &mut String, tenant: &Tenant, trace: &Trace, event: &SignIn) {
    json::object(text, |json| {
        outer(json, tenant, trace.arrival, "Sign-in activity", event.kind.category());
        json.plain("resultType", event.result);
        json.text("resultSignature", if event.result == 0 { "SUCCESS" } else { "FAILURE" });
        if event.result != 0 {
            json.text("resultDescription", failure_reason(event.result));
        }
        json.value("durationMs", 0);
        json.plain("callerIpAddress", event.from.ip);
        json.plain("correlationId", event.correlation_id);
        if let Some(user) = event.user() {
            json.text("identity", &user.display_name);
        }
        json.value("Level", 4);
        json.text("location", event.from.place.country);
        json.object("properties", |json| {
            graph::sign_in_fields(json, tenant, event, trace.time, timestamps::ticks_offset);
        });
    });
}

fn audit(text: &mut String, tenant: &Tenant, time: DateTime<Utc>, event: &Audit) {
    json::object(text, |json| {
        outer(json, tenant, time, event.operation, "AuditLogs");
        json.text("resultSignature", "None");
        json.value("durationMs", 0);
        if let Some(ip) = event.ip() {
            json.plain("callerIpAddress", ip);
        }
        json.plain("correlationId", event.correlation_id);
        if !event.identity().is_empty() {
            json.text("identity", event.identity());
        }
        json.value("Level", 4);
        json.object("properties", |json| audit_fields(json, event, time));
    });
}

/// Graph's `directoryAudit`.
fn audit_fields(json: &mut Json, event: &Audit, time: DateTime<Utc>) {
    json.text("id", &event.id);
    json.text("category", event.category);
    json.plain("correlationId", event.correlation_id);
    json.text("result", "success");
    json.text("resultReason", &event.reason);
    json.text("activityDisplayName", event.operation);
    json.plain_with("activityDateTime", |text| timestamps::ticks_offset(text, time));
    json.text("loggedByService", event.service);
    json.text("operationType", event.operation_type);
    json.null("userAgent");
    json.object("initiatedBy", |json| match &event.initiator {
        Initiator::User { user, ip } => json.object("user", |json| {
            json.plain("id", user.object_id);
            json.null("displayName");
            json.text("userPrincipalName", &user.upn);
            json.plain("ipAddress", ip);
            json.array("roles", |_| {});
        }),
        Initiator::App { name, id } => json.object("app", |json| {
            json.null("appId");
            json.text("displayName", name);
            json.plain("servicePrincipalId", id);
            json.null("servicePrincipalName");
        }),
    });
    json.array("targetResources", |list| {
        for target in &event.targets {
            list.item_object(|json| target_resource(json, target));
        }
    });
    json.array("additionalDetails", |list| {
        if let Some(agent) = event.user_agent {
            list.item_object(|json| {
                json.text("key", "User-Agent");
                json.text("value", agent);
            });
        }
        for (name, value) in &event.details {
            list.item_object(|json| {
                json.text("key", name);
                json.text("value", value);
            });
        }
    });
}

fn target_resource(json: &mut Json, target: &Target) {
    let optional = |json: &mut Json, name: &str, value: Option<&str>| match value {
        Some(value) => json.text(name, value),
        None => json.null(name),
    };
    json.text("id", &target.id);
    optional(json, "displayName", target.display_name.as_deref());
    json.text("type", target.kind);
    if let Some(upn) = &target.upn {
        json.text("userPrincipalName", upn);
    }
    if target.kind == "Group" {
        json.text("groupType", "unifiedGroups");
    }
    json.array("modifiedProperties", |list| {
        for (name, old, new) in &target.modified {
            list.item_object(|json| {
                json.text("displayName", name);
                optional(json, "oldValue", old.as_deref());
                optional(json, "newValue", new.as_deref());
            });
        }
    });
    json.array("administrativeUnits", |_| {});
}

/// The fields around `properties` that all categories share.
pub(super) fn outer(json: &mut Json, tenant: &Tenant, time: DateTime<Utc>, operation: &str, category: &str) {
    json.plain_with("time", |text| timestamps::ticks(text, time));
    json.plain_with("resourceId", |text| resource_id(text, tenant));
    json.text("operationName", operation);
    json.text("operationVersion", "1.0");
    json.text("category", category);
    json.plain("tenantId", tenant.tenant_id);
}

/// The Azure resource id of a directory.
pub(super) fn resource_id(text: &mut String, tenant: &Tenant) {
    text.push_str("/tenants/");
    tenant.tenant_id.push(text);
    text.push_str("/providers/Microsoft.aadiam");
}
