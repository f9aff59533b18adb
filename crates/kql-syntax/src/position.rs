//! Places in a text as people count them.

use serde::Serialize;

use crate::Diagnostic;

/// A place in a text: line and column from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Position {
    /// Line, from 1; `\r\n`, `\n` and a lone `\r` end one.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
}

impl Position {
    /// The position of a byte offset; an offset inside of a character is taken for the character's start.
    pub fn of(text: &str, offset: usize) -> Self {
        let mut start = offset.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let line_start = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        Self { line: 1 + line_breaks(&text[..line_start]), column: 1 + text[line_start..start].chars().count() }
    }
}

/// A diagnostic with its position: what the API and `--format json` give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocatedDiagnostic {
    /// Code, severity, message, start, end and hint.
    #[serde(flatten)]
    pub diagnostic: Diagnostic,
    /// Where it starts.
    #[serde(flatten)]
    pub position: Position,
}

impl Diagnostic {
    /// The diagnostic with its position in the text that was parsed.
    pub fn located(self, text: &str) -> LocatedDiagnostic {
        let position = Position::of(text, self.span.start);
        LocatedDiagnostic { diagnostic: self, position }
    }
}

/// How many line ends: `\r\n` is one.
fn line_breaks(text: &str) -> usize {
    text.matches(['\n', '\r']).count() - text.matches("\r\n").count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    #[test]
    fn lines_and_columns_count_from_one() {
        let text = "T\r\n| where é == 1\r| take 1";
        let at = |found: &str| Position::of(text, text.find(found).expect("is in the text"));
        assert_eq!(at("T"), Position { line: 1, column: 1 });
        assert_eq!(at("=="), Position { line: 2, column: 11 });
        assert_eq!(at("take"), Position { line: 3, column: 3 });
        assert_eq!(Position::of(text, 999), Position { line: 3, column: 9 });
    }

    #[test]
    fn located_diagnostics_have_one_flat_json_form() {
        let found = Diagnostic::error("KQL101", Span::new(2, 3), "no column is named `x`").with_hint("try `y`");
        let json = serde_json::to_string(&found.located("a\nx")).expect("serializable");
        assert_eq!(
            json,
            r#"{"code":"KQL101","severity":"error","message":"no column is named `x`","start":2,"end":3,"hint":"try `y`","line":2,"column":1}"#
        );
    }
}
