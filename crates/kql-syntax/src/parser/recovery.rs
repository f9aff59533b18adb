//! Diagnostics of the parser, and where it goes on after them.

use super::Parser;
use crate::token::TokenKind;
use crate::{Diagnostic, MAX_DIAGNOSTICS, Span, codes};

/// Longest text of a token that a message shows, in characters.
const SHOWN_CHARACTERS: usize = 40;

impl Parser<'_> {
    /// Adds a diagnostic unless one was made at this token already.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if self.reported_at == Some(self.position) || self.diagnostics.len() > MAX_DIAGNOSTICS {
            return;
        }
        self.reported_at = Some(self.position);
        self.diagnostics.push(diagnostic);
    }

    /// "expected `what`, found the token here".
    pub(super) fn expected(&mut self, what: &str) {
        let message = format!("expected {what}, found {}", self.found());
        self.report(Diagnostic::error(codes::EXPECTED, self.place(), message));
    }

    /// As [`Self::expected`] with a hint.
    pub(super) fn expected_with_hint(&mut self, what: &str, hint: &str) {
        let message = format!("expected {what}, found {}", self.found());
        self.report(Diagnostic::error(codes::EXPECTED, self.place(), message).with_hint(hint));
    }

    /// The token here for a message.
    pub(super) fn found(&self) -> String {
        let token = self.token(0);
        if token.kind == TokenKind::End {
            return token.kind.describe().to_owned();
        }
        let text = self.text_of(token.span);
        let line = text.lines().next().unwrap_or_default();
        let mut shown: String = line.chars().take(SHOWN_CHARACTERS).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        format!("`{shown}`")
    }

    /// The token here; at the end of the text, the last character.
    fn place(&self) -> Span {
        let token = self.token(0);
        if token.kind != TokenKind::End {
            return token.span;
        }
        let end = self.previous_end();
        Span::new(end, end)
    }

    /// Skips to the end of the text.
    pub(super) fn give_up(&mut self) {
        self.position = self.tokens.len().saturating_sub(1);
        self.reported_at = Some(self.position);
    }

    /// Whether a stage of a pipeline ends here.
    pub(super) fn at_stage_end(&self) -> bool {
        use TokenKind::{CloseBrace, CloseBracket, CloseParen, End, Pipe, Semicolon};
        matches!(self.kind(), Pipe | Semicolon | CloseParen | CloseBracket | CloseBrace | End)
    }

    /// Skips to the next token outside brackets for which `stop` holds.
    pub(super) fn skip_until(&mut self, stop: impl Fn(TokenKind) -> bool) {
        let mut open: Vec<TokenKind> = Vec::new();
        loop {
            let kind = self.kind();
            if kind == TokenKind::End
                || (open.is_empty() && stop(kind))
                || (kind == TokenKind::Semicolon && !open.contains(&TokenKind::CloseBrace))
            {
                return;
            }
            match closing(kind) {
                Some(close) => open.push(close),
                None if open.last() == Some(&kind) => {
                    open.pop();
                }
                None => {}
            }
            self.advance();
        }
    }

    /// Reports what is left of a stage and skips it.
    pub(super) fn finish_stage(&mut self, operator: &str) {
        if self.at_stage_end() {
            return;
        }
        let message = format!("expected `|` or the end of `{operator}`, found {}", self.found());
        self.report(Diagnostic::error(codes::UNEXPECTED, self.span(), message));
        self.skip_until(is_stage_end);
    }

    /// Takes the closing bracket, skipping what stands before it.
    pub(super) fn close(&mut self, kind: TokenKind) -> bool {
        if self.eat(kind) {
            return true;
        }
        self.expected(kind.describe());
        self.skip_until(is_stage_end);
        while self.at(TokenKind::Pipe) && self.closes_before_statement_end(kind) {
            self.advance();
            self.skip_until(is_stage_end);
        }
        self.eat(kind)
    }

    /// Whether an unmatched `kind` follows before the statement ends.
    fn closes_before_statement_end(&self, kind: TokenKind) -> bool {
        let mut open: usize = 0;
        for token in self.tokens.iter().skip(self.position) {
            match token.kind {
                TokenKind::Semicolon | TokenKind::End => return false,
                TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => open += 1,
                found if open == 0 && found == kind => return true,
                TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => {
                    open = open.saturating_sub(1)
                }
                _ => {}
            }
        }
        false
    }
}

fn closing(kind: TokenKind) -> Option<TokenKind> {
    match kind {
        TokenKind::OpenParen => Some(TokenKind::CloseParen),
        TokenKind::OpenBracket => Some(TokenKind::CloseBracket),
        TokenKind::OpenBrace => Some(TokenKind::CloseBrace),
        _ => None,
    }
}

fn is_stage_end(kind: TokenKind) -> bool {
    use TokenKind::{CloseBrace, CloseBracket, CloseParen, Pipe, Semicolon};
    matches!(kind, Pipe | Semicolon | CloseParen | CloseBracket | CloseBrace)
}

/// Both lists in the order of their places, cut at the limit.
pub(super) fn merge(mut lexer: Vec<Diagnostic>, parser: Vec<Diagnostic>) -> Vec<Diagnostic> {
    // A token that the lexer reported needs no second message.
    let parser: Vec<_> =
        parser.into_iter().filter(|found| !lexer.iter().any(|known| known.span == found.span)).collect();
    lexer.extend(parser);
    lexer.sort_by_key(|diagnostic| diagnostic.span.start);
    if lexer.len() > MAX_DIAGNOSTICS {
        lexer.truncate(MAX_DIAGNOSTICS);
        if let Some(last) = lexer.last_mut() {
            *last = Diagnostic::error(
                codes::TOO_MANY,
                last.span,
                format!("more than {MAX_DIAGNOSTICS} errors; the rest are not shown"),
            );
        }
    }
    lexer
}
