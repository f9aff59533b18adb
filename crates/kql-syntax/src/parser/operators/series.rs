//! `make-series`.

use crate::parser::Parser;
use crate::parser::reserved::NamePlace;
use crate::token::TokenKind;
use crate::{Expr, OperatorKind, SeriesAggregate};

impl Parser<'_> {
    pub(super) fn make_series(&mut self) -> OperatorKind {
        let parameters = self.operator_parameters(&["kind"]);
        let aggregates = self.comma_separated(Self::series_aggregate);
        self.expect_word("on");
        let on = self.named_expression_before_in();
        let in_range = self.eat_word("in");
        let [from, to, step] = if in_range { self.series_range() } else { self.series_bounds() };
        let by = if self.eat_word("by") { self.named_expressions() } else { Vec::new() };
        OperatorKind::MakeSeries { parameters, aggregates, on, from, to, step, in_range, by }
    }

    fn series_aggregate(&mut self) -> SeriesAggregate {
        let aggregate = self.named_expression();
        let has_default = self.at_word("default") && self.token(1).kind == TokenKind::Assign;
        if has_default {
            self.advance();
            self.advance();
        }
        SeriesAggregate { aggregate, default: has_default.then(|| self.expression()) }
    }

    /// The axis; `in` after it begins the old form of the range.
    fn named_expression_before_in(&mut self) -> crate::NamedExpr {
        let length = self.name_length(0);
        let mut names = Vec::new();
        if length > 0 && self.token(length).kind == TokenKind::Assign {
            self.check_name(NamePlace::NewColumn);
            names.extend(self.try_name());
            self.advance();
        }
        crate::NamedExpr { names, expr: self.operand() }
    }

    /// `from a to b step s`; the first two may be missing.
    fn series_bounds(&mut self) -> [Option<Expr>; 3] {
        let from = self.eat_word("from").then(|| self.expression());
        let to = self.eat_word("to").then(|| self.expression());
        let step = if self.expect_word("step") { Some(self.expression()) } else { None };
        [from, to, step]
    }

    /// `range(a, b, s)`.
    fn series_range(&mut self) -> [Option<Expr>; 3] {
        self.expect_word("range");
        let mut arguments = self.arguments().into_iter().map(|argument| argument.value);
        let bounds = [arguments.next(), arguments.next(), arguments.next()];
        if bounds[2].is_none() {
            self.expected("`range(from, to, step)`");
        }
        bounds
    }
}
