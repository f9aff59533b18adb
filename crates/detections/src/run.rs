//! Replays the schedules of rules over stored events.

use std::iter::Peekable;

use chrono::{DateTime, Utc};
use schema::Alert;
use serde_json::{Map, Value};

use crate::alert_log::AlertLog;
use crate::finding::Finding;
use crate::{Activity, EventGrouping, Rule, Span, Window, WindowFilter};

/// Most alerts a run makes with one alert a row (the product's limit): the last one takes all rows that are left.
pub const MAX_ALERTS_PER_RUN: usize = 150;

/// An answer of the query engine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueryRows {
    /// Name and KQL type of each column.
    pub columns: Vec<(String, String)>,
    /// Rows of as many values; times as ISO 8601 text, dynamic values as JSON.
    pub rows: Vec<Vec<Value>>,
}

/// What a replay needs of a query engine.
pub trait RunQuery {
    /// Runs a query over rows whose time is `start` or later and before `end`, which is `now()`.
    fn run(&self, query: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> Result<QueryRows, String>;

    /// The tables a query reads, each once. None: the query reads no table, and one run answers it.
    fn tables(&self, query: &str) -> Result<Vec<String>, String>;
}

/// How a rule fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleStatus {
    /// It ran; alerts or not.
    Ran,
    /// None of the tables it reads has a row, so it could not find anything.
    NoData {
        /// The tables it reads.
        tables: Vec<String>,
    },
    /// Its query failed. Alerts found before that are kept.
    Failed {
        /// What the engine said.
        message: String,
    },
    /// It is switched off.
    Disabled,
}

/// What a rule found, and how it fared.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleOutcome {
    /// The rule's GUID.
    pub rule_id: String,
    /// The rule's name.
    pub name: String,
    /// Windows that were run.
    pub runs: usize,
    /// Windows left out because they could give no new answer (those far from any event are not counted), or because the rule rested after an alert.
    pub skipped: usize,
    /// Rows of all answers.
    pub rows: usize,
    /// What it found, oldest first.
    pub alerts: Vec<Alert>,
    /// How it fared.
    pub status: RuleStatus,
}

/// Replays rules one after the other. `span` is the time of the data, `None` when there are none. A rule that fails stops no other.
pub fn replay(rules: &[Rule], span: Option<Span>, activity: &Activity, runner: &dyn RunQuery) -> Vec<RuleOutcome> {
    rules.iter().map(|rule| replay_rule(rule, span, activity, runner)).collect()
}

/// Replays one rule; see [`replay`].
pub fn replay_rule(rule: &Rule, span: Option<Span>, activity: &Activity, runner: &dyn RunQuery) -> RuleOutcome {
    let mut replay = RuleReplay::new(rule, span, activity, runner);
    replay.run_until(None, runner);
    replay.finish()
}

/// The replay of one rule, which can pause between windows: so many rules can look at the same time side by side.
pub struct RuleReplay<'a> {
    rule: &'a Rule,
    outcome: RuleOutcome,
    /// Those still to come; none where the rule cannot run.
    windows: Peekable<Box<dyn Iterator<Item = Window> + Send + 'a>>,
    filter: WindowFilter<'a>,
    log: AlertLog<'a>,
    resting_until: Option<DateTime<Utc>>,
}

