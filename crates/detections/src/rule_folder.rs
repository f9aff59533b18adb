//! Reads folders of rules and the tests beside them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Rule, RuleError, RuleTest, parse_rule, parse_tests};

/// Largest rule or test file, in bytes.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;
/// Deepest folder below the one named.
const MAX_DEPTH: usize = 16;
/// End of a file with tests of the rule beside it.
const TESTS_SUFFIX: &str = ".tests.yaml";

/// Rules of a folder and what could not be read.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// In the order of their paths.
    pub rules: Vec<Rule>,
    /// Files that are no rule we can run, each with its reason.
    pub errors: Vec<RuleError>,
}

/// Reads every `.yaml` and `.yml` file below a folder (or one file) as a rule, `X.tests.yaml` left aside. Links are not followed.
/// A second rule with the id of an earlier one is refused.
pub fn load_folder(path: &Path) -> RuleSet {
    let mut set = RuleSet::default();
    let mut files = Vec::new();
    find_files(path, 0, &mut files, &mut set.errors);
    let mut seen: HashMap<String, String> = HashMap::new();
    for file in files {
        let name = file.display().to_string();
        let rule = match read(&file).and_then(|text| parse_rule(&name, &text)) {
            Ok(rule) => rule,
            Err(error) => {
                set.errors.push(error);
                continue;
            }
        };
        if let Some(other) = seen.get(&rule.id) {
            let problem = format!("`{}` is the id of `{other}` too", rule.id);
            set.errors.push(RuleError {
                file: name,
                field: "id".to_owned(),
                problem,
                hint: "give each rule its own GUID".to_owned(),
            });
            continue;
        }
        seen.insert(rule.id.clone(), name);
        set.rules.push(rule);
    }
    set
}

/// Where the tests of a rule file lie: `X.tests.yaml` beside `X.yaml`.
pub fn tests_path(rule: &Path) -> PathBuf {
    let mut name = rule.file_stem().unwrap_or_default().to_os_string();
    name.push(TESTS_SUFFIX);
    rule.with_file_name(name)
}

/// Reads the tests beside a rule; none when there is no such file.
pub fn load_tests(rule: &Rule) -> Result<Vec<RuleTest>, RuleError> {
    let path = tests_path(Path::new(&rule.source));
    if !path.is_file() {
        return Ok(Vec::new());
    }
    parse_tests(&path.display().to_string(), &read(&path)?)
}

fn find_files(path: &Path, depth: usize, files: &mut Vec<PathBuf>, errors: &mut Vec<RuleError>) {
    let is_link = depth > 0 && path.is_symlink();
    if is_link || depth > MAX_DEPTH {
        return;
    }
    if !path.is_dir() {
        if depth == 0 || is_rule_file(path) {
            files.push(path.to_owned());
        }
        return;
    }
    match fs::read_dir(path)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>())
    {
        Ok(mut children) => {
            children.sort();
            for child in children {
                find_files(&child, depth + 1, files, errors);
            }
        }
        Err(error) => errors.push(unreadable(path, format!("the folder cannot be read: {error}"))),
    }
}

fn is_rule_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    (name.ends_with(".yaml") || name.ends_with(".yml")) && !name.ends_with(TESTS_SUFFIX)
}

fn read(path: &Path) -> Result<String, RuleError> {
    let size = fs::metadata(path).map_err(|error| unreadable(path, format!("the file cannot be read: {error}")))?.len();
    if size > MAX_FILE_BYTES {
        return Err(unreadable(path, format!("`{size}` bytes are too many")));
    }
    fs::read_to_string(path).map_err(|error| unreadable(path, format!("the file cannot be read: {error}")))
}

fn unreadable(path: &Path, problem: String) -> RuleError {
    RuleError { file: path.display().to_string(), field: ".".to_owned(), problem, hint: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: u8) -> String {
        format!(
            "id: 2b4c5d6e-0000-4000-8000-0000000000{id:02}\nname: Rule {id}\nseverity: Low\nqueryFrequency: 5m\nqueryPeriod: 1h\n\
             triggerOperator: gt\ntriggerThreshold: 0\nquery: SigninLogs\n"
        )
    }

    #[test]
    fn a_folder_is_read_in_the_order_of_paths_and_says_what_it_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("b");
        fs::create_dir(&inner).expect("created");
        for (name, text) in [
            ("c.yaml", rule(3)),
            ("a.yml", rule(1)),
            ("b/x.yaml", rule(2)),
            ("b/y.yaml", rule(1)),
            ("bad.yaml", "kind: Fusion".to_owned()),
            ("c.tests.yaml", "- {name: n, expect: quiet, events: {}}".to_owned()),
            ("notes.txt", "not a rule".to_owned()),
        ] {
            fs::write(folder.path().join(name), text).expect("written");
        }
        let set = load_folder(folder.path());
        let names: Vec<&str> = set.rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names, ["Rule 1", "Rule 2", "Rule 3"]);
        let fields: Vec<&str> = set.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["id", "kind"]);
        assert!(set.errors[0].problem.contains("a.yml"), "{}", set.errors[0]);
        assert_eq!(load_tests(&set.rules[2]).expect("valid").len(), 1);
        assert!(load_tests(&set.rules[0]).expect("none").is_empty());
    }

    #[test]
    fn a_missing_path_is_an_error() {
        assert_eq!(load_folder(Path::new("no/such/folder")).errors.len(), 1);
    }
}
