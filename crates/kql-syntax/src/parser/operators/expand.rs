//! `mv-expand` and `mv-apply`.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{ExpandItem, Operator, OperatorKind, Pipeline, TypeName};

const PARAMETERS: [&str; 4] = ["kind", "bagexpansion", "with_itemindex", "expandoptions"];

impl Parser<'_> {
    pub(super) fn mv_expand(&mut self, word: &str) -> OperatorKind {
        let parameters = self.operator_parameters(&PARAMETERS);
        let items = self.comma_separated(Self::expand_item);
        let limit = self.eat_word("limit").then(|| self.expression());
        OperatorKind::MvExpand { parameters, items, limit, is_legacy: word == "mvexpand" }
    }

    pub(super) fn mv_apply(&mut self) -> OperatorKind {
        let parameters = self.operator_parameters(&PARAMETERS);
        let items = self.comma_separated(Self::expand_item);
        let limit = self.eat_word("limit").then(|| self.expression());
        let body =
            if self.expect_word("on") { self.mv_apply_body() } else { Pipeline { stages: vec![self.no_operator()] } };
        OperatorKind::MvApply { parameters, items, limit, body }
    }

    fn mv_apply_body(&mut self) -> Pipeline {
        if !self.expect(TokenKind::OpenParen) {
            return Pipeline { stages: vec![self.no_operator()] };
        }
        let body = self.stages();
        self.close(TokenKind::CloseParen);
        body
    }

    fn no_operator(&self) -> Operator {
        let here = self.span().start;
        Operator { kind: OperatorKind::Error, span: crate::Span::new(here, here) }
    }

    fn expand_item(&mut self) -> ExpandItem {
        let mut named = self.named_expression();
        let to = if self.eat_word("to") { self.expand_type() } else { None };
        ExpandItem { name: named.names.pop(), expr: named.expr, to }
    }

    /// `typeof(long)`.
    fn expand_type(&mut self) -> Option<TypeName> {
        if !self.expect_word("typeof") {
            return None;
        }
        self.typeof_columns().first().map(|column| column.ty)
    }
}
