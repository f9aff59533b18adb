//! An event in a few words, and the fields that matter, by table.
//!
//! The words are data (`data/events.tsv`): the first line of a table whose condition holds gives the sentence. `{A|B}` is the first
//! of these fields that has a value, `A.b.0` a path into a dynamic one; a part in `[…]` is left out when a field in it is empty.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde_json::{Map, Value};

/// Table, condition, sentence, key fields.
const EVENTS: &str = include_str!("../data/events.tsv");
/// Longest value that is shown, in characters; the rest is in the workspace.
const VALUE_CHARACTERS_MAX: usize = 160;
/// Longest sentence, in characters.
const TEXT_CHARACTERS_MAX: usize = 400;
/// Fields that say what happened in tables without words of their own, best first.
const GENERAL_FIELDS: [&str; 9] = [
    "OperationName",
    "Operation",
    "ActionType",
    "Activity",
    "EventName",
    "Title",
    "DisplayName",
    "RenderedDescription",
    "Message",
];
/// Fields that say who and where in such tables.
const GENERAL_KEY_FIELDS: [&str; 12] = [
    "UserPrincipalName",
    "AccountUpn",
    "AccountName",
    "UserId",
    "UserName",
    "Account",
    "IPAddress",
    "ClientIP",
    "RemoteIP",
    "SourceIP",
    "DeviceName",
    "Computer",
];

/// An event in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventText {
    /// What happened.
    pub text: String,
    /// Column (or path) and value of what matters, without empty ones.
    pub fields: Vec<(String, String)>,
}

struct Words {
    table: &'static str,
    condition: Option<Condition>,
    sentence: &'static str,
    key_fields: Vec<&'static str>,
}

struct Condition {
    field: &'static str,
    equal: bool,
    values: Vec<&'static str>,
}

/// Says what a row (column to value, as the engine prints it) of a table tells.
pub fn describe_event(table: &str, row: &Map<String, Value>) -> EventText {
    let words = words().iter().find(|words| words.table == table && words.holds(row));
    let (text, key_fields) = match words {
        Some(words) => (fill(words.sentence, row).unwrap_or_default(), words.key_fields.clone()),
        None => (general(row), GENERAL_KEY_FIELDS.to_vec()),
    };
    let text = if text.is_empty() { format!("a row of {table}") } else { cut(&text, TEXT_CHARACTERS_MAX) };
    let fields = key_fields
        .into_iter()
        .filter_map(|field| Some((field.to_owned(), cut(&value(row, field)?, VALUE_CHARACTERS_MAX))));
    EventText { text, fields: fields.collect() }
}

/// Whether the events of this table have words of their own.
pub fn is_described(table: &str) -> bool {
    words().iter().any(|words| words.table == table)
}

fn words() -> &'static [Words] {
    static WORDS: OnceLock<Vec<Words>> = OnceLock::new();
    WORDS.get_or_init(|| EVENTS.lines().filter_map(parse).collect())
}

fn parse(line: &'static str) -> Option<Words> {
    let mut parts = line.split('\t');
    let (table, condition, sentence) = (parts.next()?, parts.next()?, parts.next()?);
    let key_fields = parts.next().unwrap_or_default().split(',').filter(|field| !field.is_empty()).collect();
    let condition = match (condition.split_once("!="), condition.split_once('=')) {
        (Some((field, values)), _) => Some(Condition { field, equal: false, values: values.split(',').collect() }),
        (None, Some((field, values))) => Some(Condition { field, equal: true, values: values.split(',').collect() }),
        (None, None) => None,
    };
    Some(Words { table, condition, sentence, key_fields })
}

impl Words {
    fn holds(&self, row: &Map<String, Value>) -> bool {
        self.condition.as_ref().is_none_or(|condition| {
            let found = value(row, condition.field).unwrap_or_default();
            condition.values.iter().any(|wanted| wanted.eq_ignore_ascii_case(&found)) == condition.equal
        })
    }
}

/// The sentence with its places filled; `None` when a place outside of `[…]` has no value at all and nothing else is left.
fn fill(sentence: &str, row: &Map<String, Value>) -> Option<String> {
    let mut text = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('[') {
        let (optional, after) = after.split_once(']')?;
        text.push_str(&places(before, row).0);
        let (filled, complete) = places(optional, row);
        if complete {
            text.push_str(&filled);
        }
        rest = after;
    }
    text.push_str(&places(rest, row).0);
    Some(text.trim().to_owned())
}

