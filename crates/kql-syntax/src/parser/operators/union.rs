//! `union`, and references to tables by pattern.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{NamePattern, OperatorKind, TableReference};

impl Parser<'_> {
    pub(super) fn union(&mut self) -> OperatorKind {
        let parameters = self.operator_parameters(&["kind", "withsource", "with_source", "isfuzzy"]);
        OperatorKind::Union { parameters, inputs: self.table_references() }
    }

    pub(super) fn table_references(&mut self) -> Vec<TableReference> {
        self.comma_separated(Self::table_reference)
    }

    /// `T`, `Sec*`, `f(x)`, `(T | …)`, `database("x").T*`.
    fn table_reference(&mut self) -> TableReference {
        let start = self.span().start;
        if self.pattern_length() > 0 {
            return TableReference::Pattern(self.name_pattern());
        }
        let expr = self.operand();
        let is_adjacent = self.previous_end() == self.span().start;
        let is_member = self.at(TokenKind::Dot) && self.token(1).kind == TokenKind::Star;
        if !is_adjacent || !(self.at(TokenKind::Star) || is_member) {
            return TableReference::Expr(expr);
        }
        self.eat(TokenKind::Dot);
        // `database("x").Sec*`: the pattern keeps the qualifier's text.
        self.name_pattern();
        let span = self.span_from(start);
        TableReference::Pattern(NamePattern { pattern: self.text_of(span).to_owned(), span })
    }
}
