//! `join` and `lookup`.

use crate::parser::Parser;
use crate::{Expr, ExprKind, Ident, JoinCondition, OperatorKind};

impl Parser<'_> {
    pub(super) fn join(&mut self) -> OperatorKind {
        let parameters = self.operator_parameters(&["kind", "withsource"]);
        let right = self.joined();
        let filter = self.eat_word("where").then(|| self.expression());
        let on = if self.eat_word("on") { self.join_conditions() } else { Vec::new() };
        if on.is_empty() && filter.is_none() {
            self.expected("`on`");
        }
        OperatorKind::Join { parameters, right, on, filter }
    }

    pub(super) fn lookup(&mut self) -> OperatorKind {
        let parameters = self.operator_parameters(&["kind"]);
        let right = self.joined();
        let on = if self.expect_word("on") { self.join_conditions() } else { Vec::new() };
        OperatorKind::Lookup { parameters, right, on }
    }

    /// A table, a call, or a pipeline in parentheses.
    fn joined(&mut self) -> Expr {
        if self.at_word("on") {
            self.expected("a table");
            return self.error_expression();
        }
        if crate::parser::operators::HEAD_WORDS.contains(&self.word(0)) && self.begins_head_operator() {
            self.expected_with_hint("a table", "put the right side of the join in parentheses");
            return self.expression_or_pipeline();
        }
        self.operand()
    }

    fn join_conditions(&mut self) -> Vec<JoinCondition> {
        self.comma_separated(|parser| {
            let expr = parser.expression();
            match expr.kind {
                ExprKind::Name(name) if !name.starts_with('$') => {
                    JoinCondition::Column(Ident { name, span: expr.span })
                }
                _ => JoinCondition::Expr(expr),
            }
        })
    }
}