/// A text with its places filled, and whether all of them had a value.
fn places(text: &str, row: &Map<String, Value>) -> (String, bool) {
    let (mut filled, mut complete) = (String::new(), true);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((fields, after)) = after.split_once('}') else { break };
        filled.push_str(before);
        match fields.split('|').find_map(|field| value(row, field)) {
            Some(found) => filled.push_str(&cut(&found, VALUE_CHARACTERS_MAX)),
            None => {
                complete = false;
                filled.push_str("(unknown)");
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    (filled, complete)
}

fn general(row: &Map<String, Value>) -> String {
    let what = GENERAL_FIELDS.iter().find_map(|field| value(row, field)).unwrap_or_default();
    let who = GENERAL_KEY_FIELDS.iter().take(6).find_map(|field| value(row, field));
    match who {
        Some(who) if !what.is_empty() => format!("{who}: {what}"),
        _ => what,
    }
}

/// The value of a column or of a path into it; `None` for what is absent, empty or `-`.
fn value(row: &Map<String, Value>, path: &str) -> Option<String> {
    let mut steps = path.split('.');
    let column = row.get(steps.next()?)?;
    let mut current = Cow::Borrowed(column);
    for step in steps {
        // Some tables hold such columns as JSON text.
        if let Value::String(text) = current.as_ref() {
            current = Cow::Owned(serde_json::from_str(text).ok()?);
        }
        let next = match step.parse::<usize>() {
            Ok(index) => current.get(index)?.clone(),
            Err(_) => current.get(step)?.clone(),
        };
        current = Cow::Owned(next);
    }
    let text = match current.as_ref() {
        Value::Null => return None,
        Value::String(text) => text.trim().to_owned(),
        Value::Array(items) if items.is_empty() => return None,
        Value::Object(fields) if fields.is_empty() => return None,
        other => other.to_string(),
    };
    (!text.is_empty() && text != "-").then_some(text)
}

/// One line of so many characters at most, without control characters.
fn cut(text: &str, characters: usize) -> String {
    let mut shown: String =
        text.chars().take(characters).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().nth(characters).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn described(table: &str, row: Value) -> EventText {
        describe_event(table, row.as_object().expect("a row"))
    }

    #[test]
    fn a_sign_in_says_who_where_from_and_how_it_ended() {
        let row = json!({"UserPrincipalName": "ann@contoso.com", "AppDisplayName": "Office 365", "IPAddress": "203.0.113.7",
            "ResultType": "50126", "ResultDescription": "Invalid password", "LocationDetails": {"city": "Lagos"}, "Location": "NG"});
        let found = described("SigninLogs", row.clone());
        assert_eq!(
            found.text,
            "ann@contoso.com failed to sign in to Office 365 from 203.0.113.7 (Lagos, NG): Invalid password"
        );
        assert!(found.fields.contains(&("ResultType".to_owned(), "50126".to_owned())));
        let mut right = row;
        right["ResultType"] = json!("0");
        right["LocationDetails"] = json!("{}");
        right["Location"] = json!("");
        assert_eq!(described("SigninLogs", right).text, "ann@contoso.com signed in to Office 365 from 203.0.113.7");
    }

    #[test]
    fn paths_reach_into_dynamic_columns_and_json_text() {
        let row = json!({"OperationName": "Consent to application", "Result": "success",
            "InitiatedBy": {"user": {"userPrincipalName": "ann@contoso.com"}}, "TargetResources": "[{\"displayName\":\"Mail Helper\"}]"});
        assert_eq!(described("AuditLogs", row).text, "ann@contoso.com: Consent to application — Mail Helper");
    }

    #[test]
    fn a_table_without_words_says_what_its_general_columns_say() {
        let row = json!({"ActionType": "Something", "AccountUpn": "ann@contoso.com", "Other": "x"});
        let found = described("BehaviorInfo", row);
        assert_eq!(found.text, "ann@contoso.com: Something");
        assert_eq!(found.fields, [("AccountUpn".to_owned(), "ann@contoso.com".to_owned())]);
        assert_eq!(described("BehaviorInfo", json!({})).text, "a row of BehaviorInfo");
    }

    #[test]
    fn long_values_are_cut_and_lines_stay_one() {
        let found =
            described("Syslog", json!({"SyslogMessage": format!("a\nb{}", "é".repeat(1_000)), "ProcessName": "sshd"}));
        assert!(found.text.chars().count() <= TEXT_CHARACTERS_MAX + 1, "{}", found.text);
        assert!(!found.text.contains('\n'));
    }

    #[test]
    fn every_line_of_the_data_names_columns_of_its_table() {
        let mut lines = 0;
        for line in EVENTS.lines() {
            let words = parse(line).unwrap_or_else(|| panic!("not understood: {line}"));
            let table = schema::table(words.table).unwrap_or_else(|| panic!("no table `{}`", words.table));
            let in_sentence = words
                .sentence
                .split('{')
                .skip(1)
                .filter_map(|part| part.split('}').next())
                .flat_map(|fields| fields.split('|'));
            let condition = words.condition.as_ref().map(|condition| condition.field);
            for path in in_sentence.chain(words.key_fields.iter().copied()).chain(condition) {
                let column = path.split('.').next().unwrap_or_default();
                assert!(table.column(column).is_some(), "no column `{column}` in `{}`", words.table);
            }
            lines += 1;
        }
        assert_eq!(lines, words().len());
    }
}
