//! Decisions that need more than one token.

use super::Parser;
use super::expression::is_operator_word;
use super::operators::OPERATORS;
use crate::token::TokenKind;

impl Parser<'_> {
    /// Whether the word here, the name of a head operator, begins that operator and is no name.
    pub(super) fn begins_head_operator(&self) -> bool {
        let next = self.token(1).kind;
        let next_word = self.word(1);
        let is_operand = matches!(
            next,
            TokenKind::OpenParen | TokenKind::String | TokenKind::Star | TokenKind::Minus | TokenKind::Plus
        ) || matches!(
            next,
            TokenKind::Long | TokenKind::Real | TokenKind::TimeSpan | TokenKind::TypedLiteral | TokenKind::OpenBracket
        ) || (next == TokenKind::Ident && (!is_operator_word(next_word) || next_word == "in"));
        match self.word(0) {
            "range" => self.name_length(1) > 0 && self.word(1 + self.name_length(1)) == "from",
            "datatable" | "externaldata" | "external_data" => next == TokenKind::OpenParen,
            "inline_external_table" => next == TokenKind::OpenParen || next_word == "kind",
            "print" => is_operand,
            "union" | "search" => is_operand && !matches!(next, TokenKind::Minus | TokenKind::Plus),
            "find" => is_operand,
            "evaluate" => next == TokenKind::Ident,
            "macro" => next == TokenKind::Minus && self.word(2) == "expand",
            _ => false,
        }
    }

    /// Whether an operator that needs a source begins a pipeline: its word, then a name, as in `where a == 1`.
    pub(super) fn begins_operator_without_source(&self) -> bool {
        let next = self.word(1);
        OPERATORS.contains(&self.word(0))
            && !next.is_empty()
            && !is_operator_word(next)
            && next != "datascope"
            && next != "on"
    }

    /// Number of tokens of `(a, b) =` here, 0 where no such list stands.
    pub(super) fn name_list_length(&self) -> usize {
        if !self.at(TokenKind::OpenParen) {
            return 0;
        }
        let mut length = 1;
        loop {
            let name = self.name_length(length);
            if name == 0 {
                return 0;
            }
            length += name;
            match self.token(length).kind {
                TokenKind::Comma => length += 1,
                TokenKind::CloseParen if self.token(length + 1).kind == TokenKind::Assign => return length + 2,
                _ => return 0,
            }
        }
    }
}