impl<'a> RuleReplay<'a> {
    /// A replay that has not run yet; see [`replay`].
    pub fn new(rule: &'a Rule, span: Option<Span>, activity: &'a Activity, runner: &dyn RunQuery) -> Self {
        let tables = if rule.enabled {
            runner.tables(&rule.query).map_err(|message| RuleStatus::Failed { message })
        } else {
            Err(RuleStatus::Disabled)
        };
        let (tables, failure) = match tables {
            Ok(tables) => (tables, None),
            Err(status) => (Vec::new(), Some(status)),
        };
        let has_data = tables.is_empty() || tables.iter().any(|table| activity.has_rows(table));
        let status = match failure {
            Some(status) => Err(status),
            None => span.filter(|_| has_data).ok_or_else(|| RuleStatus::NoData { tables: tables.clone() }),
        };
        let windows: Box<dyn Iterator<Item = Window> + Send + 'a> = match &status {
            Ok(span) => Box::new(windows(rule, *span, activity, &tables)),
            Err(_) => Box::new(std::iter::empty()),
        };
        let outcome = RuleOutcome {
            rule_id: rule.id.clone(),
            name: rule.name.clone(),
            runs: 0,
            skipped: 0,
            rows: 0,
            alerts: Vec::new(),
            status: status.err().unwrap_or(RuleStatus::Ran),
        };
        Self {
            rule,
            outcome,
            windows: windows.peekable(),
            filter: WindowFilter::new(activity, tables, &rule.query, rule.trigger.fires(0)),
            log: AlertLog::new(rule),
            resting_until: None,
        }
    }

    /// The end of the next window; none where all have run.
    pub fn next_end(&mut self) -> Option<DateTime<Utc>> {
        self.windows.peek().map(|window| window.end)
    }

    /// Runs the windows that end at or before that time, or all that are left. A window that fails is the last.
    pub fn run_until(&mut self, until: Option<DateTime<Utc>>, runner: &dyn RunQuery) {
        while let Some(window) = self.windows.next_if(|window| until.is_none_or(|until| window.end <= until)) {
            if let Err(message) = self.run(window, runner) {
                self.outcome.status = RuleStatus::Failed { message };
                self.windows = (Box::new(std::iter::empty()) as Box<dyn Iterator<Item = Window> + Send>).peekable();
            }
        }
    }

    fn run(&mut self, window: Window, runner: &dyn RunQuery) -> Result<(), String> {
        let resting = self.resting_until.is_some_and(|until| window.end < until);
        if resting || !self.filter.wants(window) {
            self.outcome.skipped += 1;
            return Ok(());
        }
        let answer = runner.run(&self.rule.query, window.start, window.end)?;
        self.outcome.runs += 1;
        self.outcome.rows += answer.rows.len();
        if self.rule.trigger.fires(answer.rows.len()) && alert(self.rule, window, answer, &mut self.log) {
            self.resting_until = self.rule.suppression.and_then(|rest| window.end.checked_add_signed(rest));
        }
        Ok(())
    }

    /// What was found.
    pub fn finish(self) -> RuleOutcome {
        RuleOutcome { alerts: self.log.into_alerts(), ..self.outcome }
    }
}

/// The windows of a replay. Where nothing happens for longer than any window reaches, none are listed: one event with a wrong
/// year must not cost a run for each hour of centuries. A rule that alerts on silence looks at all of them.
fn windows(rule: &Rule, span: Span, activity: &Activity, tables: &[String]) -> impl Iterator<Item = Window> + use<> {
    let schedule = rule.schedule();
    let reach = schedule.period + schedule.frequency * 2;
    let spans = if tables.is_empty() || rule.trigger.fires(0) { vec![span] } else { activity.spans(tables, reach) };
    let cut = move |part: Span| Span { first: part.first.max(span.first), last: part.last.min(span.last) };
    spans.into_iter().map(cut).filter(|part| part.first <= part.last).flat_map(move |part| schedule.windows(part))
}

/// Makes alerts of an answer; true when one of them is new.
fn alert(rule: &Rule, window: Window, answer: QueryRows, log: &mut AlertLog<'_>) -> bool {
    let nothing_found = answer.rows.is_empty();
    let rows = in_order(rows_by_column(answer).collect());
    let mut findings: Vec<Finding> =
        rows.into_iter().map(|row| Finding::new(rule, row)).filter(|finding| log.is_news(finding)).collect();
    match rule.event_grouping {
        EventGrouping::SingleAlert => (nothing_found || !findings.is_empty()) && log.add(window, findings),
        EventGrouping::AlertPerResult => {
            let rest = findings.split_off(findings.len().min(MAX_ALERTS_PER_RUN - 1));
            let mut alerted = false;
            for finding in findings {
                alerted |= log.add(window, vec![finding]);
            }
            if nothing_found || !rest.is_empty() {
                alerted |= log.add(window, rest);
            }
            alerted
        }
    }
}

fn rows_by_column(answer: QueryRows) -> impl Iterator<Item = Map<String, Value>> {
    let names: Vec<String> = answer.columns.into_iter().map(|(name, _)| name).collect();
    answer.rows.into_iter().map(move |row| names.iter().cloned().zip(row).collect())
}

