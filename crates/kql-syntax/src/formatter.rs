//! The formatter: one operator a line, comments kept.
//!
//! It lays out the tokens and comments anew and never touches one. Line breaks inside an operator
//! stay where they were; runs of spaces become one. What it cannot prove harmless it refuses: the
//! result must hold the same tokens, comments and tree.

mod brackets;
mod layout;

use crate::lexer::lex;
use crate::{Diagnostic, Severity, Span, codes, dump, parse};

/// Layouts until nothing changes any more; the second is nearly always the last.
const MAX_ROUNDS: usize = 4;

/// Formats a query.
///
/// # Errors
/// The syntax errors of the text, or a diagnostic that says that it cannot be formatted safely.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let before = parse(text);
    let errors: Vec<Diagnostic> =
        before.diagnostics.into_iter().filter(|found| found.severity == Severity::Error).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let Some(formatted) = settle(text) else { return Err(vec![refusal("the layout does not settle")]) };
    if parts(text) != parts(&formatted) {
        return Err(vec![refusal("a token or comment would change")]);
    }
    if dump(&before.query) != dump(&parse(&formatted).query) {
        return Err(vec![refusal("the meaning would change")]);
    }
    Ok(formatted)
}

/// Lays out until nothing changes, so that formatting is idempotent.
fn settle(text: &str) -> Option<String> {
    let mut current = layout::lay_out(text);
    for _ in 0..MAX_ROUNDS {
        let next = layout::lay_out(&current);
        if next == current {
            return Some(current);
        }
        current = next;
    }
    None
}

fn refusal(why: &str) -> Diagnostic {
    Diagnostic::error(codes::CANNOT_FORMAT, Span::default(), format!("the query cannot be formatted: {why}"))
}

/// The texts of all tokens and of all comments.
fn parts(text: &str) -> (Vec<&str>, Vec<&str>) {
    let lexed = lex(text);
    let slice = |span: Span| text.get(span.start..span.end).unwrap_or_default();
    (
        lexed.tokens.iter().map(|token| slice(token.span)).collect(),
        lexed.comments.iter().map(|span| slice(*span)).collect(),
    )
}

#[cfg(test)]
mod tests;
