//! `kind=inner`, `hint.strategy=shuffle` and other parameters of operators.

use super::Parser;
use crate::token::TokenKind;
use crate::{Expr, ExprKind, OperatorParameter};

impl Parser<'_> {
    /// Parameters before the operands: `name = value` where the name is one of `names` or begins with `hint.`.
    pub(super) fn operator_parameters(&mut self, names: &[&str]) -> Vec<OperatorParameter> {
        let mut parameters = Vec::new();
        while self.at_parameter(names) {
            parameters.push(self.parameter());
        }
        parameters
    }

    fn at_parameter(&self, names: &[&str]) -> bool {
        if self.at_word("hint") && self.token(1).kind == TokenKind::Dot {
            return true;
        }
        names.contains(&self.word(0)) && self.token(1).kind == TokenKind::Assign
    }

    fn parameter(&mut self) -> OperatorParameter {
        let name = self.dotted_name();
        self.expect(TokenKind::Assign);
        OperatorParameter { name, value: self.parameter_value() }
    }

    /// A literal or a name, which may hold hyphens.
    fn parameter_value(&mut self) -> Expr {
        let start = self.span().start;
        if !self.at(TokenKind::Ident) || matches!(self.word(0), "true" | "false" | "dynamic") {
            return self.operand();
        }
        let name = self.dotted_name().name;
        Expr { kind: ExprKind::Name(name), span: self.span_from(start) }
    }

    /// `(name = value, …)` after `with`.
    pub(super) fn properties(&mut self) -> Vec<OperatorParameter> {
        if !self.expect(TokenKind::OpenParen) {
            return Vec::new();
        }
        let properties = if self.at(TokenKind::CloseParen) { Vec::new() } else { self.bare_properties() };
        self.close(TokenKind::CloseParen);
        properties
    }

    /// `name = value, …`.
    pub(super) fn bare_properties(&mut self) -> Vec<OperatorParameter> {
        self.comma_separated(Self::property)
    }

    fn property(&mut self) -> OperatorParameter {
        let name =
            if self.at(TokenKind::Ident) { self.dotted_name() } else { self.name("a property such as `title=\"x\"`") };
        self.expect(TokenKind::Assign);
        let mut value = self.property_value();
        // `ycolumns=a, b`: a list of names that are no properties themselves.
        let mut more = Vec::new();
        while self.at(TokenKind::Comma) && self.name_length(1) > 0 && self.is_bare_name_at(1) {
            self.advance();
            more.push(self.property_value());
        }
        if !more.is_empty() {
            let span = self.span_from(value.span.start);
            more.insert(0, value);
            value = Expr { kind: ExprKind::List(more), span };
        }
        OperatorParameter { name, value }
    }

    /// As a parameter's value; parentheses make it an expression.
    fn property_value(&mut self) -> Expr {
        let is_call = self.at(TokenKind::Ident) && self.token(1).kind == TokenKind::OpenParen;
        if is_call || self.at(TokenKind::OpenParen) { self.expression() } else { self.parameter_value() }
    }

    /// Whether the name `ahead` places on is followed by a comma or the end of the list.
    fn is_bare_name_at(&self, ahead: usize) -> bool {
        let after = self.token(ahead + self.name_length(ahead)).kind;
        matches!(after, TokenKind::Comma | TokenKind::CloseParen)
    }
}
