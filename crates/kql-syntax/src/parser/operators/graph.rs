//! The operators on graphs.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{
    EdgeDirection, ExprKind, GraphEdge, GraphMatch, GraphNode, GraphNodes, GraphPartition, GraphPath, GraphTable,
    MakeGraph, OperatorKind, Pipeline,
};

impl Parser<'_> {
    /// `make-graph a --> b with T on id, U on id partitioned-by c (stages)`.
    pub(super) fn make_graph(&mut self) -> OperatorKind {
        let parameters = self.operator_parameters(&[]);
        let source = self.name("a column name");
        for sign in [TokenKind::Minus, TokenKind::Minus, TokenKind::Greater] {
            self.expect(sign);
        }
        let target = self.name("a column name");
        let mut node_id = None;
        if self.at_word("with_node_id") && self.token(1).kind == TokenKind::Assign {
            self.advance();
            self.advance();
            node_id = Some(self.name("a column name"));
        }
        let nodes = if self.eat_word("with") { self.comma_separated(Self::graph_nodes) } else { Vec::new() };
        let partition = self.graph_partition();
        OperatorKind::MakeGraph(Box::new(MakeGraph { parameters, source, target, nodes, node_id, partition }))
    }

    /// `T on id`.
    fn graph_nodes(&mut self) -> GraphNodes {
        let table = self.operand();
        self.expect_word("on");
        GraphNodes { table, id: self.name("a column name") }
    }

    /// `partitioned-by c (stages)`.
    fn graph_partition(&mut self) -> Option<GraphPartition> {
        if self.word(0) != "partitioned" || self.word(2) != "by" {
            return None;
        }
        for _ in 0..3 {
            self.advance();
        }
        let column = self.column_path();
        let body = match self.parenthesised_stages().kind {
            ExprKind::Pipeline(body) => body,
            _ => Pipeline { stages: Vec::new() },
        };
        Some(GraphPartition { column, body })
    }

    pub(super) fn graph(&mut self, word: &str) -> OperatorKind {
        match word {
            "graph-match" => OperatorKind::GraphMatch(Box::new(self.graph_match())),
            "graph-shortest-paths" => OperatorKind::GraphShortestPaths(Box::new(self.graph_match())),
            "graph-to-table" => OperatorKind::GraphToTable(self.comma_separated(Self::graph_table)),
            "graph-mark-components" => {
                OperatorKind::GraphMarkComponents(self.operator_parameters(&["kind", "with_component_id"]))
            }
            "graph-where-nodes" => OperatorKind::GraphWhereNodes(self.expression()),
            _ => OperatorKind::GraphWhereEdges(self.expression()),
        }
    }

    fn graph_match(&mut self) -> GraphMatch {
        let parameters = self.operator_parameters(&["cycles", "output"]);
        let paths = self.comma_separated(Self::graph_path);
        let condition = self.eat_word("where").then(|| self.expression());
        let project = if self.eat_word("project") { self.named_expressions() } else { Vec::new() };
        GraphMatch { parameters, paths, condition, project }
    }

    /// `(a)-[e*1..3]->(b)<-[f]-(c)--(d)`.
    fn graph_path(&mut self) -> GraphPath {
        let mut nodes = vec![self.graph_node()];
        let mut edges = Vec::new();
        while matches!(self.kind(), TokenKind::Minus | TokenKind::Less) {
            edges.push(self.graph_edge());
            nodes.push(self.graph_node());
        }
        GraphPath { nodes, edges }
    }

    fn graph_node(&mut self) -> GraphNode {
        let start = self.span().start;
        self.expect(TokenKind::OpenParen);
        let name = self.try_name();
        self.close(TokenKind::CloseParen);
        GraphNode { name, span: self.span_from(start) }
    }

    /// `-[e*1..3]->`, `<--`, `--`.
    fn graph_edge(&mut self) -> GraphEdge {
        let start = self.span().start;
        let is_left = self.eat(TokenKind::Less);
        self.expect(TokenKind::Minus);
        let (mut name, mut range) = (None, None);
        if self.eat(TokenKind::OpenBracket) {
            name = self.try_name();
            if self.eat(TokenKind::Star) {
                let low = self.operand();
                self.expect(TokenKind::DotDot);
                range = Some((low, self.operand()));
            }
            self.close(TokenKind::CloseBracket);
        }
        self.expect(TokenKind::Minus);
        let direction = match is_left {
            true => EdgeDirection::Left,
            false if self.eat(TokenKind::Greater) => EdgeDirection::Right,
            false => EdgeDirection::Any,
        };
        GraphEdge { name, direction, range, span: self.span_from(start) }
    }

    /// `nodes as N with_node_id=x` or `edges as E with_source_id=y with_target_id=z`.
    fn graph_table(&mut self) -> GraphTable {
        let start = self.span().start;
        let is_edges = !self.eat_word("nodes");
        if is_edges {
            self.expect_word("edges");
        }
        let name = self.eat_word("as").then(|| self.name("a name"));
        let known: &[&str] = if is_edges { &["with_source_id", "with_target_id"] } else { &["with_node_id"] };
        let parameters = self.operator_parameters(known);
        GraphTable { is_edges, name, parameters, span: self.span_from(start) }
    }
}
