//! Signs, names, literals, parentheses and what follows them: `.b`, `[0]`.

use super::is_operator_word;
use crate::limits::MAX_CHAIN;
use crate::parser::Parser;
use crate::parser::reserved::NamePlace;
use crate::token::TokenKind;
use crate::{Diagnostic, Expr, ExprKind, UnaryOp, codes};

impl Parser<'_> {
    /// `-x`, `+x`, `x`.
    pub(super) fn prefix(&mut self) -> Expr {
        let start = self.span().start;
        let op = match self.kind() {
            TokenKind::Minus => UnaryOp::Negate,
            TokenKind::Plus => UnaryOp::Plus,
            _ => return self.postfix(),
        };
        self.advance();
        if matches!(self.kind(), TokenKind::Minus | TokenKind::Plus) {
            self.expected_with_hint("an operand", "a value has at most one sign; use parentheses for a second one");
        }
        let operand = Box::new(self.nested(Self::prefix).unwrap_or_else(|| self.error_expression()));
        Expr { kind: ExprKind::Unary { op, operand }, span: self.span_from(start) }
    }

    /// `x`, `x.b`, `x[0]`, `f(x).b["c"]`.
    fn postfix(&mut self) -> Expr {
        let mut expr = self.primary();
        let start = expr.span.start;
        for link in 0.. {
            if link >= MAX_CHAIN {
                let message = format!("the path is longer than the limit of {MAX_CHAIN}");
                self.report(Diagnostic::error(codes::CHAIN_TOO_LONG, self.span(), message));
                self.skip_until(|kind| kind == TokenKind::Pipe);
                break;
            }
            let base = match self.kind() {
                TokenKind::Dot if !self.at_pattern_after_dot() => Box::new(expr),
                TokenKind::OpenBracket => Box::new(expr),
                _ => break,
            };
            let is_member = self.eat(TokenKind::Dot) && (!self.at(TokenKind::OpenBracket) || self.at_quoted_name(0));
            let kind = if is_member { self.member(base) } else { self.index(base) };
            expr = Expr { kind, span: self.span_from(start) };
        }
        expr
    }

    /// What follows the dot; `a.b(x)` is a call whose first part is kept as a member of it.
    fn member(&mut self, base: Box<Expr>) -> ExprKind {
        self.check_name(NamePlace::Member);
        let name = self.name("a name after `.`");
        if self.at(TokenKind::OpenParen) && !name.name.is_empty() {
            return self.method(*base, name);
        }
        ExprKind::Member { base, name }
    }

    /// `database("x").Sec*`: the list of tables takes it from here.
    fn at_pattern_after_dot(&self) -> bool {
        self.token(1).kind == TokenKind::Star
    }

    /// `[0]`, `["b"]`; also after a dot.
    fn index(&mut self, base: Box<Expr>) -> ExprKind {
        self.advance();
        let index = Box::new(self.expression());
        self.close(TokenKind::CloseBracket);
        ExprKind::Index { base, index }
    }

    fn primary(&mut self) -> Expr {
        let start = self.span().start;
        let kind = if let Some(literal) = self.try_literal() {
            literal
        } else if self.at_quoted_name(0) {
            let name = self.name("a name");
            if self.at(TokenKind::OpenParen) { self.call(name) } else { ExprKind::Name(name.name) }
        } else {
            match self.kind() {
                TokenKind::Ident => self.word_expression(),
                TokenKind::OpenParen => return self.parenthesised(),
                TokenKind::Star => self.star(),
                _ => self.missing_operand(),
            }
        };
        Expr { kind, span: self.span_from(start) }
    }

    fn word_expression(&mut self) -> ExprKind {
        let word = self.word(0);
        if is_operator_word(word) {
            return self.missing_operand();
        }
        if word == "typeof" && self.token(1).kind == TokenKind::OpenParen {
            self.advance();
            return ExprKind::TypeOf(self.typeof_columns());
        }
        if self.token(1).kind != TokenKind::OpenParen {
            self.check_name(NamePlace::Operand);
        }
        let name = self.name("a name");
        if self.at(TokenKind::OpenParen) { self.call(name) } else { ExprKind::Name(name.name) }
    }

    /// `*` as an argument or before an operator.
    fn star(&mut self) -> ExprKind {
        let span = self.span();
        self.advance();
        let is_operand = matches!(self.kind(), TokenKind::Comma | TokenKind::CloseParen) || self.peek_infix().is_some();
        if !is_operand {
            let message = "expected an expression, found `*`";
            self.report(
                Diagnostic::error(codes::EXPECTED, span, message)
                    .with_hint("`*` stands for all columns only in calls such as `arg_max(x, *)` and in `* has \"x\"`"),
            );
        }
        ExprKind::Star
    }

    fn missing_operand(&mut self) -> ExprKind {
        if self.at_placeholder() {
            return self.placeholder();
        }
        match self.kind() {
            TokenKind::Ident if self.token(1).kind == TokenKind::Assign || self.token(1).kind == TokenKind::Equal => {
                let hint = format!("a column of this name is written `['{}']`", self.word(0));
                self.expected_with_hint("an expression", &hint);
            }
            TokenKind::BangWord => self.expected_with_hint("an expression", "write `not(…)` to negate"),
            TokenKind::OpenBracket => self.expected_with_hint("an expression", "write an array as `dynamic([…])`"),
            _ => self.expected("an expression"),
        }
        ExprKind::Error
    }

    /// Whether `{Name}` stands here.
    pub(in crate::parser) fn at_placeholder(&self) -> bool {
        let kinds = [0, 1, 2].map(|ahead| self.token(ahead).kind);
        kinds == [TokenKind::OpenBrace, TokenKind::Ident, TokenKind::CloseBrace]
    }

    /// `{Name}` of a workbook: reported and passed over, so that the rest is read as it will be.
    pub(in crate::parser) fn placeholder(&mut self) -> ExprKind {
        let span = self.span().to(self.token(2).span);
        let message = format!("expected an expression, found the placeholder `{}`", self.text_of(span));
        let hint = "put a value in its place; workbooks fill placeholders in before a query runs";
        self.report(Diagnostic::error(codes::PLACEHOLDER, span, message).with_hint(hint));
        for _ in 0..3 {
            self.advance();
        }
        ExprKind::Error
    }

    fn parenthesised(&mut self) -> Expr {
        let start = self.span().start;
        self.advance();
        let inner = self.expression_or_pipeline();
        self.close(TokenKind::CloseParen);
        Expr { kind: inner.kind, span: self.span_from(start) }
    }
}
