//! Findings as people read them.

use std::collections::BTreeMap;

use schema::{Alert, Entity, Incident};

use crate::investigation::{AlertSummary, EntitySummary, IncidentSummary};

/// An incident with its alerts.
pub(crate) fn incident_summary(incident: &Incident, alerts: &BTreeMap<String, Alert>) -> IncidentSummary {
    let mut members: Vec<&Alert> = incident.alert_ids.iter().filter_map(|id| alerts.get(id)).collect();
    members.sort_by_key(|alert| (alert.start, alert.end, alert.id.clone()));
    let mut techniques: Vec<String> = incident.techniques.iter().chain(&incident.sub_techniques).cloned().collect();
    techniques.sort();
    IncidentSummary {
        id: incident.id.clone(),
        number: i64::from(incident.number),
        title: incident.title.clone(),
        severity: incident.severity.as_str().to_owned(),
        entities: entity_summaries(&incident.entities),
        tenants: incident.tenants.clone(),
        tactics: incident.tactics.iter().map(|tactic| tactic.as_str().to_owned()).collect(),
        techniques,
        first_activity: incident.first_activity,
        last_activity: incident.last_activity,
        alerts: members.into_iter().map(alert_summary).collect(),
    }
}

fn alert_summary(alert: &Alert) -> AlertSummary {
    let mut events: Vec<_> = alert.events.iter().flat_map(|event| [event.start, event.end]).flatten().collect();
    events.sort();
    events.dedup();
    AlertSummary {
        id: alert.id.clone(),
        rule_id: alert.rule_id.clone(),
        name: alert.display_name.clone(),
        time: alert.generated,
        start: alert.start,
        end: alert.end,
        events,
    }
}

/// Each kind and name once: one account may be known by its name and, apart from that, by its id.
fn entity_summaries(entities: &[Entity]) -> Vec<EntitySummary> {
    let mut summaries: Vec<EntitySummary> = Vec::new();
    for summary in entities.iter().map(entity_summary) {
        if !summaries.contains(&summary) {
            summaries.push(summary);
        }
    }
    summaries
}

/// Kind and name of an entity.
pub(crate) fn entity_summary(entity: &Entity) -> EntitySummary {
    EntitySummary { kind: entity.kind.as_str().to_owned(), value: entity.friendly_name() }
}

/// Most severe first, then by first activity.
pub(crate) fn sort_incidents(incidents: &mut [(schema::Severity, IncidentSummary)]) {
    incidents.sort_by(|(left, a), (right, b)| {
        right.cmp(left).then(a.first_activity.cmp(&b.first_activity)).then(a.id.cmp(&b.id))
    });
}
