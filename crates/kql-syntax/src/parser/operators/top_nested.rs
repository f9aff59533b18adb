//! `top-nested` and `top-hitters`.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{NestedLevel, OperatorKind};

impl Parser<'_> {
    /// `top-nested 3 of a with others="x" by count() desc, top-nested …`.
    pub(super) fn top_nested(&mut self) -> OperatorKind {
        let mut levels = Vec::new();
        loop {
            levels.push(self.top_nested_level());
            if !self.at(TokenKind::Comma) {
                return OperatorKind::TopNested(levels);
            }
            self.advance();
            let is_level = self.word(0) == "top" && self.token(1).kind == TokenKind::Minus && self.word(2) == "nested";
            if !is_level {
                self.expected("`top-nested`");
                return OperatorKind::TopNested(levels);
            }
            for _ in 0..3 {
                self.advance();
            }
        }
    }

    fn top_nested_level(&mut self) -> NestedLevel {
        let count = (!self.at_word("of")).then(|| self.expression());
        self.expect_word("of");
        let of = self.named_expression();
        let others = self.eat_word("with").then(|| {
            self.expect_word("others");
            self.expect(TokenKind::Assign);
            self.expression()
        });
        self.expect_word("by");
        let by = self.named_expression();
        NestedLevel { count, of, others, by, ascending: self.direction() }
    }

    /// `top-hitters 5 of a by b`.
    pub(super) fn top_hitters(&mut self) -> OperatorKind {
        let count = self.expression();
        self.expect_word("of");
        let of = self.named_expression();
        let by = self.eat_word("by").then(|| self.named_expression());
        OperatorKind::TopHitters { count, of, by }
    }
}
