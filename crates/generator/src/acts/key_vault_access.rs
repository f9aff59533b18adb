//! A program reads a secret of a key vault.

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::Traces;
use crate::json;
use crate::random::Random;
use crate::records::{Field, Log, Record, Row};
use crate::tenant::Tenant;
use crate::tenant::azure::AzureResource;
use crate::tenant::workloads::Workload;

/// `workload` reads `secret` of `vault` at `time`.
pub(crate) fn key_vault_access<'t>(
    tenant: &Tenant,
    time: DateTime<Utc>,
    workload: &'t Workload,
    (vault, secret): (&AzureResource, &str),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let id = random.guid();
    let mut identity = String::new();
    json::object(&mut identity, |json| {
        json.object("claim", |json| {
            json.plain("oid", workload.object_id);
            json.plain("appid", workload.app_id);
            json.text("idtyp", "app");
        });
    });
    let mut properties = String::new();
    json::object(&mut properties, |json| {
        json.plain("id", format_args!("https://{}.vault.azure.net/secrets/{secret}", vault.name));
        json.text("clientInfo", "azsdk-net-Security.KeyVault.Secrets/4.7.0");
        json.value("httpStatusCode", 200);
        json.plain(
            "requestUri",
            format_args!("https://{}.vault.azure.net/secrets/{secret}?api-version=7.5", vault.name),
        );
        json.text("tlsVersion", "TLS1_3");
    });
    let fields: Vec<(&'static str, Field<'t>)> = vec![
        ("category", "AuditEvent".into()),
        ("operationName", "SecretGet".into()),
        ("operationVersion", "7.5".into()),
        ("resultType", "Success".into()),
        ("resultSignature", "OK".into()),
        ("durationMs", random.between(8, 60).into()),
        ("callerIpAddress", workload.endpoint.ip.into()),
        ("correlationId", id.into()),
        ("resourceId", tenant.resource_id(vault).into()),
        ("identity", Field::Json(identity.into())),
        ("properties", Field::Json(properties.into())),
    ];
    let row = Row { log: Log::AzureDiagnostics, id: id.to_string().into(), fields };
    traces.push(time, TimeDelta::seconds(random.between(60, 400)), Record::Row(row));
}
