//! Compiled regular expressions: once for a constant pattern, a bounded cache for patterns that change by row.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex::{Regex, RegexBuilder};

/// Largest compiled size of one pattern, in bytes.
const SIZE_LIMIT: usize = 4 << 20;
/// Most patterns that one call keeps; then the cache starts over.
const CACHE_LIMIT: usize = 64;

/// Compiles a pattern in KQL's syntax, which is that of the regex crate; `Err` explains why it is none.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build().map_err(|error| {
        let message = error.to_string();
        message.lines().last().unwrap_or("invalid").trim_start_matches("error: ").trim_end_matches('.').to_owned()
    })
}

/// The patterns that one kernel call has met; a pattern that does not compile is `None` and matches nothing.
#[derive(Default)]
pub(crate) struct Patterns {
    known: RefCell<HashMap<String, Option<Rc<Regex>>>>,
    last: RefCell<Option<(String, Option<Rc<Regex>>)>>,
}

impl Patterns {
    pub(crate) fn get(&self, pattern: &str) -> Option<Rc<Regex>> {
        if let Some((text, regex)) = &*self.last.borrow()
            && text == pattern
        {
            return regex.clone();
        }
        let mut known = self.known.borrow_mut();
        if known.len() >= CACHE_LIMIT && !known.contains_key(pattern) {
            known.clear();
        }
        let compiled = || compile(pattern).ok().map(Rc::new);
        let regex = known.entry(pattern.to_owned()).or_insert_with(compiled).clone();
        *self.last.borrow_mut() = Some((pattern.to_owned(), regex.clone()));
        regex
    }
}
