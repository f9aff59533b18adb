//! Defender's streaming API: rows of advanced hunting in an outer record with `category` and `properties`.

use super::{Form, FormFraming};
use crate::engine::Trace;
use crate::json;
use crate::records::{Log, Record};
use crate::tenant::Tenant;
use crate::timestamps;

/// The rows of a table.
pub(super) static FORM: Form = Form { stem: "defender/", extension: ".ndjson.gz", framing: FormFraming::Lines, write };

fn write(text: &mut String, tenant: &Tenant, trace: &Trace) {
    let Record::Row(row) = &trace.record else { return };
    let Log::Hunting(table) = row.log else { return };
    json::object(text, |json| {
        json.plain_with("time", |text| timestamps::ticks(text, trace.arrival));
        json.plain("tenantId", tenant.tenant_id);
        json.text("operationName", "Publish");
        json.plain_with("category", |text| {
            text.push_str("AdvancedHunting-");
            text.push_str(table);
        });
        json.object("properties", |json| {
            json.plain_with("Timestamp", |text| timestamps::ticks(text, trace.time));
            for (name, value) in &row.fields {
                value.push_json(json.key(name));
            }
        });
    });
}
