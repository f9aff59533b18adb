//! `top-nested` and `top-hitters`.

use crate::Expr;
use crate::parser::Parser;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `top-nested 3 of a with others="x" by count() desc, top-nested …`.
    pub(super) fn top_nested(&mut self) -> Vec<Expr> {
        let mut parts = Vec::new();
        loop {
            self.top_nested_level(&mut parts);
            if !self.at(TokenKind::Comma) {
                return parts;
            }
            self.advance();
            let is_level = self.word(0) == "top" && self.token(1).kind == TokenKind::Minus && self.word(2) == "nested";
            if !is_level {
                self.expected("`top-nested`");
                return parts;
            }
            for _ in 0..3 {
                self.advance();
            }
        }
    }

    fn top_nested_level(&mut self, parts: &mut Vec<Expr>) {
        if !self.at_word("of") {
            parts.push(self.expression());
        }
        self.expect_word("of");
        parts.push(self.named_expression().expr);
        if self.eat_word("with") {
            self.expect_word("others");
            self.expect(TokenKind::Assign);
            parts.push(self.expression());
        }
        self.expect_word("by");
        parts.push(self.named_expression().expr);
        self.direction();
    }

    /// `top-hitters 5 of a by b`.
    pub(super) fn top_hitters(&mut self) -> Vec<Expr> {
        let mut parts = vec![self.expression()];
        self.expect_word("of");
        parts.push(self.named_expression().expr);
        if self.eat_word("by") {
            parts.push(self.named_expression().expr);
        }
        parts
    }
}
