//! Operators that make rows: `datatable`, `externaldata`, `range`.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{Expr, OperatorKind};

impl Parser<'_> {
    pub(super) fn source(&mut self, word: &str) -> OperatorKind {
        match word {
            "range" => self.range(),
            "datatable" => {
                let columns = self.column_declarations();
                OperatorKind::Datatable { columns, values: self.bracketed_values() }
            }
            _ => {
                let columns = self.column_declarations();
                let uris = self.bracketed_values();
                let parameters = if self.eat_word("with") { self.properties() } else { Vec::new() };
                OperatorKind::ExternalData { columns, uris, parameters }
            }
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
