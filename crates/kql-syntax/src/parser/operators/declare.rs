//! Lists of `name:type = value`, as `scan` and the entity groups declare them, and statements in parentheses.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{DefaultedColumn, Expr, LetValue, StatementKind};

impl Parser<'_> {
    /// `(a:long = 0, b:string)`.
    pub(super) fn declarations_with_defaults(&mut self) -> Vec<DefaultedColumn> {
        let mut columns = Vec::new();
        self.expect(TokenKind::OpenParen);
        while !self.at_stage_end() {
            let column = self.column_declaration();
            let default = self.eat(TokenKind::Assign).then(|| self.expression());
            columns.push(DefaultedColumn { column, default });
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close(TokenKind::CloseParen);
        columns
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
