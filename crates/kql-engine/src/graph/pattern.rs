//! A pattern of nodes and edges, and what expressions over it may name.

use std::cell::RefCell;

use kql_syntax::{EdgeDirection, Ident};

use crate::scope::ScopeColumn;
use crate::typed::Typed;

/// What is searched for: nodes joined by edges.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    /// Their names.
    pub nodes: Vec<Option<Ident>>,
    /// In the order written.
    pub edges: Vec<PatternEdge>,
}

/// An edge of a pattern.
#[derive(Debug, Clone)]
pub(crate) struct PatternEdge {
    /// Its name.
    pub name: Option<Ident>,
    /// The node at its left.
    pub left: usize,
    /// The node at its right.
    pub right: usize,
    /// Where it points.
    pub direction: EdgeDirection,
    /// Fewest and most edges that it stands for; nothing for a single edge.
    pub length: Option<(u32, u32)>,
}

/// What an element of the pattern is, with its position among those of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A node.
    Node(usize),
    /// A single edge.
    Edge(usize),
    /// An edge of variable length.
    Path(usize),
}

/// What is known of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeValue {
    /// A column of the nodes.
    Property(usize),
    /// Its id, as text.
    Id,
    /// How many edges end at it.
    Entering,
    /// How many edges begin at it.
    Leaving,
}

/// Where the values of a column come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A node of the match.
    Node(usize, NodeValue),
    /// A property of an edge of the match.
    Edge(usize, usize),
    /// A property of each edge of a path.
    Step(usize, usize),
    /// Each node within a path, without its ends.
    Inner(usize, NodeValue),
    /// What a call made of the elements of a path.
    Collected(usize),
}

/// `all`, `any`, `map`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collecting {
    /// Whether a condition holds for each element.
    All,
    /// Whether a condition holds for any element.
    Any,
    /// A value for each element.
    Map,
}

/// A call over the elements of a path.
#[derive(Debug, Clone)]
pub(crate) struct Collected {
    /// What it makes of them.
    pub how: Collecting,
    /// The path.
    pub path: usize,
    /// Over the nodes within it, else over its edges.
    pub is_inner: bool,
    /// The value at each element.
    pub value: Typed,
}

/// An element that expressions can name.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    /// As written.
    pub name: String,
    /// What it is.
    pub slot: Slot,
    /// Its properties; of a path, those of its edges.
    pub columns: Vec<ScopeColumn>,
    /// Id, edges that end and begin here: of a node, or of the nodes within a path.
    pub node: Option<[ScopeColumn; 3]>,
    /// Properties of the nodes within a path.
    pub inner: Vec<ScopeColumn>,
}

/// Where in the operator an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Focus {
    /// In `where`: a path's property is that of each of its edges.
    Condition,
    /// In `project`: a path's property is an array.
    Projection,
    /// In `all`, `any` or `map` over a path; bare names are properties.
    Within {
        /// The path.
        path: usize,
        /// Over the nodes within it.
        is_inner: bool,
    },
}

/// What expressions of one `graph-match` name, and the columns that stand for it.
#[derive(Debug, Default)]
pub(crate) struct PatternScope {
    /// Elements with names.
    pub named: Vec<Named>,
    /// All columns.
    pub columns: RefCell<Vec<ScopeColumn>>,
    /// Where each column comes from.
    pub origins: RefCell<Vec<Origin>>,
    /// Calls over paths, in the order bound.
    pub collected: RefCell<Vec<Collected>>,
    /// Paths whose properties the condition being bound names directly.
    pub touched: RefCell<Vec<usize>>,
}

impl PatternScope {
    /// Adds a column.
    pub fn add(&self, column: ScopeColumn, origin: Origin) -> ScopeColumn {
        self.columns.borrow_mut().push(column.clone());
        self.origins.borrow_mut().push(origin);
        column
    }

    /// The element of that name.
    pub fn element(&self, name: &str) -> Option<&Named> {
        self.named.iter().find(|element| element.name == name)
    }
}
