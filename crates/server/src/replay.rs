//! Replays rules over a workspace.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use detections::{BUCKET, Rule, RuleOutcome, RunQuery, Span, replay_rule};
use rayon::prelude::*;

use crate::catalog::WorkspaceCatalog;
use crate::rule_runner::RuleRunner;
use crate::tenant_activity::{TableTimes, activities};
use crate::tenant_replay::{ScopedRunner, merge, scopes, stamp};
use crate::tenants::tenants;
use crate::{Error, Progress, Session, Unit};

/// The time that a replay covers: all that the tables hold, or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Bounds {
    /// Only events at or after this time.
    pub(crate) since: Option<DateTime<Utc>>,
    /// Only events before this time.
    pub(crate) until: Option<DateTime<Utc>>,
}

impl Bounds {
    fn contain(&self, bucket: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| bucket + BUCKET > since) && self.until.is_none_or(|until| bucket < until)
    }

    /// A span no wider than the bounds; none where nothing is left.
    fn cut(&self, span: Span) -> Option<Span> {
        let first = self.since.map_or(span.first, |since| since.max(span.first));
        let last = self.until.map_or(span.last, |until| span.last.min(until - TimeDelta::microseconds(1)));
        (first <= last).then_some(Span { first, last })
    }
}

/// Replays each rule over the time that the tables it reads span; over each tenant apart where there are several.
pub(crate) fn replay_all(
    session: &Session,
    catalog: &Arc<WorkspaceCatalog>,
    rules: &[Rule],
    bounds: Bounds,
    progress: &dyn Progress,
) -> Result<Vec<RuleOutcome>, Error> {
    let runner = RuleRunner::new(session, Arc::clone(catalog));
    let tables: BTreeSet<String> = rules.iter().filter_map(|rule| runner.tables(&rule.query).ok()).flatten().collect();
    let tenants = tenants(session, catalog)?;
    let scopes = scopes(&tenants);
    let whole = time_buckets(session, catalog, &tables, bounds)?;
    let contain = |bucket| bounds.contain(bucket);
    let activities = activities(session, catalog, &tenants, &scopes, whole, &contain)?;
    progress.stage("running rules", rules.len() as u64, Unit::Items);
    let outcomes = rules
        .par_iter()
        .filter_map(|rule| {
            let read = runner.tables(&rule.query).unwrap_or_default();
            let span = span(catalog, &read, bounds);
            let over = |(scope, activity)| {
                let mut outcome =
                    replay_rule(rule, span, activity, &ScopedRunner::new(&runner, catalog, &tenants, scope));
                stamp(&mut outcome, &read, catalog, &tenants, scope);
                outcome
            };
            let outcomes = scopes.iter().zip(&activities).map(over).collect();
            progress.advance(1);
            merge(outcomes, read.clone())
        })
        .collect();
    Ok(outcomes)
}

/// First and last event of these tables, within the bounds.
fn span(catalog: &WorkspaceCatalog, tables: &[String], bounds: Bounds) -> Option<Span> {
    let times = tables.iter().filter_map(|table| {
        let statistics = catalog.snapshot().statistics(table)?;
        statistics.first.zip(statistics.last)
    });
    let (first, last) = times.reduce(|(first, last), (a, b)| (first.min(a), last.max(b)))?;
    bounds.cut(Span { first, last })
}

/// When the tables have rows, within the bounds.
fn time_buckets(
    session: &Session,
    catalog: &WorkspaceCatalog,
    tables: &BTreeSet<String>,
    bounds: Bounds,
) -> Result<Vec<TableTimes>, Error> {
    let mut buckets = Vec::with_capacity(tables.len());
    for table in tables {
        let found = session.runtime().block_on(catalog.snapshot().time_buckets(table, BUCKET))?;
        let times: Vec<_> = found.iter().map(|(bucket, _)| *bucket).filter(|bucket| bounds.contain(*bucket)).collect();
        buckets.push((table.clone(), times));
    }
    Ok(buckets)
}
