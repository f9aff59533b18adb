//! Accounts, hosts and addresses that an alert names, in its fields and in its message.

use schema::{Entity, EntityKind};

use crate::cef::alert::labelled;
use crate::cef::event::CefEvent;
use crate::limits::{ALERT_ENTITIES, ALERT_MESSAGE_WORDS};

/// Where an entity stands in the alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// Whoever acts, and from where.
    Source,
    /// Whoever and whatever is acted upon.
    Destination,
}

impl Direction {
    /// As `AlertEvidence.EvidenceDirection` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Destination => "Destination",
        }
    }
}

/// An entity of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AlertEntity {
    pub entity: Entity,
    pub direction: Direction,
}

/// Keys of accounts, hosts and addresses.
const FIELDS: [(&str, EntityKind, Direction); 10] = [
    ("suser", EntityKind::Account, Direction::Source),
    ("shost", EntityKind::Host, Direction::Source),
    ("src", EntityKind::Ip, Direction::Source),
    ("c6a1", EntityKind::Ip, Direction::Source),
    ("c6a2", EntityKind::Ip, Direction::Source),
    ("dvc", EntityKind::Ip, Direction::Source),
    ("duser", EntityKind::Account, Direction::Destination),
    ("dhost", EntityKind::Host, Direction::Destination),
    ("dst", EntityKind::Ip, Direction::Destination),
    ("c6a3", EntityKind::Ip, Direction::Destination),
];

/// Labels of custom strings with a full host name.
const HOST_LABELS: [(&str, Direction); 2] = [("shostfqdn", Direction::Source), ("dhostfqdn", Direction::Destination)];

/// Words of a message before the name of a computer.
const HOST_WORDS: [(&str, Direction); 5] = [
    ("from", Direction::Source),
    ("against", Direction::Destination),
    ("on", Direction::Destination),
    ("to", Direction::Destination),
    ("via", Direction::Destination),
];

/// Names of protocols and products in messages, which look like names of computers.
const NO_HOSTS: [&str; 14] =
    ["LDAP", "SMB", "DNS", "NTLM", "SAMR", "SAM-R", "LDAPS", "RPC", "WMI", "HTTP", "NTLMv1", "NTLMv2", "AD", "RC4"];

/// Words after `by` that are no account.
const NO_ACCOUNTS: [&str; 10] = ["the", "a", "an", "one", "this", "its", "means", "another", "unknown", "multiple"];

/// The entities, each once: those of the fields first.
pub(super) fn entities_of(event: &CefEvent) -> Vec<AlertEntity> {
    let mut found = Vec::new();
    for (key, kind, direction) in FIELDS {
        for value in event.get(key).unwrap_or_default().split(',').take(ALERT_ENTITIES) {
            add(&mut found, of_text(kind, value), direction);
        }
    }
    for (label, direction) in HOST_LABELS {
        if let Some(full) = labelled(event, label) {
            add_full_host(&mut found, full, direction);
        }
    }
    if let Some(message) = event.get("msg") {
        add_of_message(&mut found, message);
    }
    if let Some(service) = event.get("destinationServiceName") {
        add(&mut found, Entity::new(EntityKind::CloudApplication, [("Name", service)]), Direction::Destination);
    }
    found
}

fn of_text(kind: EntityKind, text: &str) -> Option<Entity> {
    match kind {
        EntityKind::Account => Entity::account(text),
        EntityKind::Host => Entity::host(text),
        _ => Entity::ip(text),
    }
}

fn add(found: &mut Vec<AlertEntity>, entity: Option<Entity>, direction: Direction) {
    let Some(entity) = entity else { return };
    let same = |other: &AlertEntity| other.entity.kind == entity.kind && is_same(&other.entity, &entity);
    if found.len() < ALERT_ENTITIES && !found.iter().any(same) {
        found.push(AlertEntity { entity, direction });
    }
}

/// Whether two entities of one kind are the same, a short host name being that of the full one.
fn is_same(one: &Entity, other: &Entity) -> bool {
    let host = |entity: &Entity| entity.identifier("HostName").map(str::to_lowercase);
    match one.kind {
        EntityKind::Host => host(one) == host(other),
        _ => one.key() == other.key(),
    }
}

