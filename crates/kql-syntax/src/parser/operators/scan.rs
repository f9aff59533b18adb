//! `scan`.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{OperatorKind, Scan, ScanStep, StepOutput};

impl Parser<'_> {
    /// `scan with_match_id=x order by a partition by b declare (c:long=0) with (step s: cond => c = 1; …)`.
    pub(super) fn scan(&mut self) -> OperatorKind {
        let parameters = self.operator_parameters(&["with_match_id", "kind"]);
        let mut order = Vec::new();
        if self.eat_word("order") {
            self.expect_word("by");
            order = self.sort_keys();
        }
        let mut partition = Vec::new();
        if self.eat_word("partition") {
            self.expect_word("by");
            partition = self.named_expressions();
        }
        let declared = if self.eat_word("declare") { self.declarations_with_defaults() } else { Vec::new() };
        let steps = if self.expect_word("with") { self.scan_steps() } else { Vec::new() };
        OperatorKind::Scan(Box::new(Scan { parameters, order, partition, declared, steps }))
    }

    fn scan_steps(&mut self) -> Vec<ScanStep> {
        let mut steps = Vec::new();
        self.expect(TokenKind::OpenParen);
        while self.at_word("step") {
            steps.push(self.scan_step());
            if !self.expect(TokenKind::Semicolon) {
                break;
            }
        }
        self.close(TokenKind::CloseParen);
        steps
    }

    /// `step name optional output=last : condition => a = b, c = d`.
    fn scan_step(&mut self) -> ScanStep {
        let start = self.span().start;
        self.advance();
        let name = self.name("a step name");
        let is_optional = self.eat_word("optional");
        let output = self.step_output();
        self.expect(TokenKind::Colon);
        let condition = self.expression();
        let assignments = if self.eat(TokenKind::FatArrow) { self.named_expressions() } else { Vec::new() };
        ScanStep { name, is_optional, output, condition, assignments, span: self.span_from(start) }
    }

    /// `output=last`.
    fn step_output(&mut self) -> StepOutput {
        if !self.eat_word("output") {
            return StepOutput::All;
        }
        self.expect(TokenKind::Assign);
        let output = match self.word(0) {
            "all" => StepOutput::All,
            "last" => StepOutput::Last,
            "none" => StepOutput::None,
            _ => {
                self.expected("`all`, `last` or `none`");
                return StepOutput::All;
            }
        };
        self.advance();
        output
    }
}
