//! Chains of infix operators.

use super::infix::{Infix, Level};
use crate::limits::{BALANCE_FROM, MAX_CHAIN};
use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{BinaryOp, Diagnostic, Expr, ExprKind, InOp, Span, codes};

impl Parser<'_> {
    /// `a or b or c`, `a and b and c`: long ones as a balanced tree, as both are associative.
    pub(super) fn logical(&mut self, level: Level) -> Expr {
        let mut terms = vec![self.infix(level.tighter())];
        let mut spans = Vec::new();
        while self.infix_at(level).is_some() {
            spans.push(self.advance().span);
            terms.push(self.infix(level.tighter()));
        }
        let op = if level == Level::Or { BinaryOp::Or } else { BinaryOp::And };
        if terms.len() < BALANCE_FROM {
            lean_left(op, terms, spans)
        } else {
            balance(op, &mut terms.into_iter(), &spans)
        }
    }

    /// Left-leaning chains of the tighter levels.
    pub(super) fn chain(&mut self, level: Level) -> Expr {
        let mut left = self.tighter(level);
        for link in 0.. {
            let Some((infix, length)) = self.infix_at(level) else { break };
            if link >= MAX_CHAIN {
                let message = format!("the chain of operators is longer than the limit of {MAX_CHAIN}");
                self.report(Diagnostic::error(codes::CHAIN_TOO_LONG, self.span(), message));
                self.skip_until(|kind| matches!(kind, TokenKind::Pipe | TokenKind::CloseParen));
                break;
            }
            let start = self.span().start;
            if link > 0 && !matches!(level, Level::Additive | Level::Multiplicative) {
                let hint = "comparisons do not chain; use parentheses or `and`";
                self.expected_with_hint("`and`, `or` or the end of the expression", hint);
            }
            for _ in 0..length {
                self.advance();
            }
            let op_span = self.span_from(start);
            left = match infix {
                Infix::Binary(op) => self.binary(left, op, op_span, level),
                Infix::In(op) => self.membership(left, op),
                Infix::Between { negated } => self.between(left, negated),
            };
        }
        left
    }

    fn tighter(&mut self, level: Level) -> Expr {
        match level.tighter() {
            Level::Prefix => self.prefix(),
            tighter => self.chain(tighter),
        }
    }

    fn binary(&mut self, left: Expr, op: BinaryOp, op_span: Span, level: Level) -> Expr {
        let right = self.tighter(level);
        let span = left.span.to(right.span);
        Expr { kind: ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) }, span }
    }

    /// What follows `in`, `has_any` and their kin.
    fn membership(&mut self, value: Expr, op: InOp) -> Expr {
        let start = value.span.start;
        let mut items = Vec::new();
        if !self.at(TokenKind::OpenParen) {
            self.expected_with_hint("`(`", "the list stands in parentheses, as in `x in (1, 2)`");
            if !self.at_stage_end() {
                items.push(self.prefix());
            }
        } else {
            self.advance();
            items = self.comma_separated(Self::expression_or_pipeline);
            self.close(TokenKind::CloseParen);
        }
        Expr { kind: ExprKind::In { op, value: Box::new(value), items }, span: self.span_from(start) }
    }

    fn between(&mut self, value: Expr, negated: bool) -> Expr {
        let start = value.span.start;
        let is_open = self.expect(TokenKind::OpenParen);
        let low = self.expression();
        self.expect(TokenKind::DotDot);
        let high = self.expression();
        if is_open {
            self.close(TokenKind::CloseParen);
        }
        let kind = ExprKind::Between { negated, value: Box::new(value), low: Box::new(low), high: Box::new(high) };
        Expr { kind, span: self.span_from(start) }
    }
}

fn join(op: BinaryOp, op_span: Span, left: Expr, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    Expr { kind: ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) }, span }
}

fn lean_left(op: BinaryOp, terms: Vec<Expr>, spans: Vec<Span>) -> Expr {
    let mut terms = terms.into_iter();
    let first = terms.next().unwrap_or(Expr { kind: ExprKind::Error, span: Span::default() });
    terms.zip(spans).fold(first, |left, (right, op_span)| join(op, op_span, left, right))
}

/// `terms` has one more item than `spans`.
fn balance(op: BinaryOp, terms: &mut impl Iterator<Item = Expr>, spans: &[Span]) -> Expr {
    if spans.is_empty() {
        return terms.next().unwrap_or(Expr { kind: ExprKind::Error, span: Span::default() });
    }
    let middle = spans.len() / 2;
    let left = balance(op, terms, &spans[..middle]);
    let right = balance(op, terms, &spans[middle + 1..]);
    join(op, spans[middle], left, right)
}
