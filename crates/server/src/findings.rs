//! Alerts and incidents as rows of the workspace, and back.
//!
//! `SecurityAlert` and `SecurityIncident` are logs of changes, as in Sentinel: a row for each state, the newest counts.
//! `_RawExtra` holds the finding whole, so that reading back loses nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use schema::{Alert, Incident};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::catalog::WorkspaceCatalog;
use crate::rows_from_json::rows_from_json;
use crate::{Error, Session};

/// The key within `_RawExtra` that tells our findings from imported rows.
const KEY: &str = "vedette";
/// `Status` of an incident whose alerts went to another one.
const CLOSED: &str = "Closed";

/// What a workspace knows, in its newest state, by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Findings {
    pub(crate) alerts: BTreeMap<String, Alert>,
    pub(crate) incidents: BTreeMap<String, Incident>,
    /// Numbers of imported incidents, which ours do not take.
    imported_numbers: BTreeSet<u32>,
}

impl Findings {
    /// Reads the newest state of each finding of ours.
    pub(crate) fn read(session: &Session, catalog: &WorkspaceCatalog) -> Result<Self, Error> {
        let alerts: Vec<Alert> = read_all(session, catalog, "SecurityAlert", "ProcessingEndTime")?;
        let incidents: Vec<Incident> = read_all(session, catalog, "SecurityIncident", "LastModifiedTime")?;
        Ok(Self {
            alerts: alerts.into_iter().map(|alert| (alert.id.clone(), alert)).collect(),
            incidents: incidents.into_iter().map(|incident| (incident.id.clone(), incident)).collect(),
            imported_numbers: imported_numbers(session, catalog)?,
        })
    }

    /// Incidents that still stand.
    pub(crate) fn open_incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.values().filter(|incident| incident.status != CLOSED)
    }

    /// Gives the incidents of a new correlation the numbers they already had, and new ones the next numbers that neither ours nor
    /// imported ones have.
    pub(crate) fn keep_numbers(&self, incidents: &mut [Incident]) {
        let mut next = self.incidents.values().map(|incident| incident.number).max().unwrap_or(0);
        for incident in incidents {
            incident.number = match self.incidents.get(&incident.id) {
                Some(known) => known.number,
                None => {
                    next += 1;
                    while self.imported_numbers.contains(&next) {
                        next += 1;
                    }
                    next
                }
            };
        }
    }

    /// Writes what is new or changed. An open incident that the new correlation no longer has was merged into another: it is closed.
    pub(crate) fn write_changes(
        &self,
        session: &Session,
        alerts: &[Alert],
        incidents: &[Incident],
    ) -> Result<(), Error> {
        let changed_alerts: Vec<Map<String, Value>> = alerts
            .iter()
            .filter(|alert| self.alerts.get(&alert.id) != Some(alert))
            .map(|alert| with_extra(alert.to_row(), alert))
            .collect::<Result<_, _>>()?;
        let current: BTreeSet<&str> = incidents.iter().map(|incident| incident.id.as_str()).collect();
        let latest = incidents.iter().map(|incident| incident.modified).max();
        let merged: Vec<Incident> = self
            .open_incidents()
            .filter(|incident| !current.contains(incident.id.as_str()))
            .map(|incident| closed(incident, latest))
            .collect();
        let changed_incidents: Vec<Map<String, Value>> = incidents
            .iter()
            .filter(|incident| self.incidents.get(&incident.id) != Some(incident))
            .chain(&merged)
            .map(|incident| with_extra(incident.to_row(), incident))
            .collect::<Result<_, _>>()?;
        write(session, &[("SecurityAlert", changed_alerts), ("SecurityIncident", changed_incidents)])
    }
}

fn closed(incident: &Incident, at: Option<DateTime<Utc>>) -> Incident {
    let mut incident = incident.clone();
    incident.status = CLOSED.to_owned();
    incident.modified = at.map_or(incident.modified, |at| at.max(incident.modified));
    incident
}

fn with_extra(mut row: Map<String, Value>, finding: &impl serde::Serialize) -> Result<Map<String, Value>, Error> {
    let whole =
        serde_json::to_value(finding).map_err(|error| Error::new(format!("failed to write a finding: {error}")))?;
    row.insert("_RawExtra".to_owned(), json!({ KEY: whole }));
    Ok(row)
}

fn write(session: &Session, tables: &[(&str, Vec<Map<String, Value>>)]) -> Result<(), Error> {
    let mut batches = Vec::new();
    for (name, rows) in tables.iter().filter(|(_, rows)| !rows.is_empty()) {
        let table = schema::table(name).ok_or_else(|| Error::new(format!("no built-in table `{name}`")))?;
        batches.push((table, rows_from_json(table, rows)?));
    }
    session.append(batches)
}

/// The numbers of imported incidents.
fn imported_numbers(session: &Session, catalog: &WorkspaceCatalog) -> Result<BTreeSet<u32>, Error> {
    let table = "SecurityIncident";
    let text = format!("{table} | where isnotempty(_SourceFile) and IncidentNumber > 0 | distinct IncidentNumber");
    let rows = rows_of(session, catalog, table, &text)?;
    Ok(rows.iter().filter_map(|row| u32::try_from(row.first()?.as_u64()?).ok()).collect())
}

/// All findings of ours in a table, oldest state first.
fn read_all<T: DeserializeOwned>(
    session: &Session,
    catalog: &WorkspaceCatalog,
    table: &str,
    modified: &str,
) -> Result<Vec<T>, Error> {
    // An imported row may have any extra fields, but always says which file it is from.
    let text = format!(
        "{table} | where isempty(_SourceFile) and isnotnull(_RawExtra.{KEY}) | sort by {modified} asc | project _RawExtra"
    );
    rows_of(session, catalog, table, &text)?
        .into_iter()
        .map(|row| {
            let finding = row.into_iter().next().and_then(|mut extra| extra.get_mut(KEY).map(Value::take));
            serde_json::from_value(finding.unwrap_or_default())
                .map_err(|error| Error::new(format!("a row of `{table}` is not a finding of this version: {error}")))
        })
        .collect()
}

/// The rows that a query over this table gives; none where the table is empty.
fn rows_of(session: &Session, catalog: &WorkspaceCatalog, table: &str, text: &str) -> Result<Vec<Vec<Value>>, Error> {
    if catalog.snapshot().statistics(table).is_none_or(|statistics| statistics.rows == 0) {
        return Ok(Vec::new());
    }
    let result = session
        .query_on(catalog, text, DateTime::UNIX_EPOCH, None)
        .and_then(kql_engine::QueryResult::complete)
        .map_err(|error| Error::new(format!("failed to read `{table}`: {error}")))?;
    Ok(result.rows_json().collect())
}
