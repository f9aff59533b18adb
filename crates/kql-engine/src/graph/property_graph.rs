//! A directed graph whose nodes and edges are rows of tables.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use kql_functions::Type;

use crate::computed::Rows;

/// A directed graph with properties. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct PropertyGraph {
    /// A row for each node.
    pub nodes: Rows,
    /// A row for each edge.
    pub edges: Rows,
    /// What the tables call each node.
    pub ids: ArrayRef,
    /// Type of the ids.
    pub id_type: Type,
    /// Which edge joins which nodes.
    pub topology: Arc<Topology>,
}

impl PropertyGraph {
    /// How many nodes.
    pub fn node_count(&self) -> usize {
        self.ids.len()
    }
}

/// The ends of edges, with the edges of each node.
#[derive(Debug)]
pub(crate) struct Topology {
    /// The node at which each edge begins.
    pub sources: Vec<u32>,
    /// The node at which each edge ends.
    pub targets: Vec<u32>,
    outgoing: Adjacency,
    incoming: Adjacency,
}

impl Topology {
    /// Indexes the ends of edges between that many nodes.
    pub fn new(nodes: usize, sources: Vec<u32>, targets: Vec<u32>) -> Self {
        let outgoing = Adjacency::new(nodes, &sources);
        let incoming = Adjacency::new(nodes, &targets);
        Self { sources, targets, outgoing, incoming }
    }

    /// The edges that begin at a node, in their order.
    pub fn outgoing(&self, node: u32) -> &[u32] {
        self.outgoing.of(node)
    }

    /// The edges that end at a node, in their order.
    pub fn incoming(&self, node: u32) -> &[u32] {
        self.incoming.of(node)
    }
}

/// The edges of each node, one run after the other.
#[derive(Debug)]
struct Adjacency {
    starts: Vec<usize>,
    edges: Vec<u32>,
}

impl Adjacency {
    fn new(nodes: usize, ends: &[u32]) -> Self {
        let mut starts = vec![0; nodes + 1];
        for end in ends {
            starts[*end as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut edges = vec![0; ends.len()];
        for (edge, end) in (0_u32..).zip(ends) {
            let place = &mut next[*end as usize];
            edges[*place] = edge;
            *place += 1;
        }
        Self { starts, edges }
    }

    fn of(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.edges[self.starts[node]..self.starts[node + 1]]
    }
}
