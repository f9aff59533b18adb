//! Reads and writes case files; `tests/kql/README.md` describes the format.

use std::fmt::Write;

/// One case.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// The query.
    pub query: String,
    /// What is expected, line by line; empty where it is still to be filled in.
    pub expected: Vec<String>,
}

/// Splits a file into its leading comment and its cases.
pub fn read(text: &str) -> (String, Vec<Case>) {
    let mut head = String::new();
    let mut cases: Vec<Case> = Vec::new();
    let mut in_answer = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            cases.push(Case { name: name.to_owned(), ..Case::default() });
            in_answer = false;
        } else if let Some(case) = cases.last_mut() {
            if line == "---" {
                in_answer = true;
            } else if in_answer {
                case.expected.push(line.to_owned());
            } else {
                let _ = writeln!(case.query, "{line}");
            }
        } else {
            let _ = writeln!(head, "{line}");
        }
    }
    for case in &mut cases {
        case.query = case.query.trim().to_owned();
        while case.expected.last().is_some_and(|line| line.trim().is_empty()) {
            case.expected.pop();
        }
    }
    (head, cases)
}

/// The file's text.
pub fn write(head: &str, cases: &[Case]) -> String {
    let mut text = head.to_owned();
    for case in cases {
        let _ = writeln!(text, "=== {}\n{}\n---", case.name, case.query);
        for line in &case.expected {
            let _ = writeln!(text, "{line}");
        }
        text.push('\n');
    }
    format!("{}\n", text.trim_end())
}
