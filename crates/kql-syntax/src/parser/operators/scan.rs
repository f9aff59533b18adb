//! `scan`.

use crate::Expr;
use crate::parser::Parser;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `scan with_match_id=x order by a partition by b declare (c:long=0) with (step s: cond => c = 1; …)`.
    pub(super) fn scan(&mut self) -> Vec<Expr> {
        let mut parts = Vec::new();
        self.operator_parameters(&["with_match_id", "kind"]);
        if self.eat_word("order") {
            self.expect_word("by");
            parts.extend(self.sort_keys().into_iter().map(|key| key.expr));
        }
        if self.eat_word("partition") {
            self.expect_word("by");
            parts.extend(self.named_expressions().into_iter().map(|named| named.expr));
        }
        if self.eat_word("declare") {
            parts.extend(self.declarations_with_defaults());
        }
        if self.expect_word("with") {
            self.scan_steps(&mut parts);
        }
        parts
    }

    fn scan_steps(&mut self, parts: &mut Vec<Expr>) {
        self.expect(TokenKind::OpenParen);
        while self.eat_word("step") {
            self.scan_step(parts);
            if !self.eat(TokenKind::Semicolon) {
                break;
            }
        }
        self.close(TokenKind::CloseParen);
    }

    /// `name optional output=last : condition => a = b, c = d`.
    fn scan_step(&mut self, parts: &mut Vec<Expr>) {
        self.name("a step name");
        self.eat_word("optional");
        self.operator_parameters(&["output"]);
        self.expect(TokenKind::Colon);
        parts.push(self.expression());
        if self.eat(TokenKind::FatArrow) {
            parts.extend(self.named_expressions().into_iter().map(|named| named.expr));
        }
    }
}
