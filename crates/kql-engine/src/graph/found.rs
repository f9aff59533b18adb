//! Matches of a pattern, and the values of expressions over them.

use std::cell::RefCell;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, StringViewArray, UInt32Array};
use arrow::compute::take;
use datafusion::error::DataFusionError;
use kql_functions::Value;
use kql_functions::dynamic::{ArrayWriter, write_value};

use super::{Collected, Collecting, NodeValue, Origin, PropertyGraph};
use crate::binder::{Bind, Stop};
use crate::evaluation::Evaluable;

/// Matches, element by element; the positions are those of the pattern.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// How many matches.
    pub len: usize,
    /// The node that each node of the pattern stands for.
    pub nodes: Vec<Vec<u32>>,
    /// The edge that each single edge stands for.
    pub edges: Vec<Vec<u32>>,
    /// What each edge of variable length stands for.
    pub paths: Vec<FoundPaths>,
}

/// The paths of one element, one after the other.
#[derive(Debug, Default)]
pub(super) struct FoundPaths {
    /// From left to right.
    pub edges: Runs,
    /// The nodes within, without the ends.
    pub inner: Runs,
}

/// Lists of numbers, one after the other.
#[derive(Debug, Default)]
pub(super) struct Runs {
    items: Vec<u32>,
    ends: Vec<usize>,
}

impl Runs {
    /// Adds a list.
    pub fn push(&mut self, items: impl Iterator<Item = u32>) {
        self.items.extend(items);
        self.ends.push(self.items.len());
    }

    /// The bounds of each list.
    fn bounds(&self) -> impl Iterator<Item = (usize, usize)> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(self.ends.iter().copied())
    }
}

impl Found {
    /// Room for matches of a pattern with that many nodes and edges.
    pub fn new(nodes: usize, edges: usize) -> Self {
        let mut found = Self::default();
        found.nodes.resize_with(nodes, Vec::new);
        found.edges.resize_with(edges, Vec::new);
        found.paths.resize_with(edges, FoundPaths::default);
        found
    }
}

/// What the columns of expressions stand for in a graph.
pub(super) struct Sources<'a> {
    /// The graph.
    pub graph: &'a PropertyGraph,
    /// The ids of its nodes, as text.
    pub id_texts: &'a ArrayRef,
    /// Where each column comes from.
    pub origins: &'a [Origin],
    /// Calls over paths, each with its value made ready.
    pub collected: &'a [(Collected, Evaluable)],
}

impl Sources<'_> {
    /// What is known of all nodes.
    pub fn of_nodes(&self, what: NodeValue) -> ArrayRef {
        let topology = &self.graph.topology;
        let nodes = || 0..u32::try_from(self.graph.node_count()).unwrap_or(u32::MAX);
        let degree = |edges: &[u32]| i64::try_from(edges.len()).unwrap_or(i64::MAX);
        match what {
            NodeValue::Property(index) => Arc::clone(&self.graph.nodes.arrays[index]),
            NodeValue::Id => Arc::clone(self.id_texts),
            NodeValue::Entering => {
                Arc::new(nodes().map(|node| degree(topology.incoming(node))).collect::<Int64Array>())
            }
            NodeValue::Leaving => Arc::new(nodes().map(|node| degree(topology.outgoing(node))).collect::<Int64Array>()),
        }
    }

    /// A property of all edges.
    pub fn of_edges(&self, property: usize) -> ArrayRef {
        Arc::clone(&self.graph.edges.arrays[property])
    }

    /// What is known of some nodes.
    fn of_some_nodes(&self, what: NodeValue, nodes: &[u32]) -> Bind<ArrayRef> {
        let topology = &self.graph.topology;
        let degree = |edges: &[u32]| i64::try_from(edges.len()).unwrap_or(i64::MAX);
        match what {
            NodeValue::Entering => {
                Ok(Arc::new(nodes.iter().map(|node| degree(topology.incoming(*node))).collect::<Int64Array>()))
            }
            NodeValue::Leaving => {
                Ok(Arc::new(nodes.iter().map(|node| degree(topology.outgoing(*node))).collect::<Int64Array>()))
            }
            what => picked(&self.of_nodes(what), nodes),
        }
    }
}

