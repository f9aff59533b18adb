//! Names, quoted names and wildcard patterns.

use super::Parser;
use crate::lexer::string_value;
use crate::token::TokenKind;
use crate::{Ident, NamePattern, Span};

impl Parser<'_> {
    /// Whether a name stands here: a word, `['a b']` or `["a b"]`.
    pub(super) fn at_name(&self) -> bool {
        self.at(TokenKind::Ident) || self.at_quoted_name(0)
    }

    /// Whether `['a b']` begins `ahead` places on.
    pub(super) fn at_quoted_name(&self, ahead: usize) -> bool {
        self.token(ahead).kind == TokenKind::OpenBracket
            && self.token(ahead + 1).kind == TokenKind::String
            && self.token(ahead + 2).kind == TokenKind::CloseBracket
    }

    /// Number of tokens of the name `ahead` places on, 0 where none stands.
    pub(super) fn name_length(&self, ahead: usize) -> usize {
        match self.token(ahead).kind {
            TokenKind::Ident => 1,
            _ if self.at_quoted_name(ahead) => 3,
            _ => 0,
        }
    }

    /// A name if one stands here.
    pub(super) fn try_name(&mut self) -> Option<Ident> {
        let start = self.span().start;
        if self.at(TokenKind::Ident) {
            let token = self.advance();
            return Some(Ident { name: self.text_of(token.span).to_owned(), span: token.span });
        }
        if !self.at_quoted_name(0) {
            return None;
        }
        self.advance();
        let literal = self.advance();
        self.advance();
        Some(Ident { name: string_value(self.text_of(literal.span)).0, span: self.span_from(start) })
    }

    /// A name; where none stands, an empty one and a diagnostic.
    pub(super) fn name(&mut self, what: &str) -> Ident {
        let here = self.span().start;
        self.try_name().unwrap_or_else(|| {
            self.expected(what);
            Ident { name: String::new(), span: Span::new(here, here) }
        })
    }

    /// A name of words joined by dots or hyphens without spaces, such as `hint.strategy`.
    pub(super) fn dotted_name(&mut self) -> Ident {
        let start = self.span().start;
        self.advance();
        while matches!(self.kind(), TokenKind::Dot | TokenKind::Minus)
            && self.token(1).kind == TokenKind::Ident
            && self.previous_end() == self.span().start
            && self.is_adjacent(0)
        {
            self.advance();
            self.advance();
        }
        let span = self.span_from(start);
        Ident { name: self.text_of(span).to_owned(), span }
    }

    /// Number of tokens of the wildcard pattern here (`a*`, `*b*`, `*`), 0 where there is no star.
    pub(super) fn pattern_length(&self) -> usize {
        let mut length = 0;
        let mut has_star = false;
        loop {
            match self.token(length).kind {
                TokenKind::Star => has_star = true,
                TokenKind::Ident | TokenKind::Long => {}
                _ => break,
            }
            length += 1;
            if !self.is_adjacent(length - 1) {
                break;
            }
        }
        if has_star { length } else { 0 }
    }

    /// The wildcard pattern or name here.
    pub(super) fn name_pattern(&mut self) -> NamePattern {
        let start = self.span().start;
        let length = self.pattern_length();
        if length == 0 {
            let name = self.name("a column name or a pattern such as `a*`");
            return NamePattern { pattern: name.name, span: name.span };
        }
        for _ in 0..length {
            self.advance();
        }
        let span = self.span_from(start);
        NamePattern { pattern: self.text_of(span).to_owned(), span }
    }
}
