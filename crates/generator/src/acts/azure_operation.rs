//! An operation on Azure: its records in the activity log, from the start to the final state.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::Traces;
use crate::guid::Guid;
use crate::json::{self, Json};
use crate::random::Random;
use crate::records::{Field, Log, Record, Row};
use crate::tenant::Tenant;
use crate::tenant::people::User;

/// Who asks for an operation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Caller<'t> {
    /// A person, at an address.
    User(&'t User, IpAddr),
    /// A program by its service principal and application, at an address.
    Program { object_id: Guid, app_id: Guid, ip: IpAddr },
    /// Azure itself.
    Platform,
}

/// One operation.
#[derive(Debug, Clone)]
pub(crate) struct Operation<'t> {
    pub(crate) caller: Caller<'t>,
    /// In capitals, such as `MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE`.
    pub(crate) name: &'static str,
    /// Full id of what it is about, in capitals.
    pub(crate) resource_id: String,
    /// `Administrative`, `Policy`, `Autoscale`.
    pub(crate) category: &'static str,
    /// The caller's role that allows it.
    pub(crate) role: &'static str,
    /// Seconds from the start to the final state; 0 for an operation that only has that.
    pub(crate) seconds: i64,
    pub(crate) succeeds: bool,
    /// What the request said, as the inside of a JSON object; empty for most.
    pub(crate) request: String,
}

impl<'t> Operation<'t> {
    /// `caller` does `name` to `resource_id`, to be changed where it differs.
    pub(crate) fn new(caller: Caller<'t>, name: &'static str, resource_id: String) -> Self {
        let (category, role, request) = ("Administrative", "Contributor", String::new());
        Self { caller, name, resource_id, category, role, seconds: 2, succeeds: true, request }
    }
}

/// `operation` begins at `time`. Returns the moment of its final state.
pub(crate) fn azure_operation<'t>(
    tenant: &Tenant,
    time: DateTime<Utc>,
    operation: &Operation<'t>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) -> DateTime<Utc> {
    let correlation_id = random.guid();
    let done = time + TimeDelta::milliseconds(operation.seconds * 1_000 + random.between(80, 900));
    let (result, signature) =
        if operation.succeeds { ("Success", "Succeeded.") } else { ("Failure", "Failed.Forbidden") };
    let mut push = |time, result, signature, random: &mut Random| {
        let row = record(tenant, operation, (result, signature), correlation_id, random);
        // Azure delivers within minutes.
        traces.push(time, TimeDelta::seconds(random.between(60, 600)), Record::Row(row));
    };
    if operation.seconds > 0 {
        push(time, "Start", "Started.", random);
        if operation.seconds > 10 {
            push(time + TimeDelta::milliseconds(random.between(300, 1_500)), "Accept", "Accepted.Accepted", random);
        }
    }
    push(done, result, signature, random);
    done
}

fn record<'t>(
    tenant: &Tenant,
    operation: &Operation<'t>,
    (result, signature): (&'static str, &'static str),
    correlation_id: Guid,
    random: &mut Random,
) -> Row<'t> {
    let id = random.guid();
    let mut identity = String::new();
    json::object(&mut identity, |json| identity_fields(json, operation));
    let mut properties = String::new();
    json::object(&mut properties, |json| {
        json.text("eventCategory", operation.category);
        json.text("entity", &operation.resource_id.to_ascii_lowercase());
        json.text("message", &operation.name.to_ascii_lowercase());
        json.plain("hierarchy", format_args!("{}/{}", tenant.tenant_id, tenant.subscription_id));
        json.plain("eventDataId", id);
        if result == "Start" && !operation.request.is_empty() {
            json.json_text("requestbody", |text| {
                text.push('{');
                text.push_str(&operation.request);
                text.push('}');
            });
        }
    });
    let mut fields: Vec<(&'static str, Field<'t>)> = vec![
        ("resourceId", operation.resource_id.clone().into()),
        ("operationName", operation.name.into()),
        ("category", operation.category.into()),
        ("resultType", result.into()),
        ("resultSignature", signature.into()),
        ("durationMs", Field::Number(0)),
        ("correlationId", correlation_id.into()),
    ];
    if let Caller::User(_, ip) | Caller::Program { ip, .. } = operation.caller {
        fields.push(("callerIpAddress", ip.into()));
    }
    fields.push(("identity", Field::Json(identity.into())));
    fields.push(("level", "Information".into()));
    fields.push(("properties", Field::Json(properties.into())));
    fields.push(("RoleLocation", "West Europe".into()));
    Row { log: Log::AzureActivity, id: id.to_string().into(), fields }
}

fn identity_fields(json: &mut Json, operation: &Operation) {
    json.object("authorization", |json| {
        json.text("scope", &operation.resource_id.to_ascii_lowercase());
        json.text("action", &operation.name.to_ascii_lowercase());
        json.object("evidence", |json| {
            json.text("role", operation.role);
            json.text(
                "principalType",
                if matches!(operation.caller, Caller::User(..)) { "User" } else { "ServicePrincipal" },
            );
        });
    });
    json.object("claims", |json| {
        json.text("aud", "https://management.core.windows.net/");
        match operation.caller {
            Caller::User(user, ip) => {
                json.text("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn", &user.upn);
                json.text("name", &user.display_name);
                json.plain("http://schemas.microsoft.com/identity/claims/objectidentifier", user.object_id);
                json.text("appid", crate::tenant::apps::AZURE_PORTAL.id);
                json.plain("ipaddr", ip);
            }
            Caller::Program { object_id, app_id, .. } => {
                json.plain("http://schemas.microsoft.com/identity/claims/objectidentifier", object_id);
                json.plain("appid", app_id);
                json.text("idtyp", "app");
            }
            Caller::Platform => json.text("appid", "1d78a85d-813d-46f0-b496-dd72f50a3ec0"),
        }
    });
}
