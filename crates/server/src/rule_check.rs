//! Checks rules: reads them and the tests beside them, and binds their queries. Nothing runs.

use std::path::PathBuf;

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
    let folder = temporary_folder()?;
    let session = Session::open_or_create(folder.path())?;
    let runner = RuleRunner::new(&session, session.catalog()?);
    for rule in &set.rules {
        let mut problems = Vec::new();
        let tests = rules::tests_of(rule).unwrap_or_else(|error| {
            problems.push(error.to_string());
            Vec::new()
        });
        if let Err(error) = detections::RunQuery::tables(&runner, &rule.query) {
            problems.push(error);
        }
        checked.push(CheckedRule { name: rule.name.clone(), tests: tests.len(), problems });
    }
    Ok(checked)
}
