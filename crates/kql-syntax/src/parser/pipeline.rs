//! Pipelines.

use super::Parser;
use super::operators::HEAD_WORDS;
use crate::token::TokenKind;
use crate::{Diagnostic, Expr, ExprKind, Operator, OperatorKind, Pipeline, codes};

impl Parser<'_> {
    /// An expression; with a head operator or a `|` after it, a pipeline.
    pub(super) fn pipeline_expression(&mut self) -> Expr {
        let start = self.span().start;
        let mut stages = Vec::new();
        if HEAD_WORDS.contains(&self.word(0)) && self.begins_head_operator() {
            stages.push(self.operator());
        } else if self.begins_operator_without_source() {
            stages.push(self.missing_source());
            stages.push(self.operator());
        } else {
            let expr = self.expression();
            self.data_scope();
            if !self.at(TokenKind::Pipe) {
                return expr;
            }
            stages.push(Operator { span: expr.span, kind: OperatorKind::Source(expr) });
        }
        self.piped_stages(&mut stages);
        Expr { kind: ExprKind::Pipeline(Pipeline { stages }), span: self.span_from(start) }
    }

    /// What stands for the table before an operator that needs one.
    fn missing_source(&mut self) -> Operator {
        let message = format!("expected a table, found the operator `{}`", self.word(0));
        let hint = "begin with a table, as in `SigninLogs | where …`";
        self.report(Diagnostic::error(codes::EXPECTED, self.span(), message).with_hint(hint));
        let source = self.error_expression();
        Operator { span: source.span, kind: OperatorKind::Source(source) }
    }

    /// `datascope=hotcache` after a table: where it is stored, which means nothing here.
    fn data_scope(&mut self) {
        if self.at_word("datascope") && self.token(1).kind == TokenKind::Assign {
            self.advance();
            self.advance();
            self.name("a data scope such as `all`");
        }
    }

    fn piped_stages(&mut self, stages: &mut Vec<Operator>) {
        while self.eat(TokenKind::Pipe) {
            stages.push(self.operator());
        }
    }

    /// Stages without a source, as in `mv-apply … on (…)`, `fork (…)`; parentheses not included.
    pub(super) fn stages(&mut self) -> Pipeline {
        let mut stages = Vec::new();
        let inner = self.nested(|parser| {
            stages.push(parser.operator());
            parser.piped_stages(&mut stages);
        });
        if inner.is_none() {
            stages.push(Operator { kind: OperatorKind::Error, span: self.span() });
        }
        Pipeline { stages }
    }

    /// `( stages )` as an expression.
    pub(super) fn parenthesised_stages(&mut self) -> Expr {
        let start = self.span().start;
        self.expect(TokenKind::OpenParen);
        let pipeline = self.stages();
        self.close(TokenKind::CloseParen);
        Expr { kind: ExprKind::Pipeline(pipeline), span: self.span_from(start) }
    }
}
