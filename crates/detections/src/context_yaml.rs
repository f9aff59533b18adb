//! Reads a context file.
//!
//! ```yaml
//! domainControllers: [DC01, dc02.contoso.com]
//! egress:
//!   - 203.0.113.0/24
//!   - {name: 198.51.100.7, note: VPN in Frankfurt}
//! ```

use serde_norway::Value;

use crate::yaml_fields::{Fields, describe, scalar};
use crate::{Context, ContextEntry, ContextList, Origin, RuleError};

/// Largest context file, in bytes.
pub const MAX_CONTEXT_BYTES: u64 = 4 * 1024 * 1024;

/// Reads a context file; `file` is named in errors. An empty file is an empty context.
pub fn parse_context(file: &str, text: &str) -> Result<Context, RuleError> {
    let value: Value = serde_norway::from_str(text).map_err(|error| RuleError {
        file: file.to_owned(),
        field: ".".to_owned(),
        problem: format!("not readable as YAML: {error}"),
        hint: "check indentation and quotes".to_owned(),
    })?;
    match value {
        Value::Null => Ok(Context::default()),
        value => context(Fields::of_document(file, value)?),
    }
}

/// The lists of a mapping; everything else in it is refused.
pub(crate) fn context(mut fields: Fields<'_>) -> Result<Context, RuleError> {
    let mut context = Context::default();
    for list in ContextList::ALL {
        let field = list.field();
        for (index, value) in fields.list(&field).into_iter().enumerate() {
            let place = format!("{field}[{index}]");
            let (name, evidence) = name_and_note(&fields, &place, value)?;
            let key = list.key(&name).map_err(|(problem, hint)| fields.error(&place, problem, hint))?;
            context.add(list, ContextEntry { name, key, origin: Origin::Given, evidence });
        }
    }
    let unknown = fields.error("", String::new(), "");
    let Some(field) = fields.rest().keys().next().map(|key| scalar(key).unwrap_or_default()) else {
        return Ok(context);
    };
    Err(RuleError { field: field.clone(), problem: "unknown field".to_owned(), hint: hint_for(&field), ..unknown })
}

/// An entry is a name, or a mapping of `name` and `note`.
fn name_and_note(fields: &Fields<'_>, place: &str, value: Value) -> Result<(String, String), RuleError> {
    if let Some(name) = scalar(&value) {
        return Ok((name.trim().to_owned(), String::new()));
    }
    let wrong = |problem: String| fields.error(place, problem, "write a name, or {name: …, note: …}");
    let Value::Mapping(mut entry) = value else {
        return Err(wrong(format!("expected a name, found {}", describe(&value))));
    };
    let mut text = |field: &str| entry.shift_remove(field).and_then(|value| scalar(&value));
    let (name, note) = (text("name"), text("note"));
    match (name, entry.keys().next()) {
        (Some(name), None) => Ok((name.trim().to_owned(), note.unwrap_or_default())),
        (None, _) => Err(wrong("`name` is missing".to_owned())),
        (_, Some(other)) => Err(wrong(format!("unknown field `{}`", scalar(other).unwrap_or_default()))),
    }
}

fn hint_for(field: &str) -> String {
    let known: Vec<String> = ContextList::ALL.map(ContextList::field).to_vec();
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    let asked = plain(field);
    let is_close = |name: &&String| {
        let name = plain(name);
        !asked.is_empty() && (name == asked || name.trim_end_matches('s') == asked.trim_end_matches('s'))
    };
    match known.iter().find(is_close) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("use {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> RuleError {
        parse_context("context.yaml", text).expect_err("refused")
    }

    #[test]
    fn names_and_notes_are_read() {
        let text = "domainControllers: [DC01, dc01.contoso.com, DC02]\negress:\n  - 203.0.113.0/24\n  - {name: 198.51.100.7, note: VPN}\n";
        let context = parse_context("context.yaml", text).expect("valid");
        let keys: Vec<&str> =
            context.entries(ContextList::DomainControllers).iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["dc01", "dc02"], "one computer once");
        let vpn = &context.entries(ContextList::Egress)[1];
        assert_eq!((vpn.key.as_str(), vpn.evidence.as_str(), vpn.origin), ("198.51.100.7/32", "VPN", Origin::Given));
        assert!(parse_context("context.yaml", "# nothing\n").expect("valid").is_empty());
    }

    #[test]
    fn mistakes_say_what_where_and_what_to_do() {
        let unknown = error("domaincontroller: [DC01]\n");
        assert_eq!(
            (unknown.field.as_str(), unknown.hint.as_str()),
            ("domaincontroller", "did you mean `domainControllers`?")
        );
        assert!(error("vip: [mia]\n").hint.contains("breakGlassAccounts"));
        let range = error("egress: [203.0.113.0/24, 203.0.113.9/33]\n");
        assert_eq!(range.field, "egress[1]");
        assert!(range.problem.contains("`203.0.113.9/33`") && range.hint.contains("203.0.113.0/24"), "{range:?}");
        for text in [
            "- a",
            "egress: {a: b}",
            "egress: [[a]]",
            "egress: [{note: x}]",
            "egress: [{name: 10.0.0.1, also: 1}]",
            "a: [b",
        ] {
            let found = error(text);
            assert!(!found.problem.is_empty() && !found.hint.is_empty(), "{text}: {found:?}");
        }
    }
}
