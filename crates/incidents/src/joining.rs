//! Joining of incidents across rules: alerts near in time that share an account, host or address.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use schema::{Alert, Entity, EntityKind};

use crate::CorrelationOptions;
use crate::disjoint_sets::DisjointSets;
use crate::scopes::Scopes;

/// Alerts farther apart than this do not belong together because of a shared entity.
pub(crate) const MAX_GAP: TimeDelta = TimeDelta::hours(24);
/// An entity in more alerts on one day (UTC) than this is too common to mean anything.
pub(crate) const MAX_ALERTS_A_DAY: usize = 20;

/// Joins alerts, given ordered by time, that share an entity within [`MAX_GAP`].
pub(crate) fn join_alerts(
    alerts: &[&Alert],
    options: &CorrelationOptions,
    scopes: &Scopes<'_>,
    sets: &mut DisjointSets,
) {
    for indexes in alerts_by_entity(alerts, options, scopes).into_values() {
        if is_too_common(alerts, &indexes) {
            continue;
        }
        join_near(alerts, indexes, sets);
    }
}

/// Joins alerts of one entity: each with the one before it that ended last, when it is near enough. Any nearer pair is then in the
/// same set too.
fn join_near(alerts: &[&Alert], mut indexes: Vec<usize>, sets: &mut DisjointSets) {
    indexes.sort_by_key(|&index| (alerts[index].start, index));
    let mut latest: Option<usize> = None;
    for index in indexes {
        if let Some(before) = latest.filter(|&before| alerts[index].start - alerts[before].end <= MAX_GAP) {
            sets.union(before, index);
        }
        if latest.is_none_or(|before| alerts[index].end > alerts[before].end) {
            latest = Some(index);
        }
    }
}

fn is_too_common(alerts: &[&Alert], indexes: &[usize]) -> bool {
    let mut by_day: BTreeMap<_, usize> = BTreeMap::new();
    for &index in indexes {
        *by_day.entry(alerts[index].start.date_naive()).or_default() += 1;
    }
    by_day.into_values().any(|count| count > MAX_ALERTS_A_DAY)
}

fn alerts_by_entity(
    alerts: &[&Alert],
    options: &CorrelationOptions,
    scopes: &Scopes<'_>,
) -> BTreeMap<String, Vec<usize>> {
    let mut by_entity: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, alert) in alerts.iter().enumerate() {
        let joining = alert.entities.iter().filter(|entity| joins(entity, options));
        let keys: BTreeSet<String> = joining.flat_map(|entity| scopes.keys(alert, entity)).collect();
        for key in keys {
            by_entity.entry(key).or_default().push(index);
        }
    }
    by_entity
}

fn joins(entity: &Entity, options: &CorrelationOptions) -> bool {
    let kind = matches!(entity.kind, EntityKind::Account | EntityKind::Host | EntityKind::Ip);
    kind && !entity.is_built_in() && !options.is_infrastructure(entity)
}
