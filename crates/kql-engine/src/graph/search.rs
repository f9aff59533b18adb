//! Searches a graph for a pattern and computes the columns of the result.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, BooleanArray, UInt64Array};
use arrow::compute::{concat, filter, take};
use datafusion::error::DataFusionError;

use super::conditions::{Conditions, is_true};
use super::found::{Found, Sources, Values};
use super::matcher::{Current, Cycles, Matcher};
use super::shortest::Shortest;
use super::{Collected, Origin, Pattern, PropertyGraph};
use crate::binder::{Bind, Stop};
use crate::computed::Watch;
use crate::evaluation::Evaluable;

/// Most matches that one search gives.
const MAX_MATCHES: usize = 10_000_000;
/// Matches whose columns are computed at once.
const BATCH: usize = 4_096;

/// Which matches are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All, but for cycles.
    Matches(Cycles),
    /// For each pair of ends, one of the shortest.
    AnyShortest,
    /// For each pair of ends, all of the shortest.
    AllShortest,
}

/// A search that is ready to run.
pub(crate) struct Search<'a> {
    /// The graph.
    pub graph: &'a PropertyGraph,
    /// The ids of its nodes as text.
    pub id_texts: ArrayRef,
    /// What is searched for.
    pub pattern: &'a Pattern,
    /// Where the columns of expressions come from.
    pub origins: &'a [Origin],
    /// Calls over paths.
    pub collected: &'a [(Collected, Evaluable)],
    /// Which matches count.
    pub conditions: &'a Conditions,
    /// The columns of the result.
    pub columns: &'a [Evaluable],
    /// When to stop.
    pub watch: Watch<'a>,
}

impl Search<'_> {
    /// The columns of the result, each over all matches.
    pub fn run(&self, wanted: Wanted) -> Bind<Vec<ArrayRef>> {
        let sources =
            Sources { graph: self.graph, id_texts: &self.id_texts, origins: self.origins, collected: self.collected };
        let filters = self.conditions.filters(&sources)?;
        let nodes = self.graph.node_count();
        let mut sink = Sink::new(self, &sources, wanted);
        let cycles = match wanted {
            Wanted::Matches(cycles) => cycles,
            _ => {
                let mut shortest = Shortest::new(&self.graph.topology, nodes, self.pattern, &filters, self.watch);
                if shortest.is_breadth_first(self.conditions.is_rest_of_nodes) {
                    shortest.run(wanted == Wanted::AllShortest, &mut sink)?;
                    return sink.finish();
                }
                Cycles::UniqueEdges
            }
        };
        Matcher::new(&self.graph.topology, nodes, self.pattern, &filters, cycles, self.watch).run(nodes, &mut sink)?;
        sink.finish()
    }
}

/// Takes matches, drops those that the rest of the condition refuses, and computes the columns.
pub(super) struct Sink<'a> {
    search: &'a Search<'a>,
    sources: &'a Sources<'a>,
    found: Found,
    /// Ends and lengths of the matches, where only the shortest are wanted.
    lengths: Vec<(u32, u32, usize)>,
    kept_lengths: Vec<(u32, u32, usize)>,
    batches: Vec<Vec<ArrayRef>>,
    count: usize,
    wanted: Wanted,
}

impl<'a> Sink<'a> {
    fn new(search: &'a Search<'a>, sources: &'a Sources<'a>, wanted: Wanted) -> Self {
        let (nodes, edges) = (search.pattern.nodes.len(), search.pattern.edges.len());
        Self {
            search,
            sources,
            found: Found::new(nodes, edges),
            lengths: Vec::new(),
            kept_lengths: Vec::new(),
            batches: vec![Vec::new(); search.columns.len()],
            count: 0,
            wanted,
        }
    }

