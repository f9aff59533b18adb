//! Checks rules: reads them, binds their queries, runs the tests beside them through the real engine.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use detections::{Activity, Rule, RuleTest, RunQuery, Span, evaluate, replay_rule};

use crate::rows_from_json::rows_from_json;
use crate::rule_runner::RuleRunner;
use crate::session::temporary_folder;
use crate::{Error, Session, rules};

/// What is wrong with a rule; nothing where all is well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedRule {
    /// Its name, or its file where it could not be read.
    pub name: String,
    /// How many tests lie beside it.
    pub tests: usize,
    /// What is wrong, one entry a problem.
    pub problems: Vec<String>,
}

/// Checks rules; those built in where no path is given.
pub fn check_rules(paths: &[PathBuf]) -> Result<Vec<CheckedRule>, Error> {
    let set = rules::load(paths)?;
    let unreadable = set.errors.iter().map(|error| CheckedRule {
        name: error.file.clone(),
        tests: 0,
        problems: vec![error.to_string()],
    });
    let mut checked: Vec<CheckedRule> = unreadable.collect();
    for rule in &set.rules {
        checked.push(check(rule)?);
    }
    Ok(checked)
}

fn check(rule: &Rule) -> Result<CheckedRule, Error> {
    let mut problems = Vec::new();
    let tests = rules::tests_of(rule).unwrap_or_else(|error| {
        problems.push(error.to_string());
        Vec::new()
    });
    let empty = workspace_with(None)?;
    if let Err(error) = RuleRunner::new(&empty.session, empty.session.catalog()?).tables(&rule.query) {
        problems.push(error);
    }
    if problems.is_empty() {
        for test in &tests {
            if let Err(problem) = run_test(rule, test)? {
                problems.push(format!("test `{}`: {problem}", test.name));
            }
        }
    }
    Ok(CheckedRule { name: rule.name.clone(), tests: tests.len(), problems })
}

/// A workspace that goes away with this value.
struct TemporaryWorkspace {
    session: Session,
    _folder: tempfile::TempDir,
}

fn run_test(rule: &Rule, test: &RuleTest) -> Result<Result<(), String>, Error> {
    let workspace = workspace_with(Some(test))?;
    let catalog = workspace.session.catalog()?;
    let runner = RuleRunner::new(&workspace.session, Arc::clone(&catalog));
    let times: Vec<DateTime<Utc>> = test.times();
    let span = times.iter().min().zip(times.iter().max()).map(|(first, last)| Span { first: *first, last: *last });
    // Tests are small: every table is taken to have rows whenever any has, so no window is skipped that matters.
    let activity = Activity::new(test.events.keys().map(|table| (table.clone(), times.clone())));
    let outcome = replay_rule(rule, span, &activity, &runner);
    Ok(evaluate(test, &outcome))
}

fn workspace_with(test: Option<&RuleTest>) -> Result<TemporaryWorkspace, Error> {
    let folder = temporary_folder()?;
    let session = Session::open_or_create(folder.path())?;
    if let Some(test) = test {
        write_events(&session, test)?;
    }
    Ok(TemporaryWorkspace { session, _folder: folder })
}

fn write_events(session: &Session, test: &RuleTest) -> Result<(), Error> {
    let mut batches = Vec::new();
    for (name, rows) in test.events.iter().filter(|(_, rows)| !rows.is_empty()) {
        let table = schema::table(name)
            .ok_or_else(|| Error::new(format!("test `{}`: no built-in table `{name}`", test.name)))?;
        let batch =
            rows_from_json(table, rows).map_err(|error| Error::new(format!("test `{}`: {error}", test.name)))?;
        batches.push((table, batch));
    }
    session.append(batches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_of_every_built_in_rule_hold() {
        for rule in check_rules(&[]).expect("readable") {
            assert_eq!(rule.problems, Vec::<String>::new(), "`{}`", rule.name);
            assert!(rule.tests > 0, "`{}` has no tests", rule.name);
        }
    }
}
