//! `Search-UnifiedAuditLog | Export-Csv`: the record is JSON text with escaped slashes in column AuditData.

use super::framing::csv_field;
use super::{Form, FormFraming, management_activity};
use crate::engine::Trace;
use crate::records::Record;
use crate::tenant::Tenant;
use crate::timestamps;

/// The export of a day.
pub(super) static FORM: Form =
    Form { stem: "o365/Search-UnifiedAuditLog", extension: ".csv", framing: FormFraming::Csv(header), write };

const COLUMNS: [&str; 13] = [
    "AuditData",
    "CreationDate",
    "Identity",
    "IsValid",
    "ObjectState",
    "Operations",
    "PSComputerName",
    "PSShowComputerName",
    "RecordType",
    "ResultCount",
    "ResultIndex",
    "RunspaceId",
    "UserIds",
];

/// Results of one call of the cmdlet, of which the export strings many together.
const PAGE: &str = "5000";

fn header() -> String {
    let mut text = String::new();
    COLUMNS.iter().for_each(|name| csv_field(&mut text, name));
    text.push_str("\r\n");
    text
}

fn write(text: &mut String, tenant: &Tenant, trace: &Trace) {
    let Record::Office(record) = &trace.record else { return };
    let mut audit_data = String::new();
    management_activity::object(&mut audit_data, tenant, record, trace.time);
    let audit_data = audit_data.replace('/', "\\/");
    let index = 1 + record.id.low() % 5000;
    for field in [
        audit_data.as_str(),
        &timestamps::text(timestamps::american, trace.time),
        &record.id.to_string(),
        "True",
        "Unchanged",
        &record.operation,
        "outlook.office365.com",
        "False",
        record.record_type.facts().0,
        PAGE,
        &index.to_string(),
        &tenant.workspace_id.to_string(),
        &record.user_id,
    ] {
        csv_field(text, field);
    }
    text.push_str("\r\n");
}
