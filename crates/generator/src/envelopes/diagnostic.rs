//! Diagnostic settings of Entra ID: an outer record with `category` and `properties`, as lines or in `{"records":[…]}`.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use crate::audit::AuditEvent;
use crate::output::Content;
use crate::sign_ins::{SignIn, failure_reason};
use crate::tenant::Tenant;
use crate::timestamps;

/// One sign-in per line.
pub(super) fn sign_in_lines(tenant: &Tenant, sign_ins: &[&SignIn]) -> Content {
    let lines = sign_ins.iter().map(|event| format!("{}\n", sign_in(tenant, event)));
    Content::new(lines.collect(), sign_ins.len())
}

/// All sign-ins in one object.
pub(super) fn sign_in_wrapper(tenant: &Tenant, sign_ins: &[&SignIn]) -> Content {
    let records: Vec<String> = sign_ins.iter().map(|event| sign_in(tenant, event).to_string()).collect();
    Content::new(format!("{{\"records\":[{}]}}", records.join(",\n")), sign_ins.len())
}

/// One directory change per line.
pub(super) fn audit_lines(tenant: &Tenant, events: &[&AuditEvent]) -> Content {
    let lines = events.iter().map(|event| format!("{}\n", audit(tenant, event)));
    Content::new(lines.collect(), events.len())
}

fn sign_in(tenant: &Tenant, event: &SignIn) -> Value {
    let emitted = timestamps::ticks(event.time + TimeDelta::seconds(event.export_delay_seconds));
    let mut record = outer(tenant, &emitted, "Sign-in activity", event.kind.category());
    record.insert("resultType".into(), event.result.to_string().into());
    record.insert("resultSignature".into(), if event.result == 0 { "SUCCESS" } else { "FAILURE" }.into());
    if event.result != 0 {
        record.insert("resultDescription".into(), failure_reason(event.result).into());
    }
    record.insert("durationMs".into(), 0.into());
    record.insert("callerIpAddress".into(), event.from.ip.clone().into());
    record.insert("correlationId".into(), event.correlation_id.clone().into());
    if !event.principal[1].is_empty() {
        record.insert("identity".into(), event.principal[0].clone().into());
    }
    record.insert("Level".into(), 4.into());
    record.insert("location".into(), event.country().into());
    let properties = event.graph(tenant, &timestamps::ticks_offset(event.time));
    record.insert("properties".into(), Value::Object(properties));
    Value::Object(record)
}

fn audit(tenant: &Tenant, event: &AuditEvent) -> Value {
    let mut record = outer(tenant, &timestamps::ticks(event.time), event.operation, "AuditLogs");
    record.insert("resultSignature".into(), "None".into());
    record.insert("durationMs".into(), 0.into());
    if !event.ip().is_empty() {
        record.insert("callerIpAddress".into(), event.ip().into());
    }
    record.insert("correlationId".into(), event.correlation_id.clone().into());
    if !event.identity().is_empty() {
        record.insert("identity".into(), event.identity().into());
    }
    record.insert("Level".into(), 4.into());
    record.insert("properties".into(), Value::Object(event.properties()));
    Value::Object(record)
}

fn outer(tenant: &Tenant, time: &str, operation: &str, category: &str) -> Map<String, Value> {
    let fields = json!({
        "time": time,
        "resourceId": format!("/tenants/{}/providers/Microsoft.aadiam", tenant.tenant_id),
        "operationName": operation,
        "operationVersion": "1.0",
        "category": category,
        "tenantId": tenant.tenant_id,
    });
    match fields {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
