//! What an incident says of its alerts.

use std::collections::{BTreeMap, BTreeSet};

use schema::{Alert, Entity, EntityKind, Incident, RULE_PRODUCT_NAME, Severity};
use uuid::Uuid;

/// Sums up alerts, ordered by time, as an incident; `None` when there are none. The number is given later.
pub(crate) fn summarize(alerts: &[&Alert]) -> Option<Incident> {
    let first = alerts.first()?;
    let telling = alerts.iter().min_by(|left, right| telling_order(left).cmp(&telling_order(right)))?;
    let set = |of: fn(&Alert) -> &[String]| -> Vec<String> {
        alerts.iter().flat_map(|alert| of(alert)).collect::<BTreeSet<_>>().into_iter().cloned().collect()
    };
    Some(Incident {
        id: Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("incident\n{}", first.id).as_bytes()).to_string(),
        number: 0,
        title: title(telling),
        description: telling.description.clone(),
        severity: alerts.iter().map(|alert| alert.severity).max().unwrap_or(Severity::Informational),
        status: "New".to_owned(),
        tenants: alerts.iter().filter_map(|alert| alert.tenant.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
        tactics: alerts
            .iter()
            .flat_map(|alert| alert.tactics.iter().copied())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        techniques: set(|alert| &alert.techniques),
        sub_techniques: set(|alert| &alert.sub_techniques),
        entities: merge_entities(alerts.iter().flat_map(|alert| &alert.entities)),
        first_activity: alerts.iter().map(|alert| alert.start).min()?,
        last_activity: alerts.iter().map(|alert| alert.end).max()?,
        created: alerts.iter().map(|alert| alert.generated).min()?,
        modified: alerts.iter().map(|alert| alert.updated).max()?,
        alert_ids: alerts.iter().map(|alert| alert.id.clone()).collect(),
        rule_ids: alerts.iter().map(|alert| alert.rule_id.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
        alert_product_names: vec![RULE_PRODUCT_NAME.to_owned()],
    })
}

/// Each entity once: what shares an identity (an account known by its name here, by its name and object id there) is one entity
/// with the identifiers of all.
fn merge_entities<'a>(all: impl Iterator<Item = &'a Entity>) -> Vec<Entity> {
    let mut merged: Vec<Entity> = Vec::new();
    let mut by_key: BTreeMap<String, usize> = BTreeMap::new();
    for entity in all {
        let keys: Vec<String> = entity.strong_keys().into_iter().chain([entity.key()]).collect();
        let index = match keys.iter().find_map(|key| by_key.get(key)) {
            Some(&index) => {
                for (name, value) in &entity.identifiers {
                    merged[index].identifiers.entry(name.clone()).or_insert_with(|| value.clone());
                }
                index
            }
            None => {
                merged.push(entity.clone());
                merged.len() - 1
            }
        };
        for key in keys {
            by_key.entry(key).or_insert(index);
        }
    }
    merged
}

/// The most telling alert comes first: the most severe, then the one farthest along the attack, then the oldest.
fn telling_order(alert: &Alert) -> impl Ord {
    let stage = alert.tactics.iter().max().copied();
    (std::cmp::Reverse((alert.severity, stage)), alert.start, alert.id.clone())
}

/// The alert's name and whom it is about, unless the name says so itself.
fn title(alert: &Alert) -> String {
    match main_entity(&alert.entities) {
        Some(name) if !alert.display_name.to_lowercase().contains(&name.to_lowercase()) => {
            format!("{} involving {name}", alert.display_name)
        }
        _ => alert.display_name.clone(),
    }
}

/// An account says most, then a host, then an address, then anything; what every machine has says nothing.
fn main_entity(entities: &[Entity]) -> Option<String> {
    let order = |entity: &&Entity| match entity.kind {
        EntityKind::Account => 0,
        EntityKind::Host => 1,
        EntityKind::Ip => 2,
        _ => 3,
    };
    entities.iter().filter(|entity| !entity.is_built_in()).min_by_key(order).map(Entity::friendly_name)
}
