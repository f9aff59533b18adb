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
        if let Some(level) = levels.last().filter(|_| index > 0) {
            match gap(&items, index, closed.as_ref(), level) {
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

/// The gap before the item at `index`, which is not the first. `closed` is the bracket that the item closes.
fn gap(items: &[Item<'_>], index: usize, closed: Option<&Level>, level: &Level) -> Gap {
    let (previous, item) = (&items[index - 1], &items[index]);
    let on_line = if stands_apart(items, index) { Gap::Space } else { Gap::None };
    if let Some(closed) = closed {
        return match closed.shape {
            Shape::Inline if previous.kind.is_none() => Gap::Line { indent: closed.indent, is_blank: false },
            Shape::Inline => on_line,
            Shape::List | Shape::Block => Gap::Line { indent: closed.indent.saturating_sub(INDENT), is_blank: false },
        };
    }
    let begins_group =
        previous.kind == Some(TokenKind::Semicolon) || (previous.opens() && level.shape != Shape::Inline);
    let wants_line = item.kind == Some(TokenKind::Pipe)
        || previous.kind.is_none()
        || (begins_group && (item.kind.is_some() || item.breaks_before > 0))
        || (item.breaks_before > 0 && !is_tail(item));
    if !wants_line {
        return on_line;
    }
    let may_be_blank = previous.kind.is_none() || item.kind.is_none() || previous.kind == Some(TokenKind::Semicolon);
    let is_blank = item.breaks_before > 1 && !previous.opens() && may_be_blank;
    Gap::Line { indent: level.indent + continuation(items, index, level), is_blank }
}

/// Signs that stay at the end of their line.
fn is_tail(item: &Item<'_>) -> bool {
    matches!(item.kind, Some(TokenKind::Comma | TokenKind::Semicolon))
}

/// Further indentation of a line that continues something. A comment stands like the token after it.
fn continuation(items: &[Item<'_>], index: usize, level: &Level) -> usize {
    let previous = items[..index].iter().rev().find_map(|item| item.kind);
    let Some(next) = items[index..].iter().find_map(|item| item.kind) else { return 0 };
    let begins = items[..index].last().is_some_and(Item::opens)
        || matches!(next, TokenKind::Pipe | TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace)
        || matches!(previous, None | Some(TokenKind::Semicolon))
        || (level.shape == Shape::List && previous == Some(TokenKind::Comma))
        || (level.shape == Shape::Block && !level.is_piped && previous == Some(TokenKind::Assign));
    if begins { 0 } else { INDENT }
}

/// Whether a space stands between an item and the one before it on the same line.
fn stands_apart(items: &[Item<'_>], index: usize) -> bool {
    use TokenKind as K;
    let (previous, item) = (&items[index - 1], &items[index]);
    let (Some(left), Some(right)) = (previous.kind, item.kind) else { return true };
    if matches!(right, K::Comma | K::Semicolon | K::CloseParen | K::CloseBracket)
        || matches!(left, K::OpenParen | K::OpenBracket)
    {
        return false;
    }
    let is_sign = is_comparison(items, index - 1) || is_comparison(items, index);
    let is_body = (left, right) == (K::CloseParen, K::OpenBrace);
    let is_let = (is_let(items, index) && right == K::Assign) || (is_let(items, index - 1) && left == K::Assign);
    is_sign || is_body || is_let || matches!(left, K::Pipe | K::Comma | K::Semicolon) || !item.is_adjacent
}

/// Whether the item is a sign that compares; `<` and `>` beside a minus belong to the edges of a graph.
fn is_comparison(items: &[Item<'_>], index: usize) -> bool {
    use TokenKind as K;
    let kind_at = |index: Option<usize>| index.and_then(|index| items.get(index)).and_then(|item| item.kind);
    match items[index].kind {
        Some(
            K::Equal
            | K::NotEqual
            | K::NotEqualOld
            | K::EqualTilde
            | K::BangTilde
            | K::LessOrEqual
            | K::GreaterOrEqual
            | K::FatArrow,
        ) => true,
        Some(K::Less | K::Greater) => {
            kind_at(index.checked_sub(1)) != Some(K::Minus) && kind_at(Some(index + 1)) != Some(K::Minus)
        }
        _ => false,
    }
}

/// Whether the item is the `=` of `let name =`.
fn is_let(items: &[Item<'_>], index: usize) -> bool {
    index.checked_sub(2).is_some_and(|word| items[word].kind == Some(TokenKind::Ident) && items[word].text == "let")
}

/// Tokens and comments in the order of their places.
fn items(text: &str) -> Vec<Item<'_>> {
    let lexed = lex(text);
    let tokens =
        lexed.tokens.iter().filter(|token| token.kind != TokenKind::End).map(|token| (token.span, Some(token.kind)));
    let mut places: Vec<(Span, Option<TokenKind>)> =
        tokens.chain(lexed.comments.iter().map(|span| (*span, None))).collect();
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
