//! The operators on graphs.

use crate::Expr;
use crate::parser::Parser;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `make-graph a --> b with T on id, U on id partitioned-by c (stages)`.
    pub(super) fn make_graph(&mut self) -> Vec<Expr> {
        self.operator_parameters(&[]);
        let mut parts = vec![self.graph_end()];
        for sign in [TokenKind::Minus, TokenKind::Minus, TokenKind::Greater] {
            self.expect(sign);
        }
        parts.push(self.graph_end());
        self.operator_parameters(&["with_node_id"]);
        if self.eat_word("with") {
            self.graph_nodes(&mut parts);
        }
        if self.word(0) == "partitioned" && self.word(2) == "by" {
            for _ in 0..3 {
                self.advance();
            }
            parts.push(self.column_path());
            parts.push(self.parenthesised_stages());
        }
        parts
    }

    /// A column at one end of an edge.
    fn graph_end(&mut self) -> Expr {
        let start = self.span().start;
        let name = self.name("a column name");
        Expr { kind: crate::ExprKind::Name(name.name), span: self.span_from(start) }
    }

    fn graph_nodes(&mut self, parts: &mut Vec<Expr>) {
        loop {
            parts.push(self.operand());
            self.expect_word("on");
            self.operand();
            if !self.eat(TokenKind::Comma) {
                return;
            }
        }
    }

    pub(super) fn graph(&mut self, word: &str) -> Vec<Expr> {
        match word {
            "graph-match" | "graph-shortest-paths" => self.graph_match(),
            "graph-to-table" => self.graph_to_table(),
            "graph-mark-components" => {
                self.operator_parameters(&["kind", "with_component_id"]);
                Vec::new()
            }
            _ => vec![self.expression()],
        }
    }

    fn graph_match(&mut self) -> Vec<Expr> {
        self.operator_parameters(&["cycles", "output"]);
        self.comma_separated(Self::graph_pattern);
        let mut parts = Vec::new();
        if self.eat_word("where") {
            parts.push(self.expression());
        }
        if self.eat_word("project") {
            parts.extend(self.named_expressions().into_iter().map(|named| named.expr));
        }
        parts
    }

    /// `(a)-[e*1..3]->(b)<-[f]-(c)--(d)`: nodes and edges, without parts to keep.
    fn graph_pattern(&mut self) {
        self.graph_node();
        while matches!(self.kind(), TokenKind::Minus | TokenKind::Less) {
            self.eat(TokenKind::Less);
            self.expect(TokenKind::Minus);
            if self.eat(TokenKind::OpenBracket) {
                self.graph_edge();
            }
            self.expect(TokenKind::Minus);
            self.eat(TokenKind::Greater);
            self.graph_node();
        }
    }

    fn graph_node(&mut self) {
        self.expect(TokenKind::OpenParen);
        self.try_name();
        self.close(TokenKind::CloseParen);
    }

    /// `e`, `e*1..3`, up to the closing bracket.
    fn graph_edge(&mut self) {
        self.try_name();
        if self.eat(TokenKind::Star) {
            self.operand();
            self.expect(TokenKind::DotDot);
            self.operand();
        }
        self.close(TokenKind::CloseBracket);
    }

    /// `nodes as N with_node_id=x, edges as E with_source_id=y with_target_id=z`.
    fn graph_to_table(&mut self) -> Vec<Expr> {
        self.comma_separated(|parser| {
            if !parser.eat_word("nodes") {
                parser.expect_word("edges");
            }
            if parser.eat_word("as") {
                parser.name("a name");
            }
            parser.operator_parameters(&["with_node_id", "with_source_id", "with_target_id"]);
        });
        Vec::new()
    }
}
