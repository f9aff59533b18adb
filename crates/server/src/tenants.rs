//! Whose rows a workspace holds.
//!
//! The tenant of a row is the Entra tenant that its log names: `AADTenantId` (or `AadTenantId`), `OrganizationId` of the unified audit
//! log. `TenantId` of Log Analytics is the id of a workspace, not of a tenant: where a table has only that, it counts when its value is a
//! tenant that other logs name.

use std::collections::{BTreeMap, BTreeSet};

use report::ReportTenant;
use schema::Table;

use crate::catalog::WorkspaceCatalog;
use crate::json_rows::{count, json_rows, text};
use crate::timeline::log_tables;
use crate::{Error, Session};

/// Columns that name a row's Entra tenant, best first.
const TENANT_COLUMNS: [&str; 3] = ["AADTenantId", "AadTenantId", "OrganizationId"];

/// The tenants of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Tenants {
    /// Tenant (in lower case) to rows that name it.
    pub(crate) ids: BTreeMap<String, u64>,
    /// Tables that could name a tenant and hold rows that do not.
    pub(crate) unnamed: BTreeSet<String>,
}

impl Tenants {
    /// As a report lists them.
    pub(crate) fn listed(self) -> Vec<ReportTenant> {
        self.ids.into_iter().map(|(id, rows)| ReportTenant { id, rows }).collect()
    }
}

/// The column of a table that names the Entra tenant of its rows.
pub(crate) fn tenant_column(table: &Table) -> Option<&'static str> {
    TENANT_COLUMNS.into_iter().find(|column| table.column(column).is_some())
}

/// The tenants that rows of logs name.
pub(crate) fn tenants(session: &Session, catalog: &WorkspaceCatalog) -> Result<Tenants, Error> {
    let mut found = Tenants::default();
    for table in log_tables(catalog) {
        let Some(column) = tenant_column(table) else { continue };
        let query = format!("['{}'] | summarize Rows = count() by Tenant = tolower(tostring({column}))", table.name);
        for row in json_rows(session, catalog, &query, None)? {
            let tenant = text(&row, "Tenant");
            if is_tenant(&tenant) {
                *found.ids.entry(tenant).or_default() += count(&row, "Rows");
            } else if tenant.is_empty() {
                found.unnamed.insert(table.name.clone());
            }
        }
    }
    Ok(found)
}

/// A GUID that is not all zeros.
fn is_tenant(id: &str) -> bool {
    uuid::Uuid::try_parse(id).is_ok_and(|id| !id.is_nil())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_names_its_tenant_by_the_best_column() {
        let column = |name: &str| tenant_column(schema::table(name).expect(name));
        assert_eq!(column("SigninLogs"), Some("AADTenantId"));
        assert_eq!(column("MicrosoftGraphActivityLogs"), Some("AadTenantId"));
        assert_eq!(column("OfficeActivity"), Some("OrganizationId"));
        assert_eq!(column("SecurityEvent"), None, "`TenantId` there is a workspace");
        assert!(is_tenant("5f2fd04a-2b5f-454c-a8c4-9abd7a7f6a3b"));
        assert!(!is_tenant("00000000-0000-0000-0000-000000000000") && !is_tenant("") && !is_tenant("contoso.com"));
    }
}
