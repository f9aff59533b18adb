//! `parse_user_agent`: browser, operating system and device of a user agent. Clients that no pattern of ours knows are
//! `Other`; Kusto's list is longer.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::user_agent_patterns::{PartPatterns, PatternFile};
use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{BagWriter, Kind, elements, kind, unquote, write_quoted};
use crate::{ArgumentInfo, FunctionError, Resolved, Value, signature};

/// Most results that one call keeps, as matching is slow; then it starts over.
const CACHE_LIMIT: usize = 4_096;

/// A part of a user agent.
struct Part {
    /// What the second argument calls it.
    name: &'static str,
    /// What the result calls it.
    property: &'static str,
    fields: &'static [&'static str],
    patterns: LazyLock<PartPatterns>,
}

static PARTS: [Part; 3] = [
    Part {
        name: "browser",
        property: "Browser",
        fields: &["Family", "MajorVersion", "MinorVersion", "Patch"],
        patterns: LazyLock::new(|| {
            PartPatterns::new(PatternFile::read().user_agent_parsers, &[Some(1), Some(2), Some(3), Some(4)])
        }),
    },
    Part {
        name: "os",
        property: "OperatingSystem",
        fields: &["Family", "MajorVersion", "MinorVersion", "Patch", "PatchMinor"],
        patterns: LazyLock::new(|| {
            PartPatterns::new(PatternFile::read().os_parsers, &[Some(1), Some(2), Some(3), Some(4), Some(5)])
        }),
    },
    Part {
        name: "device",
        property: "Device",
        fields: &["Family", "Brand", "Model"],
        patterns: LazyLock::new(|| PartPatterns::new(PatternFile::read().device_parsers, &[Some(1), None, Some(1)])),
    },
];

pub(super) static PARSE_USER_AGENT: Definition = Definition::new("parse_user_agent", resolve, |args, _, ctx| {
    let (agents, parts) = (Strings::of(&args[0]), args.get(1).map(Strings::of));
    let mut known: HashMap<(String, [bool; 3]), String> = HashMap::new();
    written_nullable(result_rows(args, ctx), |row, out| {
        let wanted = parts.as_ref().map_or([true; 3], |parts| wanted(parts.text(row)));
        if known.len() >= CACHE_LIMIT {
            known.clear();
        }
        let entry = known.entry((agents.text(row).to_owned(), wanted));
        out.push_str(entry.or_insert_with(|| parsed(agents.text(row), wanted)));
        true
    })
});

/// The parts are `browser`, `os` and `device`, one as a string or several in an array.
fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    let resolved = signature::fixed(args, &[Text, Text], 1, Dynamic)?;
    if let Some(Value::String(part)) = args.get(1).and_then(|arg| arg.constant.as_ref())
        && wanted(part) == [false; 3]
    {
        let message = format!("`{part}` is no part of a user agent; there are `browser`, `os` and `device`");
        return Err(FunctionError::Other { index: Some(1), message });
    }
    let parameter = |arg: &ArgumentInfo| if arg.ty == Dynamic { Dynamic } else { Text };
    let parameters = std::iter::once(Text).chain(args.get(1).map(parameter)).collect();
    Ok(Resolved { parameters, ..resolved })
}

fn wanted(parts: &str) -> [bool; 3] {
    let names: Vec<String> = match kind(parts) {
        Kind::Array => elements(parts).map(|item| unquote(item).to_ascii_lowercase()).collect(),
        _ => vec![unquote(parts).to_ascii_lowercase()],
    };
    [0, 1, 2].map(|part| names.iter().any(|name| name == PARTS[part].name))
}

fn parsed(agent: &str, wanted: [bool; 3]) -> String {
    let mut out = String::new();
    let mut bag = BagWriter::new(&mut out);
    for (part, _) in PARTS.iter().zip(wanted).filter(|(_, is_wanted)| *is_wanted) {
        bag.push(part.property, &fields(part.fields, &part.patterns.find(agent)));
    }
    bag.end();
    out
}

/// A bag of the fields; what is not known is empty.
fn fields(names: &[&str], values: &[String]) -> String {
    let mut out = String::new();
    let mut quoted = String::new();
    let mut bag = BagWriter::new(&mut out);
    for (place, name) in names.iter().enumerate() {
        quoted.clear();
        write_quoted(&mut quoted, values.get(place).map_or("", String::as_str));
        bag.push(name, &quoted);
    }
    bag.end();
    out
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};

    #[test]
    fn parts_are_told_apart() {
        let agent = || {
            text(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/17.4 Mobile/15E148 Safari/604.1",
            )
        };
        let browser = r#"{"Browser":{"Family":"Mobile Safari","MajorVersion":"17","MinorVersion":"4","Patch":""}}"#;
        check("parse_user_agent", &[agent(), text("browser")], json(browser));
        let system = r#"{"OperatingSystem":{"Family":"iOS","MajorVersion":"17","MinorVersion":"4","Patch":"1","PatchMinor":""}}"#;
        check("parse_user_agent", &[agent(), json(r#"["OS"]"#)], json(system));
        let device = r#"{"Device":{"Family":"iPhone","Brand":"Apple","Model":"iPhone"}}"#;
        check("parse_user_agent", &[agent(), json(r#"["device"]"#)], json(device));
        let client = text("python-requests/2.31.0");
        let browser = r#"{"Browser":{"Family":"python-requests","MajorVersion":"2","MinorVersion":"31","Patch":"0"}}"#;
        check("parse_user_agent", &[client, text("browser")], json(browser));
        let edge = text(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 \
             Safari/537.36 Edg/125.0.2535.51",
        );
        let parts = r#"{"Browser":{"Family":"Edge","MajorVersion":"125","MinorVersion":"0","Patch":"2535"},"OperatingSystem":{"Family":"Windows","MajorVersion":"10","MinorVersion":"","Patch":"","PatchMinor":""}}"#;
        check("parse_user_agent", &[edge, json(r#"["browser","os"]"#)], json(parts));
        let unknown = r#"{"Device":{"Family":"Other","Brand":"","Model":""}}"#;
        check("parse_user_agent", &[text("?"), text("device")], json(unknown));
    }
}