/// Rows by time, and those of one time by their text. Engines answer in no fixed order, and two replays of the same data must
/// make the same alerts in the same order.
fn in_order(mut rows: Vec<Map<String, Value>>) -> Vec<Map<String, Value>> {
    rows.sort_by_cached_key(|row| {
        let time = row.get("TimeGenerated").and_then(Value::as_str).unwrap_or_default().to_owned();
        (time, Value::Object(row.clone()).to_string())
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_rule;
    use chrono::TimeDelta;
    use schema::Severity;
    use serde_json::json;

    /// What a query makes of the events inside a window.
    type Answer = fn(&[(DateTime<Utc>, Value)], Window) -> Vec<Value>;

    /// Rows with a time; a query's answer is made from those inside the window.
    struct FakeEngine {
        events: Vec<(i64, Value)>,
        answer: Answer,
        fails_from: Option<i64>,
    }

    impl RunQuery for FakeEngine {
        fn run(&self, _query: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> Result<QueryRows, String> {
            if self.fails_from.is_some_and(|from| end.timestamp() >= from) {
                return Err("unknown column `X`".to_owned());
            }
            let inside: Vec<(DateTime<Utc>, Value)> = self
                .events
                .iter()
                .map(|(seconds, value)| (at(*seconds), value.clone()))
                .filter(|(time, _)| start <= *time && *time < end)
                .collect();
            let rows = (self.answer)(&inside, Window { start, end });
            let mut names: Vec<String> =
                rows.iter().filter_map(Value::as_object).flat_map(|row| row.keys().cloned()).collect();
            names.sort();
            names.dedup();
            let values = rows.iter().map(|row| names.iter().map(|name| row[name].clone()).collect()).collect();
            Ok(QueryRows { columns: names.into_iter().map(|name| (name, "string".to_owned())).collect(), rows: values })
        }

        fn tables(&self, _query: &str) -> Result<Vec<String>, String> {
            Ok(vec!["SigninLogs".to_owned()])
        }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("in range")
    }

    fn rule(more: &str) -> Rule {
        let base = "id: 2b4c5d6e-0000-4000-8000-000000000001\nname: Rule\nseverity: Low\nqueryFrequency: 1h\nqueryPeriod: 2h\n\
                    triggerOperator: gt\nquery: SigninLogs\n\
                    entityMappings: [{entityType: IP, fieldMappings: [{identifier: Address, columnName: IP}]}]\n";
        let threshold = if more.contains("triggerThreshold") { "" } else { "triggerThreshold: 0\n" };
        parse_rule("r.yaml", &format!("{base}{threshold}{more}")).expect("valid")
    }

    fn engine(events: &[(i64, Value)], answer: Answer) -> FakeEngine {
        FakeEngine { events: events.to_vec(), answer, fails_from: None }
    }

    /// Each event is a row.
    fn each(events: &[(DateTime<Utc>, Value)], _: Window) -> Vec<Value> {
        let row = |(time, ip): &(DateTime<Utc>, Value)| json!({"TimeGenerated": time.to_rfc3339(), "IP": ip});
        events.iter().map(row).collect()
    }

    /// First, last and count by address.
    fn burst(events: &[(DateTime<Utc>, Value)], _: Window) -> Vec<Value> {
        let mut addresses: Vec<&Value> = events.iter().map(|(_, ip)| ip).collect();
        addresses.sort_by_key(|ip| ip.to_string());
        addresses.dedup();
        let row = |address: &Value| {
            let times: Vec<DateTime<Utc>> =
                events.iter().filter(|(_, ip)| ip == address).map(|(time, _)| *time).collect();
            let severity = if times.len() > 2 { "High" } else { "Low" };
            json!({"StartTime": times.iter().min(), "EndTime": times.iter().max(), "IP": address, "Count": times.len(), "Severity": severity})
        };
        addresses.into_iter().map(row).collect()
    }

    fn run(rule: &Rule, engine: &FakeEngine) -> RuleOutcome {
        let times: Vec<DateTime<Utc>> = engine.events.iter().map(|(seconds, _)| at(*seconds)).collect();
        let span = times.iter().min().zip(times.iter().max()).map(|(first, last)| Span { first: *first, last: *last });
        let activity = Activity::new([("SigninLogs", times)]);
        replay(std::slice::from_ref(rule), span, &activity, engine).remove(0)
    }

    #[test]
    fn a_replay_that_pauses_finds_what_one_in_one_go_finds() {
        let events: Vec<(i64, Value)> =
            (0..40).map(|step| (3_000 + step * 1_700, json!(format!("10.0.0.{}", step % 3)))).collect();
        let (rule, engine) = (rule("suppressionEnabled: true\nsuppressionDuration: PT3H\n"), engine(&events, burst));
        let whole = run(&rule, &engine);
        let times: Vec<DateTime<Utc>> = events.iter().map(|(seconds, _)| at(*seconds)).collect();
        let activity = Activity::new([("SigninLogs", times)]);
        let span = Span { first: at(3_000), last: at(3_000 + 39 * 1_700) };
        let mut replay = RuleReplay::new(&rule, Some(span), &activity, &engine);
        while let Some(end) = replay.next_end() {
            replay.run_until(Some(end + TimeDelta::hours(2)), &engine);
        }
        let paused = replay.finish();
        assert!(!whole.alerts.is_empty());
        assert_eq!(paused, whole);
    }

    #[test]
    fn an_event_seen_by_overlapping_windows_makes_one_alert() {
        let found = run(&rule(""), &engine(&[(100, json!("10.0.0.1"))], each));
        assert_eq!((found.alerts.len(), found.runs, found.skipped), (1, 1, 1), "the second window has the same rows");
        let alert = &found.alerts[0];
        assert_eq!((alert.start, alert.end, alert.generated), (at(100), at(100), at(3_600)));
        assert_eq!(alert.entities[0].key(), "ip:10.0.0.1");
    }

    #[test]
    fn an_event_with_a_wrong_year_costs_no_run_for_each_hour_of_centuries() {
        let far = 4_000_000_000;
        let found = run(&rule(""), &engine(&[(100, json!("10.0.0.1")), (far, json!("10.0.0.1"))], each));
        assert_eq!((found.alerts.len(), found.runs), (2, 2));
        assert!(found.skipped < 10, "{} windows were looked at", found.skipped);
    }

    #[test]
    fn two_events_far_apart_make_two_alerts_though_the_address_is_the_same() {
        let found = run(&rule(""), &engine(&[(100, json!("10.0.0.1")), (5_000, json!("10.0.0.1"))], each));
        assert_eq!(found.alerts.len(), 2);
        assert_ne!(found.alerts[0].id, found.alerts[1].id);
    }

    #[test]
    fn a_burst_that_grows_into_later_windows_is_one_alert() {
        let events: Vec<(i64, Value)> = (0..30).map(|step| (3_000 + step * 300, json!("10.0.0.1"))).collect();
        let more = "customDetails: {Count: Count}\nalertDetailsOverride: {alertSeverityColumnName: Severity, alertDisplayNameFormat: '{{Count}} tries'}\n";
        let found = run(&rule(more), &engine(&events, burst));
        assert_eq!(found.alerts.len(), 1);
        let alert = &found.alerts[0];
        assert_eq!((alert.start, alert.end), (at(3_000), at(3_000 + 29 * 300)));
        assert_eq!((alert.generated, alert.severity), (at(3_600), Severity::High));
        assert_eq!(alert.display_name, "14 tries", "of the widest window that covers the alert's begin");
        assert!(alert.updated > alert.generated);
    }

    #[test]
    fn the_tail_of_a_burst_is_no_news() {
        let events = [(3_000, json!("10.0.0.1")), (3_300, json!("10.0.0.1")), (4_000, json!("10.0.0.1"))];
        let found = run(&rule(""), &engine(&events, burst));
        assert!(found.runs >= 3, "the burst leaves the window step by step");
        assert_eq!((found.alerts.len(), found.alerts[0].event_count), (1, 1));
    }

    #[test]
    fn bursts_of_two_addresses_are_told_apart_with_one_alert_a_row() {
        let events = [(3_000, json!("10.0.0.1")), (3_100, json!("10.0.0.2")), (4_000, json!("10.0.0.1"))];
        let found = run(&rule("eventGroupingSettings: {aggregationKind: AlertPerResult}\n"), &engine(&events, burst));
        assert_eq!(found.alerts.len(), 2);
        let single = run(&rule(""), &engine(&events, burst));
        assert_eq!((single.alerts.len(), single.alerts[0].entities.len()), (1, 2));
    }

    #[test]
    fn a_run_makes_150_alerts_and_the_last_takes_the_rest() {
        let events: Vec<(i64, Value)> =
            (0..200).map(|number| (100 + number, json!(format!("10.0.0.{number}")))).collect();
        let found = run(&rule("eventGroupingSettings: {aggregationKind: AlertPerResult}\n"), &engine(&events, each));
        assert_eq!((found.alerts.len(), found.alerts[149].event_count), (MAX_ALERTS_PER_RUN, 51));
    }

    #[test]
    fn too_few_rows_make_no_alert() {
        let events = [(100, json!("10.0.0.1")), (200, json!("10.0.0.2"))];
        assert_eq!(run(&rule("triggerThreshold: 2\n"), &engine(&events, each)).alerts.len(), 0);
        assert_eq!(run(&rule("triggerThreshold: 1\n"), &engine(&events, each)).alerts.len(), 1);
    }

    #[test]
    fn a_rule_can_alert_on_silence() {
        let silent = |_: &[(DateTime<Utc>, Value)], _: Window| Vec::new();
        let mut silence = rule("");
        silence.trigger = crate::Trigger { operator: crate::TriggerOperator::Equal, threshold: 0 };
        let found = run(&silence, &engine(&[(100, json!("x"))], silent));
        assert_eq!((found.alerts.len(), found.alerts[0].entities.len()), (1, 0));
    }

    #[test]
    fn rows_without_a_time_alert_once_a_window_and_not_twice_for_overlapping_ones() {
        let timeless =
            |events: &[(DateTime<Utc>, Value)], _: Window| events.iter().map(|(_, ip)| json!({"IP": ip})).collect();
        let events = [(100, json!("10.0.0.1")), (50_000, json!("10.0.0.1"))];
        let found = run(&rule(""), &engine(&events, timeless));
        assert_eq!(found.alerts.len(), 2);
        assert_eq!(found.alerts[0].start, at(3_600 - 7_200), "the window stands for the time");
    }

    #[test]
    fn a_rule_rests_after_an_alert() {
        let events: Vec<(i64, Value)> =
            (0..10).map(|hour| (hour * 3_600 + 10, json!(format!("10.0.0.{hour}")))).collect();
        let all = run(&rule(""), &engine(&events, each));
        let rested = run(&rule("suppressionEnabled: true\nsuppressionDuration: 5h\n"), &engine(&events, each));
        assert_eq!((all.alerts.len(), rested.alerts.len()), (10, 3));
    }

    #[test]
    fn a_failing_rule_keeps_what_it_found_and_stops_no_other() {
        let mut engine = engine(&[(100, json!("10.0.0.1")), (9_000, json!("10.0.0.1"))], each);
        engine.fails_from = Some(10_000);
        let failed = run(&rule(""), &engine);
        assert_eq!(
            (failed.alerts.len(), failed.status),
            (1, RuleStatus::Failed { message: "unknown column `X`".to_owned() })
        );
        let activity = Activity::new([("SigninLogs", vec![at(100)])]);
        let span = Some(Span { first: at(100), last: at(100) });
        assert_eq!(replay(&[rule(""), rule("")], span, &activity, &engine).len(), 2);
    }

    #[test]
    fn a_rule_without_data_or_switched_off_says_so() {
        let engine = engine(&[], each);
        let none = replay_rule(&rule(""), Some(Span { first: at(0), last: at(1) }), &Activity::default(), &engine);
        assert_eq!(none.status, RuleStatus::NoData { tables: vec!["SigninLogs".to_owned()] });
        let off = replay_rule(&rule("enabled: false\n"), None, &Activity::default(), &engine);
        assert_eq!(off.status, RuleStatus::Disabled);
    }

    #[test]
    fn the_same_data_give_the_same_alerts() {
        let events: Vec<(i64, Value)> =
            (0..30).map(|step| (3_000 + step * 300, json!(format!("10.0.0.{}", step % 3)))).collect();
        assert_eq!(run(&rule(""), &engine(&events, burst)), run(&rule(""), &engine(&events, burst)));
    }

    #[test]
    fn the_order_of_an_answer_makes_no_difference() {
        let backwards: Answer = |events, window| each(events, window).into_iter().rev().collect();
        let events: Vec<(i64, Value)> = (0..9).map(|number| (100, json!(format!("10.0.0.{number}")))).collect();
        let rule = rule("eventGroupingSettings: {aggregationKind: AlertPerResult}\n");
        let (one, other) = (run(&rule, &engine(&events, each)), run(&rule, &engine(&events, backwards)));
        assert_eq!((one.alerts.len(), one.alerts), (9, other.alerts));
    }

    #[test]
    fn windows_of_a_run_are_what_the_alert_says() {
        let found = run(&rule(""), &engine(&[(100, json!("10.0.0.1"))], each));
        let query = &found.alerts[0].query;
        assert_eq!(query.end.zip(query.start).map(|(end, start)| end - start), Some(TimeDelta::hours(2)));
        assert_eq!((query.period.as_str(), query.trigger_operator.as_str()), ("02:00:00", "GreaterThan"));
    }
}
