//! The operators on graphs.

use super::{Expr, Ident, NamedExpr, OperatorParameter, Pipeline};
use crate::Span;

/// `make-graph a --> b with T on id partitioned-by c (stages)`.
#[derive(Debug, Clone, PartialEq)]
pub struct MakeGraph {
    /// Hints.
    pub parameters: Vec<OperatorParameter>,
    /// Column of the edges' sources.
    pub source: Ident,
    /// Column of the edges' targets.
    pub target: Ident,
    /// `with T on id, …`, may be empty.
    pub nodes: Vec<GraphNodes>,
    /// `with_node_id=`.
    pub node_id: Option<Ident>,
    /// `partitioned-by`.
    pub partition: Option<GraphPartition>,
}

/// `T on id`.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphNodes {
    /// The table.
    pub table: Expr,
    /// Its column of node ids.
    pub id: Ident,
}

/// `partitioned-by column (stages)`.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphPartition {
    /// A column of the edges and of all node tables.
    pub column: Expr,
    /// What is done with each graph; the first stage is not a source.
    pub body: Pipeline,
}

/// `graph-match` and `graph-shortest-paths`.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphMatch {
    /// `cycles=`, `output=`.
    pub parameters: Vec<OperatorParameter>,
    /// Separated by commas; at least one.
    pub paths: Vec<GraphPath>,
    /// `where`.
    pub condition: Option<Expr>,
    /// `project`, empty where not written.
    pub project: Vec<NamedExpr>,
}

/// `(a)-[e]->(b)<-[f*1..3]-(c)`: one node more than edges.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphPath {
    /// From left to right.
    pub nodes: Vec<GraphNode>,
    /// Each between two nodes.
    pub edges: Vec<GraphEdge>,
}

/// `(a)`.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphNode {
    /// `None` for `()`.
    pub name: Option<Ident>,
    /// With the parentheses.
    pub span: Span,
}

/// `-[e*1..3]->`.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphEdge {
    /// `None` for `-->` and `-[*1..3]->`.
    pub name: Option<Ident>,
    /// Where it points.
    pub direction: EdgeDirection,
    /// `*min..max`.
    pub range: Option<(Expr, Expr)>,
    /// From its first sign to its last.
    pub span: Span,
}

/// Where an edge of a pattern points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeDirection {
    /// `-->`.
    Right,
    /// `<--`.
    Left,
    /// `--`.
    Any,
}

/// `nodes as N with_node_id=x` or `edges as E with_source_id=y with_target_id=z`.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphTable {
    /// `edges`, else `nodes`.
    pub is_edges: bool,
    /// `as`.
    pub name: Option<Ident>,
    /// `with_node_id=` and so on.
    pub parameters: Vec<OperatorParameter>,
    /// All of it.
    pub span: Span,
}
