//! Rules: those built in, or those of the caller's folders.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use detections::{Rule, RuleError, RuleSet, RuleTest, load_folder, load_tests, parse_rule, parse_tests};
use include_dir::{Dir, include_dir};
use serde::Serialize;

use crate::Error;

/// The rules of the project, in the binary.
static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/detections");
/// What begins the name of a built-in rule's file.
const BUILT_IN_PREFIX: &str = "built-in:";

/// A rule in a list.
#[derive(Debug, Clone, Serialize)]
pub struct RuleListing {
    /// Its GUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `Informational`, `Low`, `Medium` or `High`.
    pub severity: String,
    /// ATT&CK tactics.
    pub tactics: Vec<String>,
    /// ATT&CK techniques.
    pub techniques: Vec<String>,
    /// `queryFrequency`, such as `1h`.
    pub frequency: String,
    /// `queryPeriod`, such as `14d`.
    pub period: String,
    /// Its file.
    pub file: String,
}

/// Lists rules; those built in where no path is given. A file that is no rule is an error.
pub fn list_rules(paths: &[PathBuf]) -> Result<Vec<RuleListing>, Error> {
    let set = load(paths)?;
    if let Some(error) = set.errors.first() {
        return Err(Error::new(error.to_string()));
    }
    Ok(set.rules.iter().map(listing).collect())
}

fn listing(rule: &Rule) -> RuleListing {
    RuleListing {
        id: rule.id.clone(),
        name: rule.name.clone(),
        severity: rule.severity.as_str().to_owned(),
        tactics: rule.tactics.iter().map(|tactic| tactic.as_str().to_owned()).collect(),
        techniques: rule.techniques.clone(),
        frequency: short_duration(rule.frequency),
        period: short_duration(rule.period),
        file: rule.source.clone(),
    }
}

/// The largest unit that divides it: `90m`, `2h`, `14d`.
fn short_duration(duration: TimeDelta) -> String {
    let seconds = duration.num_seconds();
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let unit = units.into_iter().find(|(length, _)| seconds % length == 0);
    unit.map_or_else(|| format!("{seconds}s"), |(length, name)| format!("{}{name}", seconds / length))
}

/// Reads the rules of these folders and files; those built in where there is none.
pub(crate) fn load(paths: &[PathBuf]) -> Result<RuleSet, Error> {
    if paths.is_empty() {
        return Ok(built_in());
    }
    let mut all = RuleSet::default();
    for path in paths {
        if !path.exists() {
            return Err(Error::new(format!("no rules at `{}`: no such file or folder", path.display())));
        }
        let set = load_folder(path);
        for rule in set.rules {
            match all.rules.iter().find(|known| known.id == rule.id) {
                Some(known) => all.errors.push(RuleError {
                    file: rule.source.clone(),
                    field: "id".to_owned(),
                    problem: format!("`{}` is the id of `{}` too", rule.id, known.source),
                    hint: "give each rule its own GUID".to_owned(),
                }),
                None => all.rules.push(rule),
            }
        }
        all.errors.extend(set.errors);
    }
    Ok(all)
}

/// The tests beside a rule, wherever the rule came from.
pub(crate) fn tests_of(rule: &Rule) -> Result<Vec<RuleTest>, RuleError> {
    let Some(inner) = rule.source.strip_prefix(BUILT_IN_PREFIX) else {
        return load_tests(rule);
    };
    let path = detections::tests_path(Path::new(inner));
    let text = BUILT_IN.get_file(&path).and_then(include_dir::File::contents_utf8);
    text.map_or_else(|| Ok(Vec::new()), |text| parse_tests(&path.display().to_string(), text))
}

fn built_in() -> RuleSet {
    let mut set = RuleSet::default();
    collect_built_in(&BUILT_IN, &mut set);
    set.rules.sort_by(|left, right| left.source.cmp(&right.source));
    set
}

fn collect_built_in(folder: &Dir<'_>, set: &mut RuleSet) {
    for file in folder.files() {
        let path = file.path().display().to_string();
        if !path.ends_with(".yaml") || path.ends_with(".tests.yaml") {
            continue;
        }
        match parse_rule(&format!("{BUILT_IN_PREFIX}{path}"), file.contents_utf8().unwrap_or_default()) {
            Ok(rule) => set.rules.push(rule),
            Err(error) => set.errors.push(error),
        }
    }
    for inner in folder.dirs() {
        collect_built_in(inner, set);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_rule_reads_and_has_tests_that_fire_and_tests_that_do_not() {
        let set = built_in();
        assert_eq!(set.errors, Vec::new());
        assert_eq!(set.rules.len(), 30);
        for rule in &set.rules {
            let tests = tests_of(rule).expect("readable tests");
            let quiet = tests.iter().filter(|test| test.expect == detections::Expectation::Quiet).count();
            assert!(
                quiet >= 1 && tests.len() > quiet,
                "`{}` has {} tests, {quiet} of them quiet",
                rule.name,
                tests.len()
            );
        }
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(short_duration(TimeDelta::days(14)), "14d");
        assert_eq!(short_duration(TimeDelta::minutes(90)), "90m");
        assert_eq!(short_duration(TimeDelta::seconds(5)), "5s");
    }
}
