//! Results of rule tests as JUnit XML, as CI systems read it: a test suite a rule.

use std::time::Duration;

use server::{TestedCase, TestedRule};

/// Name of the one case of a rule that cannot be read.
const READING: &str = "the rule and its tests can be read";

/// The whole document.
pub(crate) fn report(tested: &[TestedRule]) -> String {
    let cases: usize = tested.iter().map(count).sum();
    let failures: usize = tested.iter().map(failures).sum();
    let time: Duration = tested.iter().map(duration).sum();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.push_str(&format!(
        "<testsuites name=\"vedette rules test\" tests=\"{cases}\" failures=\"{failures}\" time=\"{}\">\n",
        seconds(time)
    ));
    for rule in tested {
        suite(rule, &mut xml);
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// Cases of a suite: a rule that cannot be read has one, which fails.
fn count(rule: &TestedRule) -> usize {
    rule.cases.len() + usize::from(rule.problem.is_some())
}

fn failures(rule: &TestedRule) -> usize {
    rule.cases.iter().filter(|case| case.problem.is_some()).count() + usize::from(rule.problem.is_some())
}

fn duration(rule: &TestedRule) -> Duration {
    rule.cases.iter().map(|case| case.duration).sum()
}

fn suite(rule: &TestedRule, xml: &mut String) {
    xml.push_str(&format!(
        "  <testsuite name=\"{}\" file=\"{}\" tests=\"{}\" failures=\"{}\" time=\"{}\">\n",
        escaped(&rule.name),
        escaped(&rule.file),
        count(rule),
        failures(rule),
        seconds(duration(rule)),
    ));
    if let Some(problem) = &rule.problem {
        let reading = TestedCase { name: READING.to_owned(), problem: Some(problem.clone()), duration: Duration::ZERO };
        case(rule, &reading, xml);
    }
    for tested in &rule.cases {
        case(rule, tested, xml);
    }
    xml.push_str("  </testsuite>\n");
}

fn case(rule: &TestedRule, case: &TestedCase, xml: &mut String) {
    let (name, class) = (escaped(&case.name), escaped(&rule.name));
    xml.push_str(&format!("    <testcase name=\"{name}\" classname=\"{class}\" time=\"{}\"", seconds(case.duration)));
    match &case.problem {
        None => xml.push_str("/>\n"),
        Some(problem) => {
            let first = problem.lines().next().unwrap_or_default();
            let (message, whole) = (escaped(first), escaped(problem));
            xml.push_str(&format!(">\n      <failure message=\"{message}\">{whole}</failure>\n    </testcase>\n"));
        }
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}

/// Text for an attribute or an element. XML cannot hold most control characters: they become U+FFFD.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&apos;"),
            '\n' => xml.push_str("&#10;"),
            '\r' => xml.push_str("&#13;"),
            '\t' => xml.push_str("&#9;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => xml.push(char::REPLACEMENT_CHARACTER),
            _ => xml.push(character),
        }
    }
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_problems_are_escaped_and_counted() {
        let case = |name: &str, problem: Option<&str>| TestedCase {
            name: name.to_owned(),
            problem: problem.map(str::to_owned),
            duration: Duration::from_millis(1500),
        };
        let rule = TestedRule {
            name: "A & \"B\" <c>".to_owned(),
            file: "a.yaml".to_owned(),
            problem: None,
            cases: vec![case("holds", None), case("fails", Some("expected `1` > 0\nsecond \u{1} line"))],
        };
        let unread = TestedRule {
            name: "b.yaml".to_owned(),
            file: "b.yaml".to_owned(),
            problem: Some("field `id`: missing".to_owned()),
            cases: Vec::new(),
        };
        let xml = report(&[rule, unread]);
        for part in [
            "<testsuites name=\"vedette rules test\" tests=\"3\" failures=\"2\" time=\"3.000\">",
            "<testsuite name=\"A &amp; &quot;B&quot; &lt;c&gt;\" file=\"a.yaml\" tests=\"2\" failures=\"1\" time=\"3.000\">",
            "<testcase name=\"holds\" classname=\"A &amp; &quot;B&quot; &lt;c&gt;\" time=\"1.500\"/>",
            "<failure message=\"expected `1` &gt; 0\">expected `1` &gt; 0&#10;second \u{fffd} line</failure>",
            "<testcase name=\"the rule and its tests can be read\" classname=\"b.yaml\" time=\"0.000\">",
        ] {
            assert!(xml.contains(part), "{part} is not in {xml}");
        }
        assert_eq!(xml.matches("<testsuite ").count(), xml.matches("</testsuite>").count());
    }
}
