//! Which brackets are laid out over several lines.

use super::layout::Item;
use crate::token::TokenKind;

/// How the inside of a bracket is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// On the line of the bracket.
    Inline,
    /// Elements on lines of their own, as in the source.
    List,
    /// Holds a pipeline or statements.
    Block,
}

/// For each item that opens a bracket its shape; `Inline` for all others.
pub(super) fn shapes(items: &[Item<'_>]) -> Vec<Shape> {
    let mut shapes = vec![Shape::Inline; items.len()];
    let mut open: Vec<usize> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match item.kind {
            Some(TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace) => {
                let breaks = items.get(index + 1).is_some_and(|next| next.breaks_before > 0 && !next.closes());
                shapes[index] = if breaks { Shape::List } else { Shape::Inline };
                open.push(index);
            }
            Some(TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace) => {
                open.pop();
            }
            Some(TokenKind::Pipe | TokenKind::Semicolon) => {
                if let Some(opener) = open.last() {
                    shapes[*opener] = Shape::Block;
                }
            }
            _ => {}
        }
    }
    shapes
}
