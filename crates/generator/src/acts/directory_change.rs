//! A change in the directory: in Entra's audit log and in the unified audit.

use chrono::{DateTime, TimeDelta, Utc};

use super::office::office;
use crate::engine::Traces;
use crate::json::Json;
use crate::random::Random;
use crate::records::{Audit, Initiator, Office, Record, RecordType, Target};
use crate::tenant::Tenant;
use crate::tenant::people::DOMAIN;

/// `audit` happens at `time`.
pub(crate) fn directory_change<'t>(
    tenant: &'t Tenant,
    time: DateTime<Utc>,
    audit: Audit<'t>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    if let Some(record) = mirrored(tenant, &audit, random) {
        office(time, record, random, traces);
    }
    traces.push(time, TimeDelta::seconds(random.between(40, 200)), Record::Audit(Box::new(audit)));
}

/// The unified audit's view of a change; none when the change names no target.
fn mirrored<'t>(tenant: &Tenant, event: &Audit<'t>, random: &mut Random) -> Option<Office<'t>> {
    let target = event.targets.first()?;
    let (user_id, user_key, user_type) = match &event.initiator {
        Initiator::User { user, .. } => (user.upn.clone(), format!("{}@{DOMAIN}", user.puid), 0),
        Initiator::App { id, .. } => (format!("ServicePrincipal_{id}"), "Not Available".into(), 4),
    };
    let object_id = target.upn.as_ref().or(target.app_id.as_ref()).unwrap_or(&target.id).clone();
    let operation = format!("{}.", event.operation);
    let record = Office::new(operation, RecordType::AzureActiveDirectory, user_id, user_key, random);
    let intra_system_id = random.guid();
    let record = record.with_body(|json| {
        json.value("AzureActiveDirectoryEventType", 1);
        json.array("ExtendedProperties", |list| {
            list.item_object(|json| {
                json.text("Name", "additionalDetails");
                json.json_text("Value", |text| {
                    crate::json::object(text, |json| {
                        if let Some(agent) = event.user_agent {
                            json.text("User-Agent", agent);
                        }
                        for (name, value) in &event.details {
                            json.text(name, value);
                        }
                    });
                });
            });
            list.item_object(|json| {
                json.text("Name", "extendedAuditEventCategory");
                json.text("Value", target.kind);
            });
        });
        json.array("ModifiedProperties", |list| {
            for (name, old, new) in &target.modified {
                list.item_object(|json| {
                    json.text("Name", name);
                    json.text("NewValue", &plain(new.as_deref()));
                    json.text("OldValue", &plain(old.as_deref()));
                });
            }
        });
        json.array("Actor", |list| actor(list, &event.initiator));
        json.plain("ActorContextId", tenant.tenant_id);
        json.plain_with("ActorIpAddress", |text| {
            if let Some(ip) = event.ip() {
                text.push_str(&ip.to_string());
            }
        });
        json.plain("InterSystemsId", event.correlation_id);
        json.plain("IntraSystemId", intra_system_id);
        json.text("SupportTicketId", "");
        json.array("Target", |list| target_list(list, target));
        json.plain("TargetContextId", tenant.tenant_id);
    });
    Some(Office {
        user_type,
        result: Some("Success"),
        client_ip: event.ip(),
        object_id: Some(object_id.into()),
        ..record
    })
}

fn entry(list: &mut Json, id: &str, kind: u32) {
    list.item_object(|json| {
        json.text("ID", id);
        json.value("Type", kind);
    });
}

fn actor(list: &mut Json, initiator: &Initiator) {
    match initiator {
        Initiator::User { user, .. } => {
            entry(list, &user.upn, 5);
            entry(list, &user.puid, 3);
            entry(list, &format!("User_{}", user.object_id), 2);
            entry(list, &user.object_id.to_string(), 2);
            entry(list, "User", 2);
        }
        Initiator::App { name, id } => {
            entry(list, name, 1);
            entry(list, &format!("ServicePrincipal_{id}"), 2);
            entry(list, &id.to_string(), 2);
            entry(list, "ServicePrincipal", 2);
        }
    }
}

fn target_list(list: &mut Json, target: &Target) {
    entry(list, &format!("{}_{}", target.kind, target.id), 2);
    entry(list, &target.id, 2);
    entry(list, target.kind, 2);
    for (value, kind) in [(&target.display_name, 1), (&target.upn, 5), (&target.app_id, 2)] {
        if let Some(value) = value {
            entry(list, value, kind);
        }
    }
}

/// A property's value as the unified audit writes it: text without the audit log's inner quotes.
fn plain(value: Option<&str>) -> String {
    match value.map(serde_json::from_str) {
        Some(Ok(serde_json::Value::String(text))) => text,
        Some(_) => value.unwrap_or_default().into(),
        None => String::new(),
    }
}
