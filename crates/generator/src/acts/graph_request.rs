//! A request to Microsoft Graph with a token that a sign-in gave.

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::Traces;
use crate::random::Random;
use crate::records::{Field, Identity, Log, Record, Row, SignIn};
use crate::tenant::Tenant;
use crate::tenant::devices::user_agent;

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// Path and query after the version, such as `/users?$top=999`.
    pub(crate) path: String,
    pub(crate) status: i64,
    /// Bytes of the answer.
    pub(crate) bytes: i64,
    /// Permissions in the token, delegated or of the application.
    pub(crate) permissions: &'static str,
}

impl Request {
    /// Reading `path`, successfully.
    pub(crate) fn get(path: impl Into<String>, permissions: &'static str, random: &mut Random) -> Self {
        let bytes = 400 + random.heavy() as i64 * 4;
        Self { method: "GET", path: path.into(), status: 200, bytes, permissions }
    }
}

/// `request` is made at `time` with the token of `sign_in`.
pub(crate) fn graph_request<'t>(
    tenant: &Tenant,
    time: DateTime<Utc>,
    sign_in: &SignIn<'t>,
    request: Request,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let id = random.guid();
    let mut fields: Vec<(&'static str, Field<'t>)> = vec![
        ("timeGenerated", time.into()),
        ("location", "West Europe".into()),
        ("requestId", id.into()),
        ("operationId", id.into()),
        ("clientRequestId", random.guid().into()),
        ("apiVersion", "v1.0".into()),
        ("requestMethod", request.method.into()),
        ("responseStatusCode", request.status.into()),
        ("tenantId", tenant.tenant_id.into()),
        ("durationMs", (200 + random.heavy() as i64 * 90).into()),
        ("responseSizeBytes", request.bytes.into()),
        ("signInActivityId", token(sign_in)),
        ("appId", sign_in.app_id.to_string().into()),
        ("identityProvider", "".into()),
        ("ipAddress", sign_in.from.ip.into()),
        ("requestUri", format!("https://graph.microsoft.com/v1.0{}", request.path).into()),
    ];
    match &sign_in.identity {
        Identity::User(user) => {
            fields.push(("userId", user.object_id.into()));
            fields.push(("scopes", request.permissions.into()));
            fields.push(("clientAuthMethod", "0".into()));
            fields.push(("C_Idtyp", "user".into()));
            if sign_in.device.is_registered() {
                fields.push(("C_DeviceId", sign_in.device.id.into()));
            }
            fields.push(("userAgent", user_agent(sign_in.device.platform, sign_in.agent, time).into()));
        }
        Identity::Workload(workload) => program(&mut fields, workload.object_id.into(), request.permissions),
        Identity::Program { object_id, .. } => program(&mut fields, (*object_id).into(), request.permissions),
    }
    let row = Row { log: Log::Entra("MicrosoftGraphActivityLogs"), id: id.to_string().into(), fields };
    traces.push(time, TimeDelta::seconds(random.between(120, 900)), Record::Row(row));
}

fn program<'t>(fields: &mut Vec<(&'static str, Field<'t>)>, object_id: Field<'t>, roles: &'static str) {
    fields.push(("servicePrincipalId", object_id));
    fields.push(("roles", roles.into()));
    fields.push(("clientAuthMethod", "1".into()));
    fields.push(("C_Idtyp", "app".into()));
    fields.push(("userAgent", "python-requests/2.32.3".into()));
}

/// The token's identifier as the sign-in's row has it.
fn token(sign_in: &SignIn) -> Field<'static> {
    let mut text = String::new();
    sign_in.token_id.push_token(&mut text);
    text.into()
}
