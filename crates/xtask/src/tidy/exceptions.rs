//! The list of files and functions that are longer than allowed. It can only shrink.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::project::root;

const LIST: &str = "crates/xtask/tidy-exceptions.txt";

/// The exceptions with the length that each may have at most.
pub(crate) struct Exceptions {
    allowed: BTreeMap<String, usize>,
    used: BTreeSet<String>,
}

impl Exceptions {
    /// Reads the list: lines `key length`, where a key is a path or `path::function`.
    pub(crate) fn read() -> Result<Self, String> {
        let text =
            fs::read_to_string(root().join(LIST)).map_err(|error| format!("failed to read `{LIST}`: {error}"))?;
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let allowed = lines
            .map(|line| {
                let (key, length) = line.rsplit_once(' ').ok_or_else(|| format!("`{LIST}`: no length in `{line}`"))?;
                let length = length.parse().map_err(|_| format!("`{LIST}`: `{length}` is no length"))?;
                Ok((key.to_owned(), length))
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { allowed, used: BTreeSet::new() })
    }

    /// A breach if `key` is longer than `limit` and than its exception, or if its exception could shrink.
    pub(crate) fn check(&mut self, key: &str, length: usize, limit: usize) -> Option<String> {
        if length <= limit {
            return None;
        }
        self.used.insert(key.to_owned());
        match self.allowed.get(key) {
            None => Some(format!("{key}: {length} lines, allowed are {limit}")),
            Some(&allowed) if length > allowed => {
                Some(format!("{key}: grew to {length} lines; its exception allows {allowed} and can only shrink"))
            }
            Some(&allowed) if length < allowed => {
                Some(format!("{key}: shrank to {length} lines; lower its exception in `{LIST}` from {allowed}"))
            }
            Some(_) => None,
        }
    }

    /// Exceptions that nothing needs any more.
    pub(crate) fn stale(&self) -> Vec<String> {
        let unused = self.allowed.keys().filter(|key| !self.used.contains(*key));
        unused.map(|key| format!("`{LIST}`: `{key}` is no longer too long; remove its line")).collect()
    }
}
