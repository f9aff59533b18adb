//! Replays rules over each tenant apart, where a workspace holds several.
//!
//! A rule that counts must not add up what two tenants did. Each tenant sees the rows that name it; rows that name none (on-premises
//! logs, and rows without the column) are seen by a run of their own. Tables are narrowed by statements before the rule's query
//! (`let SigninLogs = SigninLogs | where …`), so that the rule's text stays as it is. Stored functions that a rule calls still read
//! whole tables.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use detections::{QueryRows, RuleOutcome, RuleStatus, RunQuery};
use uuid::Uuid;

use crate::catalog::WorkspaceCatalog;
use crate::json_rows::{kql_list, kql_string};
use crate::tenants::{Tenants, tenant_column};

/// The rows that a run sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All.
    Whole,
    /// Those of a tenant.
    Tenant(String),
    /// Those that name no tenant.
    Unnamed,
}

/// The runs that a workspace needs: one over everything, or one a tenant and one over rows that name none.
pub(crate) fn scopes(tenants: &Tenants) -> Vec<Scope> {
    if tenants.ids.len() < 2 {
        return vec![Scope::Whole];
    }
    tenants.ids.keys().cloned().map(Scope::Tenant).chain([Scope::Unnamed]).collect()
}

/// A runner that shows a scope's rows only.
pub(crate) struct ScopedRunner<'a> {
    inner: &'a (dyn RunQuery + Sync),
    catalog: &'a WorkspaceCatalog,
    tenants: &'a Tenants,
    scope: &'a Scope,
}

impl<'a> ScopedRunner<'a> {
    pub(crate) fn new(
        inner: &'a (dyn RunQuery + Sync),
        catalog: &'a WorkspaceCatalog,
        tenants: &'a Tenants,
        scope: &'a Scope,
    ) -> Self {
        Self { inner, catalog, tenants, scope }
    }

    fn is_named(&self, table: &str) -> bool {
        self.catalog.snapshot().describe(table).is_some_and(|table| tenant_column(table).is_some())
    }

    /// `TenantId` is the id of a workspace in exports of Log Analytics, but our decoders put the tenant there: it counts where its value
    /// is a tenant that other logs name.
    fn has_workspace_column(&self, table: &str) -> bool {
        self.catalog.snapshot().describe(table).is_some_and(|table| table.column("TenantId").is_some())
    }

    /// Whether the scope can see any row of a table.
    fn sees(&self, table: &str) -> bool {
        match self.scope {
            Scope::Whole => true,
            Scope::Tenant(_) => self.is_named(table) || self.has_workspace_column(table),
            Scope::Unnamed => !self.is_named(table) || self.tenants.unnamed.contains(table),
        }
    }

    /// The query as this scope runs it.
    pub(crate) fn narrowed(&self, query: &str) -> Result<String, String> {
        if *self.scope == Scope::Whole {
            return Ok(query.to_owned());
        }
        let mut text = String::new();
        for name in self.inner.tables(query)? {
            let table = self.catalog.snapshot().describe(&name);
            let condition = match (table.and_then(tenant_column), self.scope) {
                (Some(column), Scope::Tenant(id)) => format!("tolower(tostring({column})) == {}", kql_string(id)),
                (Some(column), _) => format!("isempty(tostring({column}))"),
                (None, Scope::Tenant(id)) if self.has_workspace_column(&name) => {
                    format!("tolower(tostring(TenantId)) == {}", kql_string(id))
                }
                (None, Scope::Tenant(_)) => "false".to_owned(),
                (None, _) if self.has_workspace_column(&name) => {
                    format!("tolower(tostring(TenantId)) !in ({})", kql_list(self.tenants.ids.keys()))
                }
                (None, _) => continue,
            };
            text.push_str(&format!("let {name} = {name} | where {condition};\n"));
        }
        Ok(text + query)
    }
}

impl RunQuery for ScopedRunner<'_> {
    fn run(&self, query: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> Result<QueryRows, String> {
        self.inner.run(&self.narrowed(query)?, start, end)
    }

    fn tables(&self, query: &str) -> Result<Vec<String>, String> {
        let all = self.inner.tables(query)?;
        let seen: Vec<String> = all.iter().filter(|table| self.sees(table)).cloned().collect();
        // A rule whose tables this scope cannot see has no data; one that reads no table runs as it is.
        Ok(if seen.is_empty() && !all.is_empty() { vec!["(no rows of this tenant)".to_owned()] } else { seen })
    }
}

/// Gives the alerts of a run their tenant, and, where there are several tenants, ids of their own.
pub(crate) fn stamp(
    outcome: &mut RuleOutcome,
    tables: &[String],
    catalog: &WorkspaceCatalog,
    tenants: &Tenants,
    scope: &Scope,
) {
    let reads_named = || {
        let describe = |name: &String| catalog.snapshot().describe(name);
        let has_rows =
            |name: &&String| catalog.snapshot().statistics(name).is_some_and(|statistics| statistics.rows > 0);
        tables.iter().filter(has_rows).filter_map(describe).any(|table| tenant_column(table).is_some())
    };
    match scope {
        Scope::Whole => {
            let only = tenants.ids.keys().next().filter(|_| reads_named());
            outcome.alerts.iter_mut().for_each(|alert| alert.tenant = only.cloned());
        }
        Scope::Tenant(id) => {
            for alert in &mut outcome.alerts {
                alert.tenant = Some(id.clone());
                // Two tenants can see the very same: the same address at the same time.
                alert.id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{id}\n{}", alert.id).as_bytes()).to_string();
            }
        }
        Scope::Unnamed => {}
    }
}

/// One outcome of a rule from those of all scopes: it failed where any failed, and lacked data where all did.
pub(crate) fn merge(outcomes: Vec<RuleOutcome>, tables: Vec<String>) -> Option<RuleOutcome> {
    let rank = |status: &RuleStatus| match status {
        RuleStatus::Failed { .. } => 0,
        RuleStatus::Ran => 1,
        RuleStatus::Disabled => 2,
        RuleStatus::NoData { .. } => 3,
    };
    let mut by_rank: BTreeMap<usize, RuleStatus> = BTreeMap::new();
    let mut merged: Option<RuleOutcome> = None;
    for outcome in outcomes {
        by_rank.entry(rank(&outcome.status)).or_insert_with(|| outcome.status.clone());
        match &mut merged {
            None => merged = Some(outcome),
            Some(all) => {
                all.runs += outcome.runs;
                all.skipped += outcome.skipped;
                all.rows += outcome.rows;
                all.alerts.extend(outcome.alerts);
            }
        }
    }
    let mut merged = merged?;
    merged.status = match by_rank.into_values().next()? {
        RuleStatus::NoData { .. } => RuleStatus::NoData { tables },
        other => other,
    };
    Some(merged)
}
