//! A recovering recursive-descent parser.
//!
//! Every function returns a tree; what is wrong becomes a diagnostic, at most one for each
//! token. After a bad operator the parser goes on at the next `|`, `;` or closing bracket.

mod expression;
mod literal;
mod lookahead;
mod names;
mod operators;
mod parameters;
mod pipeline;
mod recovery;
mod reserved;
mod statement;
mod types;

pub use expression::QUALIFIER;

use crate::lexer::lex;
use crate::token::{Token, TokenKind};
use crate::{Diagnostic, MAX_NESTING, MAX_TEXT_BYTES, Query, Span, codes};

/// What [`parse`] finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Parse {
    /// Always there; what could not be read is of kind `Error` in it.
    pub query: Query,
    /// In the order of their places; empty when the text is valid.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a query. Never fails and never panics.
pub fn parse(text: &str) -> Parse {
    if text.len() > MAX_TEXT_BYTES {
        let message = format!("the query has `{}` bytes, more than the limit of {MAX_TEXT_BYTES}", text.len());
        let diagnostic = Diagnostic::error(codes::TEXT_TOO_LONG, Span::new(0, 0), message);
        return Parse { query: Query::default(), diagnostics: vec![diagnostic] };
    }
    let lexed = lex(text);
    let mut parser = Parser::new(text, lexed.tokens);
    let query = parser.query();
    Parse { query, diagnostics: recovery::merge(lexed.diagnostics, parser.diagnostics) }
}

/// The state of one parse.
pub(crate) struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    position: usize,
    depth: usize,
    diagnostics: Vec<Diagnostic>,
    /// Inside `search` and `find`, where `column : "text"` is a condition.
    allows_colon: bool,
    /// Token at which the last diagnostic was made: a second one there would only confuse.
    reported_at: Option<usize>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, tokens: Vec<Token>) -> Self {
        Self { text, tokens, position: 0, depth: 0, diagnostics: Vec::new(), allows_colon: false, reported_at: None }
    }

    /// The token `ahead` places on; the end token from there on.
    fn token(&self, ahead: usize) -> Token {
        let end = Token { kind: TokenKind::End, span: Span::new(self.text.len(), self.text.len()) };
        self.tokens.get(self.position + ahead).copied().unwrap_or(end)
    }

    fn kind(&self) -> TokenKind {
        self.token(0).kind
    }

    fn span(&self) -> Span {
        self.token(0).span
    }

    fn text_of(&self, span: Span) -> &'t str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The text of the token `ahead` places on if it is an identifier, else nothing.
    fn word(&self, ahead: usize) -> &'t str {
        let token = self.token(ahead);
        if token.kind == TokenKind::Ident { self.text_of(token.span) } else { "" }
    }

    fn at(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    fn at_word(&self, word: &str) -> bool {
        self.word(0) == word
    }

    fn advance(&mut self) -> Token {
        let token = self.token(0);
        if token.kind != TokenKind::End {
            self.position += 1;
        }
        token
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.at(kind);
        if found {
            self.advance();
        }
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, kind: TokenKind) -> bool {
        let found = self.eat(kind);
        if !found {
            self.expected(kind.describe());
        }
        found
    }

    fn expect_word(&mut self, word: &str) -> bool {
        let found = self.eat_word(word);
        if !found {
            self.expected(&format!("`{word}`"));
        }
        found
    }

    /// End of the last token taken.
    fn previous_end(&self) -> usize {
        self.position.checked_sub(1).and_then(|before| self.tokens.get(before)).map_or(0, |token| token.span.end)
    }

    /// From `start` to the end of the last token taken.
    fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.previous_end().max(start))
    }

    /// Whether no space lies between the tokens `ahead` and `ahead + 1`.
    fn is_adjacent(&self, ahead: usize) -> bool {
        self.token(ahead).span.end == self.token(ahead + 1).span.start
    }

    /// Runs `inner` one level deeper; beyond the limit the rest of the text is given up.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_NESTING {
            let message = format!("the query nests deeper than the limit of {MAX_NESTING}");
            self.report(Diagnostic::error(codes::TOO_DEEP, self.span(), message));
            self.give_up();
            return None;
        }
        self.depth += 1;
        let out = inner(self);
        self.depth -= 1;
        Some(out)
    }
}

#[cfg(test)]
mod tests;
