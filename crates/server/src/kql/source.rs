//! A query and where it stands.

use std::path::PathBuf;

use kql_syntax::{Diagnostic, Span};

/// A query and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KqlSource {
    /// What messages call it: a path, `query` or `standard input`.
    pub name: String,
    /// The query.
    pub text: String,
    /// The file that holds nothing but the query.
    pub file: Option<PathBuf>,
    /// The query as a part of a larger text.
    pub(super) outer: Option<Outer>,
}

/// The text around a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outer {
    /// All of it.
    pub text: String,
    /// For each line of the query, where it starts in the text.
    pub lines: Vec<usize>,
}

impl KqlSource {
    /// A query that stands for itself.
    pub fn new(name: &str, text: String) -> Self {
        Self { name: name.to_owned(), text, file: None, outer: None }
    }

    /// A diagnostic with its line, numbered as in the file.
    pub(super) fn render(&self, found: &Diagnostic) -> String {
        match &self.outer {
            None => found.render(&self.text, &self.name),
            Some(outer) => {
                let span =
                    Span::new(self.outer_offset(outer, found.span.start), self.outer_offset(outer, found.span.end));
                Diagnostic { span, ..found.clone() }.render(&outer.text, &self.name)
            }
        }
    }

    fn outer_offset(&self, outer: &Outer, offset: usize) -> usize {
        let before = self.text.get(..offset.min(self.text.len())).unwrap_or_default();
        let line = before.matches('\n').count();
        let in_line = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
        outer.lines.get(line).map_or(0, |start| start + in_line)
    }
}
