//! Tables for people.

use std::io::IsTerminal;

use comfy_table::{ContentArrangement, Table, TableStyle, presets};

/// Widest cell, in characters; longer text is cut with `…`.
const CELL_CHARS_MAX: usize = 120;

/// Width where the output is no terminal, in characters.
const PIPE_WIDTH: u16 = 160;

/// A table with this header and a line a row, fitted to the terminal.
pub(crate) fn new(header: &[&str]) -> Table {
    fitted(header, presets::NOTHING)
}

/// The same with a rule between rows, for cells of several lines.
pub(crate) fn ruled(header: &[&str]) -> Table {
    fitted(header, presets::UTF8_HORIZONTAL_ONLY)
}

fn fitted(header: &[&str], style: TableStyle) -> Table {
    let mut table = Table::new();
    table
        .load_style(style)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.iter().map(|name| (*name).to_owned()));
    if !std::io::stdout().is_terminal() {
        table.set_width(PIPE_WIDTH);
    }
    table
}

/// Text for a cell: one line, not too long, without control characters (they could steer the terminal).
pub(crate) fn cell(text: &str) -> String {
    let mut shown: String = text.chars().take(CELL_CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(CELL_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(cell("a\u{1b}[31mb\nc"), "a [31mb c");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(cell(&"x".repeat(200)).chars().count(), CELL_CHARS_MAX + 1);
    }
}
