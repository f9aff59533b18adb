//! Replays rules over a workspace.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use detections::{BUCKET, Rule, RuleOutcome, RuleReplay, RunQuery, Span};
use rayon::prelude::*;

use crate::catalog::WorkspaceCatalog;
use crate::rule_runner::RuleRunner;
use crate::tenant_activity::{TableTimes, activities};
use crate::tenant_replay::{Scope, ScopedRunner, merge, scopes, stamp};
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

/// How long rules run before all have to come along, so that what they read is in memory for as long only: rows are read by days.
const STEP: TimeDelta = TimeDelta::days(1);

/// Replays each rule over the time that the tables it reads span; over each tenant apart where there are several.
pub(crate) fn replay_all(
    session: &Session,
    catalog: &Arc<WorkspaceCatalog>,
    rules: &[Rule],
    bounds: Bounds,
    progress: &dyn Progress,
) -> Result<Vec<RuleOutcome>, Error> {
    replay_with(&RuleRunner::new(session, Arc::clone(catalog)), session, catalog, rules, bounds, progress)
}

fn replay_with(
    runner: &RuleRunner<'_>,
    session: &Session,
    catalog: &Arc<WorkspaceCatalog>,
    rules: &[Rule],
    bounds: Bounds,
    progress: &dyn Progress,
) -> Result<Vec<RuleOutcome>, Error> {
    let tables: BTreeSet<String> = rules.iter().filter_map(|rule| runner.tables(&rule.query).ok()).flatten().collect();
    let tenants = tenants(session, catalog)?;
    let scopes = scopes(&tenants);
    let whole = time_buckets(session, catalog, &tables, bounds)?;
    let contain = |bucket| bounds.contain(bucket);
    let activities = activities(session, catalog, &tenants, &scopes, whole, &contain)?;
    let mut replays: Vec<ScopedReplay<'_>> = rules
        .par_iter()
        .flat_map_iter(|rule| {
            let span = span(catalog, &runner.tables(&rule.query).unwrap_or_default(), bounds);
            scopes.iter().zip(&activities).map(move |(scope, activity)| (rule, span, scope, activity))
        })
        .map(|(rule, span, scope, activity)| {
            let scoped = ScopedRunner::new(runner, catalog, &tenants, scope);
            let mut replay = RuleReplay::new(rule, span, activity, &scoped);
            // All are planned before the first runs, so that what they read is known.
            if let (Some(_), Ok(query)) = (replay.next_end(), scoped.narrowed(&rule.query)) {
                runner.prepare(&query, rule.schedule().period);
            }
            ScopedReplay { rule, scope, scoped, replay }
        })
        .collect();
    run_side_by_side(runner, &mut replays, progress);
    let mut outcomes: Vec<Vec<RuleOutcome>> = rules.iter().map(|_| Vec::with_capacity(scopes.len())).collect();
    for (at, replay) in replays.into_iter().enumerate() {
        let ScopedReplay { rule, scope, replay, .. } = replay;
        let mut outcome = replay.finish();
        stamp(&mut outcome, &runner.tables(&rule.query).unwrap_or_default(), catalog, &tenants, scope);
        outcomes[at / scopes.len().max(1)].push(outcome);
    }
    let merged =
        |(rule, outcomes): (&Rule, Vec<RuleOutcome>)| merge(outcomes, runner.tables(&rule.query).unwrap_or_default());
    Ok(rules.iter().zip(outcomes).filter_map(merged).collect())
}

/// A rule's replay over a scope.
struct ScopedReplay<'a> {
    rule: &'a Rule,
    scope: &'a Scope,
    scoped: ScopedRunner<'a>,
    replay: RuleReplay<'a>,
}

/// Runs all replays through the same days at a time.
fn run_side_by_side(runner: &RuleRunner<'_>, replays: &mut [ScopedReplay<'_>], progress: &dyn Progress) {
    let left = |replays: &mut [ScopedReplay<'_>]| replays.iter_mut().filter_map(|each| each.replay.next_end()).count();
    let total = left(replays);
    progress.stage("running rules", total as u64, Unit::Items);
    let mut before = total;
    while let Some(first) = replays.iter_mut().filter_map(|each| each.replay.next_end()).min() {
        let until = first.duration_trunc(STEP).ok().and_then(|day| day.checked_add_signed(STEP));
        replays.par_iter_mut().with_max_len(1).for_each(|each| each.replay.run_until(until, &each.scoped));
        if let Some(until) = until {
            runner.forget_before(until);
        }
        let now = left(replays);
        progress.advance((before - now) as u64);
        before = now;
    }
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

#[cfg(test)]
mod tests {
    use generator::{GenerateOptions, ScenarioChoice};

    use super::*;
    use crate::context::{Wanted, context_for};
    use crate::demo::{TenantPlace, generate};
    use crate::{Unwatched, rules};

    #[test]
    fn rules_that_share_rows_find_what_each_finds_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tenant");
        let options =
            GenerateOptions { users: 150, days: 3, scenarios: ScenarioChoice::All, ..GenerateOptions::default() };
        let now = DateTime::from_timestamp(1_767_225_600, 0).expect("in range");
        generate(&options, &TenantPlace::Workspace(path.clone()), None, now).expect("generates");
        let session = Session::open(&path).expect("a workspace");
        let catalog =
            session.catalog_in(context_for(&session, None, Wanted::All).expect("a context")).expect("a catalog");
        let set = rules::load(&[]).expect("rules");
        let last =
            catalog.snapshot().statistics("SigninLogs").and_then(|statistics| statistics.last).expect("sign-ins");
        let bounds = Bounds { since: Some(last - TimeDelta::hours(36)), until: None };
        let run = |runner: RuleRunner<'_>| {
            replay_with(&runner, &session, &catalog, &set.rules, bounds, &Unwatched).expect("runs")
        };
        let together = run(RuleRunner::new(&session, Arc::clone(&catalog)));
        let alone = run(RuleRunner::unshared(&session, Arc::clone(&catalog)));
        for (together, alone) in together.iter().zip(&alone) {
            assert_eq!(together, alone, "{}", alone.name);
        }
        let alerts: usize = together.iter().map(|found| found.alerts.len()).sum();
        assert!(together.len() == set.rules.len() && alerts > 3, "{alerts} alerts");
    }
}
