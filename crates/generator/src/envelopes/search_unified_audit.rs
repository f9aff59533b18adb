//! `Search-UnifiedAuditLog | Export-Csv`: the record is JSON text with escaped slashes in column AuditData.

use crate::output::{Content, csv_line};
use crate::tenant::Tenant;
use crate::timestamps;
use crate::unified_audit::UnifiedRecord;

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

/// The table.
pub(super) fn table(tenant: &Tenant, records: &[&UnifiedRecord]) -> Content {
    let runspace = tenant.random("runspace", 0).guid();
    let count = records.len().to_string();
    let mut text = csv_line(COLUMNS);
    for (index, record) in (1..).zip(records) {
        let audit_data = record.text.replace('/', "\\/");
        let index = u64::to_string(&index);
        text.push_str(&csv_line([
            audit_data.as_str(),
            &timestamps::american(record.time),
            &record.id,
            "True",
            "Unchanged",
            &record.operation,
            "outlook.office365.com",
            "False",
            record.record_type,
            &count,
            &index,
            &runspace,
            &record.user_id,
        ]));
    }
    Content::new(text, records.len())
}
