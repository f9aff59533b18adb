//! Diagnostic settings of Azure: the activity log of a subscription, and logs of its resources, one record a line.

use super::{Form, FormFraming};
use crate::engine::Trace;
use crate::json;
use crate::records::Record;
use crate::tenant::Tenant;
use crate::timestamps;

/// The activity log.
pub(super) static ACTIVITY: Form =
    Form { stem: "azure/activity", extension: ".ndjson.gz", framing: FormFraming::Lines, write };
/// Logs of resources.
pub(super) static RESOURCES: Form =
    Form { stem: "azure/resources", extension: ".ndjson.gz", framing: FormFraming::Lines, write };

fn write(text: &mut String, tenant: &Tenant, trace: &Trace) {
    let Record::Row(row) = &trace.record else { return };
    json::object(text, |json| {
        json.plain_with("time", |text| timestamps::ticks(text, trace.time));
        for (name, value) in &row.fields {
            value.push_json(json.key(name));
        }
        json.plain("tenantId", tenant.tenant_id);
    });
}
