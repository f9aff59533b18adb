//! The patterns of `data/user_agents.json`, compiled when first needed: the clients that identity logs hold, with the
//! names that uap-core gives them. Of each part the first pattern that matches counts.

use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};
use serde::Deserialize;

const PATTERNS: &str = include_str!("../../../data/user_agents.json");
/// What a part is called that no pattern knows.
const UNKNOWN: &str = "Other";
/// Largest compiled size of one pattern, in bytes.
const SIZE_LIMIT: usize = 10 << 20;

/// The patterns of all parts.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PatternFile {
    pub(super) user_agent_parsers: Vec<Entry>,
    pub(super) os_parsers: Vec<Entry>,
    pub(super) device_parsers: Vec<Entry>,
}

impl PatternFile {
    /// The file that is part of this crate; a test sees to it that it can be read.
    pub(super) fn read() -> Self {
        serde_json::from_str(PATTERNS).unwrap_or_default()
    }
}

/// A pattern and what stands for its groups: for the family, and for each field after it.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    regex: String,
    regex_flag: Option<String>,
    #[serde(alias = "os_replacement", alias = "device_replacement")]
    family_replacement: Option<String>,
    #[serde(alias = "os_v1_replacement", alias = "brand_replacement")]
    v1_replacement: Option<String>,
    #[serde(alias = "os_v2_replacement", alias = "model_replacement")]
    v2_replacement: Option<String>,
    #[serde(alias = "os_v3_replacement")]
    v3_replacement: Option<String>,
}

impl Entry {
    /// The patterns are written for engines whose `\d` is ASCII, which takes less room, too.
    fn compiled(&self) -> Option<Regex> {
        let is_case_insensitive = self.regex_flag.as_deref() == Some("i");
        let build = |is_unicode: bool| {
            let mut builder = RegexBuilder::new(&self.regex);
            builder.case_insensitive(is_case_insensitive).unicode(is_unicode).size_limit(SIZE_LIMIT).build().ok()
        };
        build(false).or_else(|| build(true))
    }

    fn replacement(&self, field: usize) -> Option<&str> {
        let replacements = [&self.family_replacement, &self.v1_replacement, &self.v2_replacement, &self.v3_replacement];
        replacements.get(field).and_then(|replacement| replacement.as_deref())
    }
}

/// The patterns of one part, in the order in which they are tried.
pub(super) struct PartPatterns {
    entries: Vec<(Entry, OnceLock<Option<Regex>>)>,
    /// The group of each field without a replacement.
    groups: &'static [Option<usize>],
}

impl PartPatterns {
    pub(super) fn new(entries: Vec<Entry>, groups: &'static [Option<usize>]) -> Self {
        PartPatterns { entries: entries.into_iter().map(|entry| (entry, OnceLock::new())).collect(), groups }
    }

    /// The fields that the first matching pattern gives.
    pub(super) fn find(&self, agent: &str) -> Vec<String> {
        for (entry, compiled) in &self.entries {
            let Some(regex) = compiled.get_or_init(|| entry.compiled()) else { continue };
            if let Some(captures) = regex.captures(agent.as_bytes()) {
                return self.fields(entry, &captures);
            }
        }
        vec![UNKNOWN.to_owned()]
    }

    fn fields(&self, entry: &Entry, captures: &Captures<'_>) -> Vec<String> {
        let field = |(place, group): (usize, &Option<usize>)| match (entry.replacement(place), group) {
            (Some(replacement), _) => expanded(replacement, captures),
            (None, Some(group)) => group_text(captures, *group),
            (None, None) => String::new(),
        };
        self.groups.iter().enumerate().map(field).collect()
    }
}

fn group_text(captures: &Captures<'_>, group: usize) -> String {
    captures.get(group).map_or_else(String::new, |found| String::from_utf8_lossy(found.as_bytes()).into_owned())
}

/// `$1` to `$9` are groups.
fn expanded(replacement: &str, captures: &Captures<'_>) -> String {
    let mut out = String::new();
    let mut characters = replacement.chars().peekable();
    while let Some(character) = characters.next() {
        match characters.peek().and_then(|digit| digit.to_digit(10)) {
            Some(group) if character == '$' => {
                characters.next();
                out.push_str(&group_text(captures, group as usize));
            }
            _ => out.push(character),
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_patterns_can_be_read_and_compiled() {
        let file = PatternFile::read();
        let entries: Vec<Entry> =
            file.user_agent_parsers.into_iter().chain(file.os_parsers).chain(file.device_parsers).collect();
        assert!(entries.len() > 50);
        for entry in entries {
            assert!(entry.compiled().is_some(), "{}", entry.regex);
        }
    }
}
