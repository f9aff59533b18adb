//! Operators with sub-pipelines or few parts, parsed to their end: `partition`, `fork`, `facet`, `reduce`, `assert-schema`,
//! `macro-expand`; and `evaluate`, `invoke`, `render`.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{Expr, ExprKind, ForkLeg, OperatorKind, Pipeline};

impl Parser<'_> {
    pub(super) fn plugin(&mut self, word: &str) -> OperatorKind {
        if word == "invoke" {
            let call = self.operand();
            if !matches!(call.kind, ExprKind::Call { .. } | ExprKind::Error) {
                self.expected("`(`");
            }
            return OperatorKind::Invoke(call);
        }
        if word == "render" {
            let visualization = self.name("a visualization such as `timechart`");
            let mut parameters = self.operator_parameters(&["kind", "title", "accumulate", "with"]);
            parameters.extend(if self.eat_word("with") { self.properties() } else { Vec::new() });
            return OperatorKind::Render { visualization, parameters };
        }
        let parameters = self.operator_parameters(&[]);
        let call = self.operand();
        if !matches!(call.kind, ExprKind::Call { .. } | ExprKind::Error) {
            self.expected("`(`");
        }
        let schema = self.eat(TokenKind::Colon).then(|| self.output_schema());
        OperatorKind::Evaluate { parameters, call, schema }
    }

    /// `partition hint.strategy=native by Key (stages)` or `{ pipeline }`.
    pub(super) fn partition(&mut self) -> OperatorKind {
        let parameters = self.operator_parameters(&["kind"]);
        self.expect_word("by");
        let by = self.column_path();
        let has_source = self.at(TokenKind::OpenBrace);
        let body = if has_source { self.braced_pipeline() } else { self.parenthesised_stages() };
        OperatorKind::Partition { parameters, by, body, has_source }
    }

    /// `a.b`, which the parenthesis after it does not make a call.
    pub(super) fn column_path(&mut self) -> Expr {
        let start = self.span().start;
        let first = self.name("a column name");
        let mut path = Expr { kind: ExprKind::Name(first.name), span: first.span };
        for _ in 0..crate::MAX_CHAIN {
            if !self.eat(TokenKind::Dot) {
                break;
            }
            let name = self.name("a name after `.`");
            path = Expr { kind: ExprKind::Member { base: Box::new(path), name }, span: self.span_from(start) };
        }
        path
    }

    /// `{ T | … }`.
    fn braced_pipeline(&mut self) -> Expr {
        self.advance();
        let body = self.expression_or_pipeline();
        self.close(TokenKind::CloseBrace);
        body
    }

    /// `fork name=(stages) (stages)`.
    pub(super) fn fork(&mut self) -> OperatorKind {
        let mut legs = Vec::new();
        loop {
            let length = self.name_length(0);
            let mut name = None;
            if length > 0 && self.token(length).kind == TokenKind::Assign {
                name = self.try_name();
                self.advance();
            }
            if !self.at(TokenKind::OpenParen) {
                if legs.is_empty() {
                    self.expected("`(`");
                }
                return OperatorKind::Fork(legs);
            }
            legs.push(ForkLeg { name, body: self.stages_in_parentheses() });
        }
    }

    fn stages_in_parentheses(&mut self) -> Pipeline {
        self.expect(TokenKind::OpenParen);
        let body = self.stages();
        self.close(TokenKind::CloseParen);
        body
    }

    /// `facet by a, b with (stages)`.
    pub(super) fn facet(&mut self) -> OperatorKind {
        self.expect_word("by");
        let by = self.named_expressions();
        let body = self.eat_word("with").then(|| self.facet_body());
        OperatorKind::Facet { by, body }
    }

    fn facet_body(&mut self) -> Pipeline {
        if self.at(TokenKind::OpenParen) {
            return self.stages_in_parentheses();
        }
        Pipeline { stages: vec![self.operator()] }
    }

    /// `reduce kind=source by expr with threshold=0.1, characters=""`.
    pub(super) fn reduce(&mut self) -> OperatorKind {
        let parameters = self.operator_parameters(&["kind"]);
        self.expect_word("by");
        let by = self.named_expression();
        let properties = if self.eat_word("with") { self.bare_properties() } else { Vec::new() };
        OperatorKind::Reduce { parameters, by, properties }
    }

    /// Whether `entity_group [` stands here.
    pub(in crate::parser) fn at_entity_group(&self) -> bool {
        self.at_word("entity_group") && self.token(1).kind == TokenKind::OpenBracket
    }

    /// `entity_group [cluster("a").database("b"), …]`.
    pub(in crate::parser) fn entity_group(&mut self) -> Expr {
        let start = self.span().start;
        self.advance();
        self.advance();
        let entities = self.comma_separated(Self::expression_or_pipeline);
        self.close(TokenKind::CloseBracket);
        Expr { kind: ExprKind::List(entities), span: self.span_from(start) }
    }

    /// `inline_external_table (a:long) kind=delta partition by (…) dataformat=csv (h@"uri") with (…)`.
    pub(super) fn inline_external_table(&mut self) -> OperatorKind {
        let columns = if self.at(TokenKind::OpenParen) { self.column_declarations() } else { Vec::new() };
        self.skip_stage();
        OperatorKind::InlineExternalTable(columns)
    }

    /// `macro-expand kind=x group as scope ( statements )`.
    pub(super) fn macro_expand(&mut self) -> OperatorKind {
        self.operator_parameters(&["kind", "isfuzzy"]);
        if self.at_entity_group() {
            self.entity_group();
        } else {
            self.name("an entity group");
        }
        self.expect_word("as");
        self.name("a name");
        self.expect(TokenKind::OpenParen);
        let parts = self.macro_body();
        self.close(TokenKind::CloseParen);
        OperatorKind::MacroExpand { parts }
    }
}
