//! Incidents with their alerts, timeline and evidence.

use std::collections::BTreeMap;

use report::{EntityName, Listed, ReportAlert, ReportEvent, ReportIncident, ReportRule, describe_event};
use schema::{Alert, Incident, Table};

use super::limits;
use crate::catalog::WorkspaceCatalog;
use crate::findings::Findings;
use crate::summaries::entity_summary;
use crate::timeline::{evidence, evidence_query, log_tables};
use crate::{Error, Session};

/// The incidents that stand, most severe first.
pub(super) fn gather(
    session: &Session,
    catalog: &WorkspaceCatalog,
    findings: &Findings,
    rules: &[ReportRule],
) -> Result<Listed<ReportIncident>, Error> {
    let mut ordered: Vec<&Incident> = findings.open_incidents().collect();
    ordered.sort_by_key(|incident| (std::cmp::Reverse(incident.severity), incident.first_activity, incident.number));
    let more = ordered.len().saturating_sub(limits::INCIDENTS_MAX) as u64;
    ordered.truncate(limits::INCIDENTS_MAX);
    let logs = log_tables(catalog);
    let by_rule: BTreeMap<&str, Vec<&'static Table>> = rules
        .iter()
        .map(|rule| {
            (rule.id.as_str(), logs.iter().copied().filter(|table| rule.tables.contains(&table.name)).collect())
        })
        .collect();
    let gathered = ordered.into_iter().map(|incident| -> Result<ReportIncident, Error> {
        let mut alerts: Vec<&Alert> = incident.alert_ids.iter().filter_map(|id| findings.alerts.get(id)).collect();
        alerts.sort_by(|left, right| (left.start, left.end, &left.id).cmp(&(right.start, right.end, &right.id)));
        let events = events(session, catalog, &alerts, |alert| by_rule.get(alert.rule_id.as_str()).unwrap_or(&logs))?;
        Ok(report_incident(incident, &alerts, events))
    });
    let query =
        "SecurityIncident | summarize arg_max(LastModifiedTime, *) by IncidentName | sort by IncidentNumber asc"
            .to_owned();
    Ok(Listed { items: gathered.collect::<Result<_, Error>>()?, more, query })
}

fn report_incident(incident: &Incident, alerts: &[&Alert], events: Listed<ReportEvent>) -> ReportIncident {
    let mut techniques: Vec<String> = incident.techniques.iter().chain(&incident.sub_techniques).cloned().collect();
    techniques.sort();
    let mut names: Vec<EntityName> = Vec::new();
    for entity in &incident.entities {
        let summary = entity_summary(entity);
        let name = EntityName { kind: summary.kind, value: summary.value };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let alerts_query = format!(
        "SecurityAlert | where SystemAlertId in ((SecurityIncident | where IncidentNumber == {} | mv-expand Id = AlertIds | project tostring(Id)))",
        incident.number
    );
    ReportIncident {
        number: incident.number,
        id: incident.id.clone(),
        title: incident.title.clone(),
        severity: incident.severity,
        status: incident.status.clone(),
        tenants: incident.tenants.clone(),
        tactics: incident.tactics.clone(),
        techniques,
        first_activity: incident.first_activity,
        last_activity: incident.last_activity,
        entities: Listed::cut(names, limits::NAMES_MAX, &alerts_query),
        alerts: Listed::cut(
            alerts.iter().map(|alert| report_alert(alert)).collect(),
            limits::ALERTS_MAX,
            &alerts_query,
        ),
        events,
    }
}

fn report_alert(alert: &Alert) -> ReportAlert {
    let details = alert.custom_details.iter().map(|(name, values)| {
        let mut text = values.iter().take(limits::DETAIL_VALUES_MAX).cloned().collect::<Vec<_>>().join(", ");
        if values.len() > limits::DETAIL_VALUES_MAX {
            text.push_str(&format!(" and {} more", values.len() - limits::DETAIL_VALUES_MAX));
        }
        if text.chars().count() > limits::DETAIL_CHARACTERS_MAX {
            text = text.chars().take(limits::DETAIL_CHARACTERS_MAX).chain(['…']).collect();
        }
        (name.clone(), text)
    });
    ReportAlert {
        id: alert.id.clone(),
        name: alert.display_name.clone(),
        rule_name: alert.rule_name.clone(),
        rule_version: alert.rule_version.clone(),
        severity: alert.severity,
        start: alert.start,
        end: alert.end,
        description: alert.description.clone(),
        details: details.collect(),
    }
}

/// The rows behind the alerts, each once, by time.
fn events<'a>(
    session: &Session,
    catalog: &WorkspaceCatalog,
    alerts: &[&Alert],
    tables_of: impl Fn(&Alert) -> &'a Vec<&'static Table>,
) -> Result<Listed<ReportEvent>, Error> {
    let mut more = 0;
    let mut events: Vec<ReportEvent> = Vec::new();
    for &alert in alerts {
        let (rows, beyond) = evidence(session, catalog, tables_of(alert), alert)?;
        more += beyond;
        events.extend(rows.into_iter().map(|row| {
            let words = describe_event(row.table, &row.row);
            ReportEvent {
                time: row.time,
                table: row.table.to_owned(),
                text: words.text,
                fields: words.fields,
                source_file: row.file,
                source_offset: row.offset,
            }
        }));
    }
    let key = |event: &ReportEvent| {
        (event.time, event.table.clone(), event.source_file.clone(), event.source_offset, event.text.clone())
    };
    events.sort_by_cached_key(key);
    events.dedup_by(|left, right| key(left) == key(right));
    let mut tables: Vec<&str> = alerts.iter().copied().flat_map(&tables_of).map(|table| table.name.as_str()).collect();
    tables.sort_unstable();
    tables.dedup();
    let mut listed = Listed::cut(events, limits::EVENTS_MAX, evidence_query(&tables, alerts));
    listed.more += more;
    Ok(listed)
}
