//! Grouping of one rule's alerts as its `incidentConfiguration` says.

use std::collections::BTreeSet;

use schema::{Alert, AlertDetail, Grouping, IncidentSettings, MatchingMethod};

/// Most alerts that grouping puts into one incident (the product's limit); the next alert begins another.
pub(crate) const MAX_GROUPED_ALERTS: usize = 150;

/// Groups the alerts of one rule, given oldest first; each inner list holds positions in `alerts`.
pub(crate) fn group_rule(alerts: &[&Alert], settings: &IncidentSettings) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, alert) in alerts.iter().enumerate() {
        let joined = settings.grouping.as_ref().and_then(|grouping| {
            let takes = |group: &&mut Vec<usize>| {
                group.len() < MAX_GROUPED_ALERTS
                    && alert.generated - alerts[group[0]].generated <= grouping.lookback
                    && group.iter().any(|member| matches(alerts[*member], alert, grouping))
            };
            groups.iter_mut().rev().find(takes)
        });
        match joined {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups
}

fn matches(left: &Alert, right: &Alert, grouping: &Grouping) -> bool {
    match grouping.matching {
        MatchingMethod::AnyAlert => true,
        MatchingMethod::AllEntities => !left.entities.is_empty() && all_keys(left) == all_keys(right),
        MatchingMethod::Selected => {
            let same_entities = grouping.by_entities.iter().all(|kind| {
                let keys = |alert: &Alert| -> BTreeSet<String> {
                    alert.entities.iter().filter(|entity| entity.kind == *kind).map(schema::Entity::key).collect()
                };
                keys(left) == keys(right)
            });
            let same_details = grouping.by_alert_details.iter().all(|detail| match detail {
                AlertDetail::DisplayName => left.display_name == right.display_name,
                AlertDetail::Severity => left.severity == right.severity,
            });
            let same_custom = grouping
                .by_custom_details
                .iter()
                .all(|key| left.custom_details.get(key) == right.custom_details.get(key));
            same_entities && same_details && same_custom
        }
    }
}

fn all_keys(alert: &Alert) -> BTreeSet<String> {
    alert.entities.iter().map(schema::Entity::key).collect()
}
