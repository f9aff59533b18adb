//! The query of a rule in YAML.

use serde_norway::Value;

use super::source::{KqlSource, Outer};

/// The field of rules and hunting queries that holds the query.
const FIELD: &str = "query";

/// The query in a YAML text; nothing where it has none.
///
/// # Errors
/// Where the text is no YAML.
pub(super) fn yaml_query(name: &str, text: &str) -> Result<Option<KqlSource>, String> {
    let document: Value = serde_norway::from_str(text).map_err(|error| format!("not readable as YAML: {error}"))?;
    let Some(query) = document.get(FIELD).and_then(Value::as_str) else { return Ok(None) };
    let outer = block_lines(text, query).map(|lines| Outer { text: text.to_owned(), lines });
    Ok(Some(KqlSource { name: name.to_owned(), text: query.to_owned(), file: None, outer }))
}

/// Where the lines of a literal block start in the text; nothing where the query is written in another way.
fn block_lines(text: &str, query: &str) -> Option<Vec<usize>> {
    let mut starts = Vec::new();
    let mut wanted = query.lines();
    let mut at = 0;
    let mut inside = false;
    let mut indent = None;
    for line in text.split_inclusive('\n') {
        let shown = line.trim_end_matches(['\n', '\r']);
        if inside {
            let Some(expected) = wanted.next() else { break };
            let own = shown.len() - shown.trim_start_matches(' ').len();
            let indent = *indent.get_or_insert(own);
            // Empty lines may be shorter than the indentation.
            let content = shown.get(indent..).unwrap_or_default();
            if content.trim_end() != expected.trim_end() {
                return None;
            }
            starts.push(at + indent.min(shown.len()));
        } else if let Some(rest) = shown.strip_prefix(FIELD).and_then(|rest| rest.strip_prefix(':')) {
            inside = rest.trim_start().starts_with('|');
        }
        at += line.len();
    }
    (inside && wanted.next().is_none()).then_some(starts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kql_syntax::{Diagnostic, Span};

    #[test]
    fn places_are_those_of_the_file() {
        let text = "name: x\nquery: |\n  T\n\n  | where a\nid: 1\n";
        let source = yaml_query("r.yaml", text).expect("YAML").expect("a query");
        assert_eq!(source.text, "T\n\n| where a\n");
        let at = source.text.find('a').expect("is there");
        let shown = source.render(&Diagnostic::error("KQL101", Span::new(at, at + 1), "x"));
        assert!(shown.contains("r.yaml:5:11") && shown.contains("| where a"), "{shown}");
    }

    #[test]
    fn other_forms_are_read_too() {
        let source = yaml_query("r.yaml", "query: \"T | take 1\"").expect("YAML").expect("a query");
        assert_eq!((source.text.as_str(), source.outer), ("T | take 1", None));
        assert_eq!(yaml_query("r.yaml", "name: x"), Ok(None));
        assert!(yaml_query("r.yaml", "a: [").is_err());
    }
}
