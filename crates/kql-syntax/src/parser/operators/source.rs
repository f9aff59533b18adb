//! Operators that make rows: `datatable`, `externaldata`, `range`.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{Diagnostic, Expr, ExprKind, OperatorKind, codes};

impl Parser<'_> {
    pub(super) fn source(&mut self, word: &str) -> OperatorKind {
        match word {
            "range" => self.range(),
            "datatable" => {
                let columns = self.column_declarations();
                let values = self.bracketed_values();
                self.check_literals(&values);
                OperatorKind::Datatable { columns, values }
            }
            _ => {
                let columns = self.column_declarations();
                let uris = self.bracketed_values();
                let parameters = if self.eat_word("with") { self.properties() } else { Vec::new() };
                OperatorKind::ExternalData { columns, uris, parameters }
            }
        }
    }

    /// Reports the first value of a `datatable` that is no literal.
    fn check_literals(&mut self, values: &[Expr]) {
        let wrong = values.iter().find(|value| !is_literal(value) && !matches!(value.kind, ExprKind::Error));
        if let Some(value) = wrong {
            let message = format!("expected a literal, found `{}`", self.text_of(value.span));
            let hint = "the rows of a `datatable` hold literals only";
            self.diagnostics.push(Diagnostic::error(codes::EXPECTED, value.span, message).with_hint(hint));
        }
    }

    fn range(&mut self) -> OperatorKind {
        let name = self.name("a column name");
        self.expect_word("from");
        let from = self.expression();
        self.expect_word("to");
        let to = self.expression();
        self.expect_word("step");
        OperatorKind::Range { name, from, to, step: self.expression() }
    }

    /// `[a, b, ]`: one trailing comma is allowed.
    fn bracketed_values(&mut self) -> Vec<Expr> {
        let mut values = Vec::new();
        if !self.expect(TokenKind::OpenBracket) {
            return values;
        }
        while !self.at_stage_end() {
            values.push(self.expression());
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close(TokenKind::CloseBracket);
        values
    }
}

/// Whether the value is a literal, with a sign or without.
fn is_literal(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Literal(_) => true,
        ExprKind::Unary { operand, .. } => matches!(operand.kind, ExprKind::Literal(_)),
        _ => false,
    }
}
