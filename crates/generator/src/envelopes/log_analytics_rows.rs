//! Rows of a Log Analytics table as its data export and API write them: one object a line, fields named like columns.

use super::{Form, FormFraming};
use crate::engine::Trace;
use crate::json;
use crate::records::Record;
use crate::tenant::Tenant;
use crate::timestamps;

/// The rows of a table.
pub(super) static FORM: Form = Form { stem: "sentinel/", extension: ".ndjson.gz", framing: FormFraming::Lines, write };

fn write(text: &mut String, tenant: &Tenant, trace: &Trace) {
    let Record::Row(row) = &trace.record else { return };
    json::object(text, |json| {
        json.plain("TenantId", tenant.workspace_id);
        json.plain_with("TimeGenerated", |text| timestamps::ticks(text, trace.time));
        for (name, value) in &row.fields {
            value.push_json(json.key(name));
        }
        json.text("Type", row.log.name());
    });
}
