//! `extend`, `project` and its kin, `distinct`, `serialize`, `print`.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{Expr, ExprKind, NamedExpr, OperatorKind, ReorderItem};

impl Parser<'_> {
    pub(super) fn projection(&mut self, word: &str) -> OperatorKind {
        if word == "serialize" && self.at_stage_end() {
            return OperatorKind::Serialize(Vec::new());
        }
        if word == "distinct" {
            // Hints say how to run it, not what it gives.
            self.operator_parameters(&[]);
        }
        let items = self.comma_separated(|parser| parser.projected(word));
        match word {
            "extend" => OperatorKind::Extend(items),
            "project" => OperatorKind::Project(items),
            "distinct" => OperatorKind::Distinct(items),
            "print" => OperatorKind::Print(items),
            _ => OperatorKind::Serialize(items),
        }
    }

    /// An item; `distinct *` takes all columns.
    fn projected(&mut self, word: &str) -> NamedExpr {
        if word == "distinct" && self.at(TokenKind::Star) && self.pattern_length() == 1 {
            let span = self.advance().span;
            return NamedExpr { names: Vec::new(), expr: Expr { kind: ExprKind::Star, span } };
        }
        self.named_expression()
    }

    pub(super) fn column_list(&mut self, word: &str) -> OperatorKind {
        match word {
            "project-away" => OperatorKind::ProjectAway(self.comma_separated(Self::name_pattern)),
            "project-keep" => OperatorKind::ProjectKeep(self.comma_separated(Self::name_pattern)),
            "project-rename" => OperatorKind::ProjectRename(self.comma_separated(Self::renamed)),
            "project-reorder" => OperatorKind::ProjectReorder(self.comma_separated(Self::reordered)),
            _ => OperatorKind::ProjectByNames(self.comma_separated(Self::pattern_expression)),
        }
    }

    /// `new = old`.
    fn renamed(&mut self) -> NamedExpr {
        let item = self.named_expression();
        if item.names.is_empty() {
            self.expected("`=`");
        }
        item
    }

    fn reordered(&mut self) -> ReorderItem {
        let pattern = self.name_pattern();
        let order = match self.word(0) {
            "asc" | "desc" => Some(self.word(0).to_owned()),
            "granny" => Some(self.text_of(self.span().to(self.token(2).span)).to_owned()),
            _ => None,
        };
        if let Some(order) = &order {
            self.advance();
            if order.starts_with("granny") {
                self.expect(TokenKind::Minus);
                self.name("`asc` or `desc`");
            }
        }
        ReorderItem { pattern, order }
    }

    fn pattern_expression(&mut self) -> Expr {
        if self.pattern_length() == 0 {
            return self.expression();
        }
        let pattern = self.name_pattern();
        Expr { kind: ExprKind::Name(pattern.pattern), span: pattern.span }
    }
}
