//! Checks the project's own rules and the tests beside them.

use std::path::{Path, PathBuf};

use detections::{Expectation, RuleSet, Schedule, Span, load_folder, load_tests, parse_rule};
use schema::Severity;

fn content() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/detections")
}

fn rules() -> RuleSet {
    load_folder(&content())
}

#[test]
fn our_rules_are_valid() {
    let set = rules();
    assert_eq!(set.errors, []);
    assert_eq!(set.rules.len(), 30);
    let mut names: Vec<&str> = set.rules.iter().map(|rule| rule.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), set.rules.len(), "two rules of one name: {names:?}");
}

#[test]
fn our_rules_say_what_they_find_and_what_to_do() {
    for rule in rules().rules {
        assert!(rule.description.contains("Benign causes:"), "{}", rule.name);
        assert!(rule.description.contains("What to do:"), "{}", rule.name);
        assert!(!rule.tactics.is_empty() && !rule.techniques.is_empty(), "{}", rule.name);
        assert!(!rule.entity_mappings.is_empty() && !rule.custom_details.is_empty(), "{}", rule.name);
        assert!(rule.severity >= Severity::Medium && rule.version.is_some(), "{}", rule.name);
        assert!(rule.unknown.is_empty(), "{}: {:?}", rule.name, rule.unknown);
        assert_eq!(parse_rule(&rule.source, &rule.to_yaml()), Ok(rule.clone()), "{}", rule.name);
    }
}

#[test]
fn our_rules_lie_in_the_folder_of_one_of_their_tactics() {
    for rule in rules().rules {
        let folder = Path::new(&rule.source).parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        assert!(rule.tactics.iter().any(|tactic| tactic.as_str() == folder), "{}", rule.source);
    }
}

#[test]
fn each_of_our_rules_has_cases_that_fire_and_cases_that_stay_quiet() {
    for rule in rules().rules {
        let tests = load_tests(&rule).expect("valid");
        let fires = tests.iter().filter(|test| matches!(test.expect, Expectation::Fire { .. })).count();
        let quiet = tests.len() - fires;
        assert!(fires >= 2 && quiet >= 3, "{}: {fires} that fire, {quiet} that are quiet", rule.name);
        let mut names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), tests.len(), "{}: two cases of one name", rule.name);
        for test in &tests {
            assert!(!test.times().is_empty(), "{}: `{}` has no events", rule.name, test.name);
        }
    }
}

#[test]
fn a_week_of_data_takes_few_runs() {
    for rule in rules().rules {
        let first = chrono::DateTime::from_timestamp(1_715_000_000, 0).expect("in range");
        let span = Span { first, last: first + chrono::TimeDelta::days(7) };
        let schedule: Schedule = rule.schedule();
        assert!(schedule.windows(span).count() <= 350, "{}", rule.name);
    }
}
