//! Scalar expressions, by precedence climbing.

mod call;
mod chain;
mod infix;
mod primary;

use super::Parser;
use crate::token::TokenKind;
use crate::{Argument, Expr, ExprKind, Span};
pub use call::QUALIFIER;
use infix::{Infix, Level};

pub(super) use infix::is_operator_word;

impl Parser<'_> {
    /// A scalar expression.
    pub(super) fn expression(&mut self) -> Expr {
        self.nested(|parser| parser.infix(Level::Or)).unwrap_or_else(|| self.error_expression())
    }

    /// A single operand: a literal, a name with its path, a call, parentheses; with a sign.
    pub(super) fn operand(&mut self) -> Expr {
        self.prefix()
    }

    /// What stands for an expression that is not there.
    pub(super) fn error_expression(&self) -> Expr {
        let here = self.span().start;
        Expr { kind: ExprKind::Error, span: Span::new(here, here) }
    }

    /// A scalar expression, or a pipeline where a head operator or a `|` shows one.
    pub(super) fn expression_or_pipeline(&mut self) -> Expr {
        self.nested(Self::pipeline_expression).unwrap_or_else(|| self.error_expression())
    }

    /// Operators of `level` and those that bind tighter.
    fn infix(&mut self, level: Level) -> Expr {
        match level {
            Level::Or | Level::And => self.logical(level),
            _ => self.chain(level),
        }
    }

    /// One or more items separated by commas.
    pub(super) fn comma_separated<T>(&mut self, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut items = Vec::new();
        loop {
            let before = self.position;
            items.push(item(self));
            if !self.eat(TokenKind::Comma) || self.position == before {
                return items;
            }
        }
    }

    /// `(a, b)` of any expressions or pipelines; a trailing comma is reported.
    pub(super) fn arguments(&mut self) -> Vec<Argument> {
        let mut arguments = Vec::new();
        if !self.expect(TokenKind::OpenParen) {
            return arguments;
        }
        if !self.at(TokenKind::CloseParen) {
            arguments = self.comma_separated(Self::argument);
        }
        self.close(TokenKind::CloseParen);
        arguments
    }

    fn argument(&mut self) -> Argument {
        let length = self.name_length(0);
        let name = if length > 0 && self.token(length).kind == TokenKind::Assign { self.try_name() } else { None };
        if name.is_some() {
            self.advance();
        }
        Argument { name, value: self.expression_or_pipeline() }
    }

    /// The infix operator of `level` here, and its number of tokens.
    fn infix_at(&self, level: Level) -> Option<(Infix, usize)> {
        self.peek_infix().filter(|(infix, _)| infix.level() == level)
    }
}