/// Adds the domain to the host of this name, or the host where none was named.
fn add_full_host(found: &mut Vec<AlertEntity>, full: &str, direction: Direction) {
    let Some(entity) = Entity::host(full) else { return };
    let named = found.iter_mut().find(|other| other.entity.kind == EntityKind::Host && other.direction == direction);
    match named {
        Some(named) if is_same(&named.entity, &entity) => named.entity = entity,
        Some(_) => {}
        None => add(found, Some(entity), direction),
    }
}

/// Adds what the message names: `originating from CLIENT1`, `performed by alice`. Accounts only where no field names one.
fn add_of_message(found: &mut Vec<AlertEntity>, message: &str) {
    let has_account = found.iter().any(|other| other.entity.kind == EntityKind::Account);
    let words: Vec<&str> = message.split_whitespace().take(ALERT_MESSAGE_WORDS).collect();
    for pair in words.windows(2) {
        let name = pair[1].trim_matches(|end: char| matches!(end, '.' | ',' | ';' | ':' | '(' | ')' | '\'' | '"'));
        let name = name.strip_suffix("'s").unwrap_or(name);
        if let Some((_, direction)) = HOST_WORDS.iter().find(|(word, _)| *word == pair[0]) {
            if is_computer_name(name) {
                add(found, Entity::host(name), *direction);
            }
        } else if !has_account && pair[0] == "by" && is_account_name(name) {
            add(found, Entity::account(name), Direction::Source);
        } else if !has_account && pair[1] == "created" && words[0] == pair[0] {
            add(found, Entity::account(pair[0]), Direction::Source);
        }
    }
}

/// Whether a word looks like a computer: a digit, a hyphen or only capitals in it, unlike the words of a sentence.
fn is_computer_name(word: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'$');
    let has = |test: fn(&u8) -> bool| word.bytes().any(|byte| test(&byte));
    let capitals = !has(u8::is_ascii_lowercase);
    let marked = has(u8::is_ascii_digit) || word.contains(['-', '.']) || (capitals && word.len() > 1);
    word.bytes().all(allowed) && has(u8::is_ascii_alphabetic) && marked && !NO_HOSTS.contains(&word)
}

fn is_account_name(word: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'$' | b'@' | b'\\');
    let sentence = NO_ACCOUNTS.contains(&word.to_ascii_lowercase().as_str()) || word.ends_with("ing");
    !word.is_empty() && word.bytes().all(allowed) && word.bytes().any(|byte| byte.is_ascii_alphabetic()) && !sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(extension: &str) -> Vec<(String, &'static str)> {
        let fields = format!("Microsoft|Azure ATP|2|xSecurityAlert|Title|5|{extension}");
        let event = CefEvent::parse(&fields).unwrap();
        entities_of(&event).into_iter().map(|found| (found.entity.friendly_name(), found.direction.as_str())).collect()
    }

    fn all(expected: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        expected.iter().map(|(name, direction)| ((*name).to_owned(), *direction)).collect()
    }

    #[test]
    fn entities_of_fields_and_message_are_found_once() {
        let found = names(
            "shost=CLIENT1 suser=alice msg=Guesses from CLIENT1 against DC1 by bob. cs3Label=shostfqdn cs3=client1.contoso.com",
        );
        assert_eq!(found, all(&[("alice", "Source"), ("client1.contoso.com", "Source"), ("DC1", "Destination")]));
    }

    #[test]
    fn accounts_are_read_from_the_message_where_no_field_has_one() {
        let found = names(r"msg=Malicious requests were performed by alice, from CLIENT1 against DC1.");
        assert_eq!(found, all(&[("alice", "Source"), ("CLIENT1", "Source"), ("DC1", "Destination")]));
        let found = names("msg=svc1 created Tool in order to run commands on CLIENT1.");
        assert_eq!(found, all(&[("svc1", "Source"), ("CLIENT1", "Destination")]));
        let found = names("msg=Activity policy ''p'' was triggered by ''alice@contoso.com'' src=192.0.2.1");
        assert_eq!(found, all(&[("192.0.2.1", "Source"), ("alice@contoso.com", "Source")]));
    }

    #[test]
    fn words_of_a_sentence_are_no_entities() {
        let found = names(
            "msg=Used from one of the computers by using forged data to access host/contoso.com via LDAP on Windows, from 30 hosts",
        );
        assert_eq!(found, []);
    }
}
