//! Microsoft Graph, `/beta/auditLogs/signIns`: one page with all sign-ins, newest first as the service sorts them.

use serde_json::{Value, json};

use crate::output::Content;
use crate::sign_ins::SignIn;
use crate::tenant::Tenant;

/// The page.
pub(super) fn page(tenant: &Tenant, sign_ins: &[&SignIn]) -> Content {
    let values: Vec<Value> = sign_ins
        .iter()
        .rev()
        .map(|event| {
            let mut object = event.graph(tenant, &event.graph_time());
            object.insert("signInEventTypes".into(), json!(["interactiveUser"]));
            Value::Object(object)
        })
        .collect();
    let page =
        json!({"@odata.context": "https://graph.microsoft.com/beta/$metadata#auditLogs/signIns", "value": values});
    Content::new(page.to_string(), sign_ins.len())
}
