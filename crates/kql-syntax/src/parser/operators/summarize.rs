//! `summarize`.

use crate::OperatorKind;
use crate::parser::Parser;
use crate::token::TokenKind;

impl Parser<'_> {
    pub(super) fn summarize(&mut self) -> OperatorKind {
        let parameters = self.operator_parameters(&[]);
        let mut aggregates = Vec::new();
        if !self.at_by() && !self.at_stage_end() {
            aggregates = self.named_expressions();
        }
        let by = if self.eat_word("by") { self.named_expressions() } else { Vec::new() };
        OperatorKind::Summarize { parameters, aggregates, by }
    }

    /// The word `by`, not a column of that name.
    pub(super) fn at_by(&self) -> bool {
        self.at_word("by") && self.token(1).kind != TokenKind::Assign
    }
}
