//! Lists of `name:type = value`, as `scan` and the entity groups declare them, and statements in parentheses.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{Expr, LetValue, StatementKind};

impl Parser<'_> {
    /// `(a:long = 0, b:string)`: the default values.
    pub(super) fn declarations_with_defaults(&mut self) -> Vec<Expr> {
        let mut values = Vec::new();
        self.expect(TokenKind::OpenParen);
        while !self.at_stage_end() {
            self.column_declaration();
            if self.eat(TokenKind::Assign) {
                values.push(self.expression());
            }
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close(TokenKind::CloseParen);
        values
    }

    /// Statements up to the closing parenthesis; the expressions of them.
    pub(super) fn macro_body(&mut self) -> Vec<Expr> {
        let statements = self.nested(|parser| parser.statements(TokenKind::CloseParen)).unwrap_or_default();
        let expression = |kind| match kind {
            StatementKind::Expression(expr) | StatementKind::Let { value: LetValue::Expr(expr), .. } => Some(expr),
            _ => None,
        };
        statements.into_iter().filter_map(|statement| expression(statement.kind)).collect()
    }
}
