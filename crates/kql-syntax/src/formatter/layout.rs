//! Where lines break, how far they are indented, and which tokens stand apart.

use super::brackets::{Shape, shapes};
use crate::Span;
use crate::lexer::lex;
use crate::token::TokenKind;

/// Spaces of one level.
const INDENT: usize = 4;

/// A token or a comment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'t> {
    /// `None` for a comment.
    pub(super) kind: Option<TokenKind>,
    text: &'t str,
    /// Line breaks between it and the item before.
    pub(super) breaks_before: usize,
    /// No space between it and the item before.
    is_adjacent: bool,
}

impl Item<'_> {
    pub(super) fn closes(&self) -> bool {
        matches!(self.kind, Some(TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace))
    }

    fn opens(&self) -> bool {
        matches!(self.kind, Some(TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace))
    }
}

/// An open bracket.
struct Level {
    shape: Shape,
    /// Indentation of lines inside.
    indent: usize,
    /// A pipe was seen since the statement began.
    is_piped: bool,
}

/// The text laid out anew.
pub(super) fn lay_out(text: &str) -> String {
    let items = items(text);
    let shapes = shapes(&items);
    let mut out = String::with_capacity(text.len());
    let mut levels = vec![Level { shape: Shape::Block, indent: 0, is_piped: false }];
    let mut line_indent = 0;
    for (index, item) in items.iter().enumerate() {
        let closed = if item.closes() && levels.len() > 1 { levels.pop() } else { None };
        if let Some(previous) = index.checked_sub(1).map(|before| &items[before]) {
            match gap(previous, item, closed.as_ref(), levels.last()) {
                Gap::None => {}
                Gap::Space => out.push(' '),
                Gap::Line { indent, is_blank } => {
                    out.push_str(if is_blank { "\n\n" } else { "\n" });
                    out.extend(std::iter::repeat_n(' ', indent));
                    line_indent = indent;
                }
            }
        }
        out.push_str(item.text);
        if let Some(level) = levels.last_mut() {
            match item.kind {
                Some(TokenKind::Pipe) => level.is_piped = true,
                Some(TokenKind::Semicolon) => level.is_piped = false,
                _ => {}
            }
        }
        if item.opens() {
            let indent = if shapes[index] == Shape::Inline { line_indent } else { line_indent + INDENT };
            levels.push(Level { shape: shapes[index], indent, is_piped: false });
        }
    }
    out.push('\n');
    out
}

/// What stands between two items.
enum Gap {
    None,
    Space,
    Line { indent: usize, is_blank: bool },
}

fn gap(previous: &Item<'_>, item: &Item<'_>, closed: Option<&Level>, level: Option<&Level>) -> Gap {
    if let Some(closed) = closed
        && closed.shape != Shape::Inline
    {
        return Gap::Line { indent: closed.indent.saturating_sub(INDENT), is_blank: false };
    }
    let Some(level) = level else { return Gap::Space };
    let wants_line = item.kind == Some(TokenKind::Pipe)
        || previous.kind.is_none()
        || (previous.kind == Some(TokenKind::Semicolon) && (item.kind.is_some() || item.breaks_before > 0))
        || (previous.opens() && level.shape != Shape::Inline && (item.kind.is_some() || item.breaks_before > 0))
        || (item.breaks_before > 0 && !item.closes() && !is_tail(item));
    if !wants_line {
        return if stands_apart(previous, item) { Gap::Space } else { Gap::None };
    }
    let is_blank = item.breaks_before > 1 && !previous.opens() && (previous.kind.is_none() || item.kind.is_none() || previous.kind == Some(TokenKind::Semicolon));
    Gap::Line { indent: level.indent + continuation(previous, item, level), is_blank }
}

/// Signs that stay at the end of their line.
fn is_tail(item: &Item<'_>) -> bool {
    matches!(item.kind, Some(TokenKind::Comma | TokenKind::Semicolon))
}

/// Further indentation of a line that continues something.
fn continuation(previous: &Item<'_>, item: &Item<'_>, level: &Level) -> usize {
    let begins = previous.opens()
        || item.kind == Some(TokenKind::Pipe)
        || previous.kind == Some(TokenKind::Semicolon)
        || (level.shape != Shape::Block && previous.kind == Some(TokenKind::Comma))
        || (!level.is_piped && (previous.kind == Some(TokenKind::Assign) || previous.kind.is_none() || item.kind.is_none()));
    if begins { 0 } else { INDENT }
}

/// Whether a space stands between two items of a line.
fn stands_apart(previous: &Item<'_>, item: &Item<'_>) -> bool {
    use TokenKind as K;
    let (Some(left), Some(right)) = (previous.kind, item.kind) else { return true };
    if is_comparison(left) || is_comparison(right) || matches!(left, K::Pipe | K::Comma | K::Semicolon) {
        return !matches!(right, K::Comma | K::Semicolon) && !(item.closes() && left != K::Comma);
    }
    if matches!(right, K::Comma | K::Semicolon | K::CloseParen | K::CloseBracket) || matches!(left, K::OpenParen | K::OpenBracket) {
        return false;
    }
    !item.is_adjacent
}

fn is_comparison(kind: TokenKind) -> bool {
    use TokenKind as K;
    matches!(kind, K::Equal | K::NotEqual | K::NotEqualOld | K::EqualTilde | K::BangTilde | K::LessOrEqual | K::GreaterOrEqual | K::FatArrow)
}

/// Tokens and comments in the order of their places.
fn items(text: &str) -> Vec<Item<'_>> {
    let lexed = lex(text);
    let tokens = lexed.tokens.iter().filter(|token| token.kind != TokenKind::End).map(|token| (token.span, Some(token.kind)));
    let mut places: Vec<(Span, Option<TokenKind>)> = tokens.chain(lexed.comments.iter().map(|span| (*span, None))).collect();
    places.sort_by_key(|(span, _)| span.start);
    let mut end = 0;
    let mut items = Vec::with_capacity(places.len());
    for (span, kind) in places {
        let between = text.get(end..span.start).unwrap_or_default();
        let breaks = between.matches('\n').count().max(usize::from(between.contains('\r')));
        let slice = text.get(span.start..span.end).unwrap_or_default();
        items.push(Item { kind, text: slice, breaks_before: breaks, is_adjacent: between.is_empty() });
        end = span.end;
    }
    items
}
