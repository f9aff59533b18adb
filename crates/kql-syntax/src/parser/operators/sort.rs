//! `sort`, `order`, `top` and their keys.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{OperatorKind, OperatorParameter, SortKey};

impl Parser<'_> {
    pub(super) fn sort(&mut self) -> OperatorKind {
        let _hints: Vec<OperatorParameter> = self.operator_parameters(&[]);
        self.expect_word("by");
        OperatorKind::Sort(self.sort_keys())
    }

    pub(super) fn top(&mut self) -> OperatorKind {
        let _hints: Vec<OperatorParameter> = self.operator_parameters(&[]);
        let count = self.expression();
        self.expect_word("by");
        let by = vec![self.sort_key()];
        if self.at(TokenKind::Comma) {
            self.expected_with_hint(
                "`|` or the end of `top`",
                "`top` takes one key; use `sort by a, b | take n` for several",
            );
            self.skip_stage();
        }
        OperatorKind::Top { count, by }
    }

    pub(super) fn sort_keys(&mut self) -> Vec<SortKey> {
        self.comma_separated(Self::sort_key)
    }

    fn sort_key(&mut self) -> SortKey {
        let expr = self.named_expression().expr;
        let ascending = self.direction();
        let mut nulls_first = None;
        if self.eat_word("nulls") {
            nulls_first = match self.word(0) {
                "first" => Some(true),
                "last" => Some(false),
                _ => None,
            };
            if nulls_first.is_some() {
                self.advance();
            } else {
                self.expected("`first` or `last`");
            }
        }
        SortKey { expr, ascending, nulls_first }
    }

    /// `asc`, `desc`.
    pub(super) fn direction(&mut self) -> Option<bool> {
        let ascending = match self.word(0) {
            "asc" => true,
            "desc" => false,
            _ => return None,
        };
        self.advance();
        Some(ascending)
    }
}