/// The values of expressions over matches.
pub(super) struct Values<'a> {
    sources: &'a Sources<'a>,
    found: &'a Found,
    /// Results of calls over paths that were needed so far.
    collected: RefCell<Vec<Option<ArrayRef>>>,
}

impl<'a> Values<'a> {
    /// Values over these matches.
    pub fn new(sources: &'a Sources<'a>, found: &'a Found) -> Self {
        Self { sources, found, collected: RefCell::new(vec![None; sources.collected.len()]) }
    }

    /// The values of an expression, one a match.
    pub fn evaluate(&self, expr: &Evaluable) -> Bind<ArrayRef> {
        let arrays = expr.inputs().iter().map(|input| self.column(self.sources.origins[*input]));
        expr.evaluate(arrays.collect::<Bind<_>>()?, self.found.len)
    }

    fn column(&self, origin: Origin) -> Bind<ArrayRef> {
        match origin {
            Origin::Node(slot, what) => self.sources.of_some_nodes(what, &self.found.nodes[slot]),
            Origin::Edge(slot, property) => picked(&self.sources.of_edges(property), &self.found.edges[slot]),
            Origin::Collected(index) => self.call(index),
            Origin::Step(..) | Origin::Inner(..) => {
                Err(DataFusionError::Internal("a path's property stands outside of the path".to_owned()).into())
            }
        }
    }

    /// The results of a call over paths.
    fn call(&self, index: usize) -> Bind<ArrayRef> {
        if let Some(known) = &self.collected.borrow()[index] {
            return Ok(Arc::clone(known));
        }
        let (call, value) = &self.sources.collected[index];
        let paths = &self.found.paths[call.path];
        let runs = if call.is_inner { &paths.inner } else { &paths.edges };
        let matches: Vec<u32> =
            runs.bounds().zip(0_u32..).flat_map(|((start, end), at)| std::iter::repeat_n(at, end - start)).collect();
        let mut arrays = Vec::with_capacity(value.inputs().len());
        for input in value.inputs() {
            arrays.push(match self.sources.origins[*input] {
                Origin::Step(_, property) => picked(&self.sources.of_edges(property), &runs.items)?,
                Origin::Inner(_, what) => self.sources.of_some_nodes(what, &runs.items)?,
                outer => picked(&self.column(outer)?, &matches)?,
            });
        }
        let values = value.evaluate(arrays, runs.items.len())?;
        let result = gathered(call, &values, runs);
        self.collected.borrow_mut()[index] = Some(Arc::clone(&result));
        Ok(result)
    }
}

/// The values at the elements of each path as one value.
fn gathered(call: &Collected, values: &ArrayRef, runs: &Runs) -> ArrayRef {
    let holds = |at: usize| values.as_boolean_opt().is_some_and(|array| array.is_valid(at) && array.value(at));
    match call.how {
        Collecting::All => {
            Arc::new(runs.bounds().map(|(start, end)| Some((start..end).all(holds))).collect::<BooleanArray>())
        }
        Collecting::Any => {
            Arc::new(runs.bounds().map(|(start, end)| Some((start..end).any(holds))).collect::<BooleanArray>())
        }
        Collecting::Map => Arc::new(
            runs.bounds()
                .map(|(start, end)| {
                    let mut json = String::new();
                    let mut writer = ArrayWriter::new(&mut json);
                    for at in start..end {
                        write_value(writer.element(), &Value::from_array(values, at, call.value.ty));
                    }
                    writer.end();
                    Some(json)
                })
                .collect::<StringViewArray>(),
        ),
    }
}

fn picked(array: &ArrayRef, rows: &[u32]) -> Bind<ArrayRef> {
    let rows = UInt32Array::from(rows.to_vec());
    take(array, &rows, None).map_err(|error| Stop::from(DataFusionError::from(error)))
}
