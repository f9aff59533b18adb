//! Diagnostics for the terminal: the line, carets under the place, the hint. Plain text, no colors.

mod width;

use crate::{Diagnostic, Severity};
use width::width;

/// Widest part of a source line that is shown, in columns.
const SHOWN_COLUMNS: usize = 140;

/// Columns kept before the place when a line is cut.
const COLUMNS_BEFORE: usize = 60;

/// Distance of tab stops, in columns.
const TAB_WIDTH: usize = 4;

impl Diagnostic {
    /// The diagnostic with the line it is about. `text` is the text that was parsed, `source_name` names it.
    pub fn render(&self, text: &str, source_name: &str) -> String {
        let place = Place::find(text, self.span.start, self.span.end);
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Tolerated => "tolerated",
            Severity::Warning => "warning",
        };
        let number = place.line.to_string();
        let margin = " ".repeat(number.len());
        let (shown, offset, marked) = place.layout();
        let mut out = format!("{severity}[{}]: {}\n", self.code, printable(&self.message));
        out.push_str(&format!("{margin}--> {source_name}:{}:{}\n", place.line, place.column));
        let line = format!("{number} | {shown}");
        out.push_str(&format!("{margin} |\n{}\n{margin} | ", line.trim_end()));
        out.push_str(&format!("{}{}\n", " ".repeat(offset), "^".repeat(marked.max(1))));
        if let Some(hint) = &self.hint {
            out.push_str(&format!("{margin} = hint: {}\n", printable(hint)));
        }
        out
    }
}

/// Line and column, both from 1, the column in characters.
struct Place<'t> {
    line: usize,
    column: usize,
    before: &'t str,
    marked: &'t str,
    after: &'t str,
}

impl<'t> Place<'t> {
    fn find(text: &'t str, start: usize, end: usize) -> Self {
        let start = floor(text, start);
        let line_start = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line_end = text[start..].find(['\n', '\r']).map_or(text.len(), |at| start + at);
        let end = floor(text, end).clamp(start, line_end);
        let before = &text[line_start..start];
        Self {
            line: 1 + line_breaks(&text[..line_start]),
            column: 1 + before.chars().count(),
            before,
            marked: &text[start..end],
            after: &text[end..line_end],
        }
    }

    /// The line as shown, the column of the first caret (from 0), the number of carets.
    fn layout(&self) -> (String, usize, usize) {
        let mut before = expand(self.before, 0);
        let offset = columns(&before);
        if offset > COLUMNS_BEFORE {
            before = format!("…{}", last_columns(&before, COLUMNS_BEFORE));
        }
        let start = columns(&before);
        let marked = first_columns(&expand(self.marked, start), SHOWN_COLUMNS - COLUMNS_BEFORE);
        let marked_columns = columns(&marked);
        let room = SHOWN_COLUMNS.saturating_sub(start + marked_columns);
        let after = expand(self.after, start + marked_columns);
        let cut = first_columns(&after, room);
        let ellipsis = if cut.len() < after.len() { "…" } else { "" };
        (format!("{before}{marked}{cut}{ellipsis}"), start, marked_columns)
    }
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// `\r\n`, `\n` and a lone `\r` end a line.
fn line_breaks(text: &str) -> usize {
    let pairs = text.matches("\r\n").count();
    text.matches(['\n', '\r']).count() - pairs
}

/// Tabs become spaces, other control characters a sign.
fn expand(text: &str, start: usize) -> String {
    let mut column = start;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\t' {
            let spaces = TAB_WIDTH - column % TAB_WIDTH;
            out.extend(std::iter::repeat_n(' ', spaces));
            column += spaces;
        } else {
            let shown = if is_unprintable(c) { '\u{fffd}' } else { c };
            out.push(shown);
            column += width(shown);
        }
    }
    out
}

/// Control characters and those that change the direction of writing could fool a terminal.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

fn printable(text: &str) -> String {
    text.chars().map(|c| if is_unprintable(c) { '\u{fffd}' } else { c }).collect()
}

fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// The longest start of `text` that fits.
fn first_columns(text: &str, limit: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|c| {
            used += width(*c);
            used <= limit
        })
        .collect()
}

/// The longest end of `text` that fits.
fn last_columns(text: &str, limit: usize) -> String {
    let mut used = 0;
    let tail: Vec<char> = text
        .chars()
        .rev()
        .take_while(|c| {
            used += width(*c);
            used <= limit
        })
        .collect();
    tail.into_iter().rev().collect()
}

#[cfg(test)]
mod tests;