    /// Takes a match.
    pub fn push(&mut self, current: &Current) -> Bind<()> {
        for (nodes, node) in self.found.nodes.iter_mut().zip(&current.nodes) {
            nodes.push(node.unwrap_or_default());
        }
        let mut length = 0;
        for (index, edge) in self.search.pattern.edges.iter().enumerate() {
            if edge.length.is_none() {
                self.found.edges[index].push(current.edges[index]);
                length += 1;
                continue;
            }
            let (path, found) = (&current.paths[index], &mut self.found.paths[index]);
            length += path.edges.len();
            if path.is_reversed {
                found.edges.push(path.edges.iter().rev().copied());
                found.inner.push(path.inner.iter().rev().copied());
            } else {
                found.edges.push(path.edges.iter().copied());
                found.inner.push(path.inner.iter().copied());
            }
        }
        if !matches!(self.wanted, Wanted::Matches(_)) {
            let ends = (current.nodes.first(), current.nodes.last());
            if let (Some(Some(first)), Some(Some(last))) = ends {
                self.lengths.push((*first, *last, length));
            }
        }
        self.found.len += 1;
        if self.found.len >= BATCH { self.flush() } else { Ok(()) }
    }

    /// Computes the columns of the matches taken so far.
    fn flush(&mut self) -> Bind<()> {
        let (nodes, edges) = (self.found.nodes.len(), self.found.edges.len());
        let found = std::mem::replace(&mut self.found, Found::new(nodes, edges));
        let lengths = std::mem::take(&mut self.lengths);
        self.search.watch.check()?;
        if found.len == 0 {
            return Ok(());
        }
        let values = Values::new(self.sources, &found);
        let mut kept = vec![true; found.len];
        for condition in &self.search.conditions.rest {
            let holds = values.evaluate(condition)?;
            for (row, kept) in kept.iter_mut().enumerate() {
                *kept &= is_true(&holds, row);
            }
        }
        self.count += kept.iter().filter(|kept| **kept).count();
        if self.count > MAX_MATCHES {
            let message = format!("pattern has more than {MAX_MATCHES} matches");
            let span = kql_syntax::Span::default();
            return Err(kql_syntax::Diagnostic::error(crate::diagnostics::TOO_MANY, span, message).into());
        }
        self.kept_lengths.extend(lengths.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(length, _)| *length));
        let mask = BooleanArray::from(kept);
        for (expr, batches) in self.search.columns.iter().zip(&mut self.batches) {
            batches.push(filter(&values.evaluate(expr)?, &mask).map_err(failed)?);
        }
        Ok(())
    }

    /// The columns of the result.
    fn finish(mut self) -> Bind<Vec<ArrayRef>> {
        self.flush()?;
        let shortest = (!matches!(self.wanted, Wanted::Matches(_))).then(|| self.shortest());
        let mut columns = Vec::with_capacity(self.batches.len());
        for (expr, batches) in self.search.columns.iter().zip(&self.batches) {
            let parts: Vec<&dyn Array> = batches.iter().map(AsRef::as_ref).collect();
            let column = match parts.is_empty() {
                true => arrow::array::new_empty_array(&expr.ty().arrow()),
                false => concat(&parts).map_err(failed)?,
            };
            columns.push(match &shortest {
                Some(rows) => take(&column, rows, None).map_err(failed)?,
                None => column,
            });
        }
        Ok(columns)
    }

    /// The matches that are the shortest between their ends.
    fn shortest(&self) -> UInt64Array {
        let mut best: HashMap<(u32, u32), usize> = HashMap::new();
        for (first, last, length) in &self.kept_lengths {
            best.entry((*first, *last)).and_modify(|known| *known = (*known).min(*length)).or_insert(*length);
        }
        let mut rows = Vec::new();
        for (row, (first, last, length)) in (0_u64..).zip(&self.kept_lengths) {
            if best.get(&(*first, *last)) != Some(length) {
                continue;
            }
            rows.push(row);
            if self.wanted == Wanted::AnyShortest {
                best.remove(&(*first, *last));
            }
        }
        UInt64Array::from(rows)
    }
}

fn failed(error: arrow::error::ArrowError) -> Stop {
    Stop::from(DataFusionError::from(error))
}
