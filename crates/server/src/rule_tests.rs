//! Runs the tests beside rules through the real engine.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use detections::{Activity, Rule, RuleTest, Span, evaluate, replay_rule};
use serde::Serialize;

use crate::context::{Wanted, context_for};
use crate::rows_from_json::rows_from_json;
use crate::rule_runner::RuleRunner;
use crate::session::temporary_folder;
use crate::{Error, Session, rules};

/// How the tests of a rule went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestedRule {
    /// Its name, or its file where it could not be read.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Why no test could run: the rule or its tests cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Its tests, in their order.
    pub cases: Vec<TestedCase>,
}

impl TestedRule {
    /// Whether it could be read and every test holds.
    pub fn passed(&self) -> bool {
        self.problem.is_none() && self.cases.iter().all(|case| case.problem.is_none())
    }
}

/// How one test went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestedCase {
    /// What it is about.
    pub name: String,
    /// How what was found differs from what was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// How long it took.
    #[serde(skip)]
    pub duration: Duration,
}

/// Runs the tests beside rules; beside those built in where no path is given.
pub fn test_rules(paths: &[PathBuf]) -> Result<Vec<TestedRule>, Error> {
    let set = rules::load(paths)?;
    let unreadable = set.errors.iter().map(|error| TestedRule {
        name: error.file.clone(),
        file: error.file.clone(),
        problem: Some(error.to_string()),
        cases: Vec::new(),
    });
    let mut tested: Vec<TestedRule> = unreadable.collect();
    for rule in &set.rules {
        tested.push(test(rule)?);
    }
    Ok(tested)
}

fn test(rule: &Rule) -> Result<TestedRule, Error> {
    let named = |problem, cases| TestedRule { name: rule.name.clone(), file: rule.source.clone(), problem, cases };
    let tests = match rules::tests_of(rule) {
        Ok(tests) => tests,
        Err(error) => return Ok(named(Some(error.to_string()), Vec::new())),
    };
    let mut cases = Vec::with_capacity(tests.len());
    for test in &tests {
        let begin = Instant::now();
        let problem = run(rule, test).map_err(|error| Error { message: in_test(test, &error.message), ..error })?.err();
        cases.push(TestedCase { name: test.name.clone(), problem, duration: begin.elapsed() });
    }
    Ok(named(None, cases))
}

fn in_test(test: &RuleTest, message: &str) -> String {
    format!("test `{}`: {message}", test.name)
}

/// Writes the events of a test into a workspace that goes away, and replays the rule over them in the test's context.
fn run(rule: &Rule, test: &RuleTest) -> Result<Result<(), String>, Error> {
    let folder = temporary_folder()?;
    let session = Session::open_or_create(folder.path())?;
    write_events(&session, test)?;
    let context = context_for(&session, Some(test.context.clone()), Wanted::MentionedIn(&[&rule.query]))?;
    let catalog = session.catalog_in(context)?;
    let runner = RuleRunner::new(&session, Arc::clone(&catalog));
    let times: Vec<DateTime<Utc>> = test.times();
    let span = times.iter().min().zip(times.iter().max()).map(|(first, last)| Span { first: *first, last: *last });
    // Tests are small: every table is taken to have rows whenever any has, so no window is skipped that matters.
    let activity = Activity::new(test.events.keys().map(|table| (table.clone(), times.clone())));
    let outcome = replay_rule(rule, span, &activity, &runner);
    Ok(evaluate(test, &outcome))
}

fn write_events(session: &Session, test: &RuleTest) -> Result<(), Error> {
    let mut batches = Vec::new();
    for (name, rows) in test.events.iter().filter(|(_, rows)| !rows.is_empty()) {
        let table = schema::table(name).ok_or_else(|| Error::new(format!("no built-in table `{name}`")))?;
        batches.push((table, rows_from_json(table, rows)?));
    }
    session.append(batches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_of_every_built_in_rule_hold() {
        for rule in test_rules(&[]).expect("readable") {
            let problems: Vec<_> = rule.cases.iter().filter(|case| case.problem.is_some()).collect();
            assert!(rule.passed(), "`{}`: {:?} {problems:?}", rule.name, rule.problem);
            assert!(!rule.cases.is_empty(), "`{}` has no tests", rule.name);
        }
    }

    #[test]
    fn a_test_that_does_not_hold_says_how() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
        write(
            "Any.yaml",
            "id: 2b4c5d6e-0000-4000-8000-000000000001\nname: Any\nseverity: Low\nqueryFrequency: 1h\nqueryPeriod: 1h\n\
             triggerOperator: gt\ntriggerThreshold: 0\nquery: SigninLogs | join kind=inner (_GetWatchlist('Egress') | \
             project IPAddress = trim_end('/32', SearchKey)) on IPAddress\n",
        );
        write(
            "Any.tests.yaml",
            "- {name: wrong, events: {SigninLogs: [{TimeGenerated: 2024-05-14T08:00:00Z, IPAddress: 203.0.113.7}]}, expect: fire}\n\
             - {name: right, context: {egress: [203.0.113.7]}, events: {SigninLogs: [{TimeGenerated: 2024-05-14T08:00:00Z, \
             IPAddress: 203.0.113.7}]}, expect: fire}\n",
        );
        write("Broken.yaml", "name: Broken\n");
        let tested = test_rules(&[folder.path().to_owned()]).expect("readable");
        let passed: Vec<(bool, usize)> = tested.iter().map(|rule| (rule.passed(), rule.cases.len())).collect();
        assert_eq!(passed, [(false, 0), (false, 2)]);
        let problems: Vec<bool> = tested[1].cases.iter().map(|case| case.problem.is_some()).collect();
        assert_eq!(problems, [true, false], "{:?}", tested[1]);
    }
}
