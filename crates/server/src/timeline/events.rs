//! `timeline`: all events of an entity or of an incident, over all tables.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use report::describe_event;
use schema::{Alert, Entity, Incident};
use serde::Serialize;

use super::aliases::with_aliases;
use super::evidence::{EvidenceRow, evidence};
use super::search::{log_tables, search};
use super::terms::entity_terms;
use crate::catalog::WorkspaceCatalog;
use crate::findings::Findings;
use crate::{Error, Session};

/// Most events of a timeline: the earliest of each table are kept, and the timeline says that it is cut.
pub const TIMELINE_EVENTS_MAX: usize = 50_000;

/// What to put in order.
#[derive(Debug, Clone, Default)]
pub struct TimelineRequest {
    /// The workspace.
    pub workspace: PathBuf,
    /// An account, address, host or application, by any of its names; or else …
    pub entity: Option<String>,
    /// … the number or id of an incident.
    pub incident: Option<String>,
    /// Only events at or after this time.
    pub since: Option<DateTime<Utc>>,
    /// Only events before this time.
    pub until: Option<DateTime<Utc>>,
}

/// Events by time.
#[derive(Debug, Clone, Serialize)]
pub struct Timeline {
    /// The identifiers that were looked for.
    pub identifiers: Vec<String>,
    /// The events.
    pub events: Vec<TimelineEvent>,
    /// How many events each table gave.
    pub tables: Vec<EventTable>,
    /// Events left out because there were too many; 0 where the timeline is whole.
    pub cut: u64,
}

/// A table and its share of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventTable {
    /// The table.
    pub table: String,
    /// Its events.
    pub events: u64,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimelineEvent {
    /// When.
    pub time: DateTime<Utc>,
    /// The table that holds it.
    pub table: String,
    /// What happened, in a few words.
    pub description: String,
    /// Column and value of what matters.
    pub fields: Vec<(String, String)>,
    /// The file it came from.
    pub source_file: String,
    /// Where in that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_offset: Option<i64>,
}

/// All events of an entity or of an incident.
pub fn timeline(request: &TimelineRequest) -> Result<Timeline, Error> {
    let session = Session::open(&request.workspace)?;
    let catalog = session.catalog()?;
    let findings = Findings::read(&session, &catalog)?;
    let since = request.since.unwrap_or(DateTime::<Utc>::MIN_UTC);
    let until = request.until.unwrap_or(DateTime::<Utc>::MAX_UTC);
    let (identifiers, rows, cut) = match (&request.entity, &request.incident) {
        (Some(entity), _) => of_entity(&session, &catalog, &findings, entity, (since, until))?,
        (None, Some(id)) => {
            let (incident, alerts) = incident_of(&findings, &request.workspace, id)?;
            let (rows, cut) = of_incident(&session, &catalog, &alerts)?;
            (incident.entities.iter().flat_map(entity_terms).collect(), rows, cut)
        }
        (None, None) => return Err(Error::new("timeline of nothing").with_hint("give `--entity` or `--incident`")),
    };
    let rows = rows.into_iter().filter(|row| since <= row.time && row.time < until).collect();
    Ok(whole(identifiers, rows, cut))
}

fn whole(identifiers: Vec<String>, mut rows: Vec<EvidenceRow>, cut: u64) -> Timeline {
    rows.sort_by(|left, right| left.key().cmp(&right.key()));
    rows.dedup_by(|left, right| left.key() == right.key() && left.offset.is_some());
    let over = rows.len().saturating_sub(TIMELINE_EVENTS_MAX) as u64;
    rows.truncate(TIMELINE_EVENTS_MAX);
    let mut tables: Vec<EventTable> = Vec::new();
    for row in &rows {
        match tables.iter_mut().find(|known| known.table == row.table) {
            Some(known) => known.events += 1,
            None => tables.push(EventTable { table: row.table.to_owned(), events: 1 }),
        }
    }
    tables.sort_by(|left, right| left.table.cmp(&right.table));
    Timeline { identifiers, events: rows.into_iter().map(event).collect(), tables, cut: cut + over }
}

fn event(row: EvidenceRow) -> TimelineEvent {
    let words = describe_event(row.table, &row.row);
    TimelineEvent {
        time: row.time,
        table: row.table.to_owned(),
        description: words.text,
        fields: words.fields,
        source_file: row.file,
        source_offset: row.offset,
    }
}

/// What was looked for, the rows, and how many were left out.
type Rows = (Vec<String>, Vec<EvidenceRow>, u64);

fn of_entity(
    session: &Session,
    catalog: &WorkspaceCatalog,
    findings: &Findings,
    name: &str,
    (since, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Rows, Error> {
    let terms = with_aliases(session, catalog, named_terms(findings, name))?;
    if terms.is_empty() {
        return Err(Error::new(format!("`{name}` names nobody in particular"))
            .with_hint("give a user principal name, DOMAIN\\name, object id, SID, address or host"));
    }
    let (mut rows, mut cut) = (Vec::new(), 0);
    for table in log_tables(catalog) {
        let Some(statistics) = catalog.snapshot().statistics(&table.name) else { continue };
        let Some((first, last)) = statistics.first.zip(statistics.last) else { continue };
        let range = (first.max(since), last.min(until));
        if range.0 <= range.1 {
            let found = search(session, catalog, table, &terms, range, TIMELINE_EVENTS_MAX)?;
            rows.extend(found.found);
            cut += found.more;
        }
    }
    Ok((terms, rows, cut))
}

/// The terms of an entity that is given by one of its names, with what findings know of it.
fn named_terms(findings: &Findings, name: &str) -> Vec<String> {
    let wanted = name.trim().to_lowercase();
    let known = findings.alerts.values().flat_map(|alert| &alert.entities);
    let mut terms: Vec<String> = Vec::new();
    let same = known
        .filter(|entity| entity_terms(entity).contains(&wanted) || entity.friendly_name().to_lowercase() == wanted);
    let given = if let Some(address) = Entity::ip(&wanted) {
        entity_terms(&address)
    } else if wanted.contains(['@', '\\']) {
        Entity::account(&wanted).iter().flat_map(entity_terms).collect()
    } else {
        vec![wanted.clone()]
    };
    for term in given.into_iter().chain(same.flat_map(entity_terms)) {
        if !term.is_empty() && !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms
}

fn incident_of<'a>(
    findings: &'a Findings,
    workspace: &Path,
    id: &str,
) -> Result<(&'a Incident, Vec<&'a Alert>), Error> {
    let is_wanted = |incident: &&Incident| incident.number.to_string() == id || incident.id.eq_ignore_ascii_case(id);
    let incident = findings.incidents.values().find(is_wanted).ok_or_else(|| {
        Error::new(format!("no incident `{id}` in `{}`", workspace.display()))
            .with_hint("`vedette incidents list` shows numbers and titles")
    })?;
    Ok((incident, incident.alert_ids.iter().filter_map(|id| findings.alerts.get(id)).collect()))
}

/// Rows behind the alerts of an incident, from all tables.
fn of_incident(
    session: &Session,
    catalog: &WorkspaceCatalog,
    alerts: &[&Alert],
) -> Result<(Vec<EvidenceRow>, u64), Error> {
    let tables = log_tables(catalog);
    let (mut rows, mut cut) = (Vec::new(), 0);
    for alert in alerts {
        let (found, more) = evidence(session, catalog, &tables, alert)?;
        rows.extend(found);
        cut += more;
    }
    Ok((rows, cut))
}
