//! When tables have events, and which rules could look.

use std::path::Path;

use chrono::TimeDelta;
use report::{ReportRule, TableCoverage, table_coverage};
use serde::Serialize;

use crate::catalog::WorkspaceCatalog;
use crate::history::read_rule_runs;
use crate::timeline::log_tables;
use crate::{Error, Session};

/// What a workspace covers.
#[derive(Debug, Clone, Serialize)]
pub struct Coverage {
    /// The log tables that hold rows, by name.
    pub tables: Vec<TableCoverage>,
    /// The last run of each rule, by name.
    pub rules: Vec<ReportRule>,
}

/// First and last event, volume a day and gaps of each log table, and how each rule fared.
pub fn coverage(workspace: &Path) -> Result<Coverage, Error> {
    let session = Session::open(workspace)?;
    let catalog = session.catalog()?;
    Ok(Coverage { tables: tables(&session, &catalog)?, rules: read_rule_runs(&session, &catalog)? })
}

/// The coverage of the log tables that hold rows. Our own alerts are no events.
pub(super) fn tables(session: &Session, catalog: &WorkspaceCatalog) -> Result<Vec<TableCoverage>, Error> {
    let mut covered = Vec::new();
    for table in log_tables(catalog).into_iter().filter(|table| table.name != "SecurityAlert") {
        let Some(statistics) = catalog.snapshot().statistics(&table.name) else { continue };
        let hours = session.runtime().block_on(catalog.snapshot().time_buckets(&table.name, TimeDelta::hours(1)))?;
        covered.push(table_coverage(&table.name, statistics.rows, statistics.first, statistics.last, &hours));
    }
    Ok(covered)
}
