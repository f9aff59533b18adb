//! What to look for in rows, and whether a row really holds it.

use std::net::IpAddr;

use schema::{Entity, EntityKind};
use serde_json::Value;

use crate::json_rows::JsonRow;

/// Shorter identifiers (a process id, a yes or no) are no terms: they are everywhere.
const TERM_BYTES_MIN: usize = 3;

/// The texts by which logs name an entity, in lower case, best first. None where nothing tells it from others.
pub(crate) fn entity_terms(entity: &Entity) -> Vec<String> {
    if entity.is_built_in() {
        return Vec::new();
    }
    let of = |name: &str| entity.identifier(name);
    let mut terms: Vec<String> =
        entity.strong_keys().into_iter().filter_map(|key| Some(key.split_once(':')?.1.to_owned())).collect();
    match entity.kind {
        EntityKind::Account if terms.is_empty() => terms.extend(of("Name").map(str::to_owned)),
        // Windows logs name hosts by the short name as often as by the full one.
        EntityKind::Host => terms.extend(of("HostName").or(of("NetBiosName")).map(str::to_owned)),
        EntityKind::Account | EntityKind::Ip => {}
        _ => terms.extend(entity.identifiers.values().cloned()),
    }
    let mut unique: Vec<String> = Vec::new();
    for term in terms.into_iter().map(|term| term.to_lowercase()).filter(|term| term.len() >= TERM_BYTES_MIN) {
        if !unique.contains(&term) {
            unique.push(term);
        }
    }
    unique
}

/// Whether any text of the row holds any of these terms (in lower case), not as a part of a longer name.
pub(crate) fn row_holds(row: &JsonRow, terms: &[String]) -> bool {
    row.values().any(|value| value_holds(value, terms))
}

fn value_holds(value: &Value, terms: &[String]) -> bool {
    match value {
        Value::String(text) => {
            let text = text.to_lowercase();
            terms.iter().any(|term| text_holds(&text, term))
        }
        Value::Array(items) => items.iter().any(|item| value_holds(item, terms)),
        Value::Object(fields) => fields.values().any(|field| value_holds(field, terms)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn text_holds(text: &str, term: &str) -> bool {
    let is_ipv6 = term.contains(':') && term.parse::<IpAddr>().is_ok();
    text.match_indices(term).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + term.len()..].chars();
        let next = after.next();
        let goes_on_before = before
            .is_some_and(|letter| letter.is_alphanumeric() || "._-+".contains(letter) || (is_ipv6 && letter == ':'));
        let goes_on_after = match next {
            Some('.' | '-') => after.next().is_some_and(char::is_alphanumeric) && !names_a_host(term, next),
            Some(letter) => letter.is_alphanumeric() || letter == '_' || (is_ipv6 && letter == ':'),
            None => false,
        };
        !goes_on_before && !goes_on_after
    })
}

/// A bare name may go on with a domain: `dc01` in `dc01.contoso.com`.
fn names_a_host(term: &str, next: Option<char>) -> bool {
    next == Some('.') && term.parse::<IpAddr>().is_err() && !term.contains(['@', '.', '\\', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(value: Value, term: &str) -> bool {
        row_holds(json!({ "Column": value }).as_object().expect("a row"), &[term.to_owned()])
    }

    #[test]
    fn a_name_is_found_whole_only() {
        for (text, term, wanted) in [
            ("Ann@contoso.com", "ann@contoso.com", true),
            ("joann@contoso.com", "ann@contoso.com", false),
            ("x.ann@contoso.com", "ann@contoso.com", false),
            ("ann@contoso.com.evil.example", "ann@contoso.com", false),
            ("written by ann@contoso.com.", "ann@contoso.com", true),
            ("203.0.113.7:443", "203.0.113.7", true),
            ("203.0.113.70", "203.0.113.7", false),
            ("1.203.0.113.7", "203.0.113.7", false),
            ("::ffff:203.0.113.7", "203.0.113.7", true),
            ("DC01.contoso.com", "dc01", true),
            ("dc01$", "dc01", true),
            ("dc01-old", "dc01", false),
            ("2001:db8::1", "db8::1", false),
            ("CONTOSO\\ann", "contoso\\ann", true),
        ] {
            assert_eq!(holds(json!(text), term), wanted, "{term} in {text}");
        }
    }

    #[test]
    fn dynamic_columns_are_looked_into() {
        assert!(holds(json!([{"user": {"userPrincipalName": "ann@contoso.com"}}]), "ann@contoso.com"));
        assert!(!holds(json!({"ann@contoso.com": 1}), "ann@contoso.com"), "a field's name is no value");
    }

    #[test]
    fn an_entity_is_looked_for_by_what_identifies_it() {
        let account = Entity::new(
            EntityKind::Account,
            [("FullName", "Ann@contoso.com"), ("AadUserId", "11-22"), ("DisplayName", "Ann")],
        );
        assert_eq!(entity_terms(&account.expect("named")), ["11-22", "ann@contoso.com"]);
        assert_eq!(entity_terms(&Entity::host("DC01.contoso.com").expect("named")), ["dc01.contoso.com", "dc01"]);
        assert_eq!(entity_terms(&Entity::account("NT AUTHORITY\\SYSTEM").expect("named")), Vec::<String>::new());
    }
}
