//! Finds all places in a graph where a pattern stands.

use kql_syntax::EdgeDirection;

use super::conditions::Filters;
use super::search::Sink;
use super::{Pattern, Topology};
use crate::binder::Bind;
use crate::computed::Watch;

/// Steps between two looks at the clock.
const STEPS_BETWEEN_CHECKS: usize = 10_000;

/// `cycles=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cycles {
    /// Edges and nodes may come again.
    All,
    /// No edge comes twice in a match.
    UniqueEdges,
    /// No node comes twice in a match.
    None,
}

/// An edge of the pattern to follow, from a node that is known.
#[derive(Debug, Clone, Copy)]
struct Stage {
    edge: usize,
    near: usize,
    far: usize,
    is_reversed: bool,
}

/// The search in one graph.
pub(super) struct Matcher<'a> {
    topology: &'a Topology,
    pattern: &'a Pattern,
    filters: &'a Filters,
    cycles: Cycles,
    watch: Watch<'a>,
    steps: usize,
    stages: Vec<Stage>,
    used_edges: Vec<bool>,
    used_nodes: Vec<bool>,
    /// The match so far.
    pub current: Current,
}

/// A match that is being put together.
#[derive(Debug, Default)]
pub(super) struct Current {
    pub nodes: Vec<Option<u32>>,
    pub edges: Vec<u32>,
    pub paths: Vec<CurrentPath>,
}

/// A path that is being put together, as it is walked.
#[derive(Debug, Default)]
pub(super) struct CurrentPath {
    pub edges: Vec<u32>,
    pub inner: Vec<u32>,
    /// Walked from right to left.
    pub is_reversed: bool,
}

impl Current {
    /// Room for a match of the pattern.
    pub fn new(pattern: &Pattern) -> Self {
        let mut paths = Vec::new();
        paths.resize_with(pattern.edges.len(), CurrentPath::default);
        Self { nodes: vec![None; pattern.nodes.len()], edges: vec![0; pattern.edges.len()], paths }
    }
}

impl<'a> Matcher<'a> {
    /// A search for a connected pattern.
    pub fn new(
        topology: &'a Topology,
        nodes: usize,
        pattern: &'a Pattern,
        filters: &'a Filters,
        cycles: Cycles,
        watch: Watch<'a>,
    ) -> Self {
        Self {
            topology,
            pattern,
            filters,
            cycles,
            watch,
            steps: 0,
            stages: Vec::new(),
            used_edges: if cycles == Cycles::UniqueEdges { vec![false; topology.sources.len()] } else { Vec::new() },
            used_nodes: if cycles == Cycles::None { vec![false; nodes] } else { Vec::new() },
            current: Current::new(pattern),
        }
    }

    /// Gives all matches to the sink.
    pub fn run(&mut self, nodes: usize, sink: &mut Sink<'_>) -> Bind<()> {
        if self.filters.is_impossible {
            return Ok(());
        }
        let candidates = |slot: usize| match &self.filters.nodes[slot] {
            Some(allowed) => allowed.iter().filter(|allowed| **allowed).count(),
            None => nodes,
        };
        let Some(start) = (0..self.pattern.nodes.len()).min_by_key(|slot| candidates(*slot)) else { return Ok(()) };
        self.stages = stages(self.pattern, start);
        for node in 0..u32::try_from(nodes).unwrap_or(u32::MAX) {
            if self.may_stand(start, node) {
                self.current.nodes[start] = Some(node);
                self.mark_node(node, true);
                self.stage(0, sink)?;
                self.mark_node(node, false);
                self.current.nodes[start] = None;
            }
        }
        Ok(())
    }

    fn tick(&mut self) -> Bind<()> {
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_BETWEEN_CHECKS) { self.watch.check() } else { Ok(()) }
    }

    fn may_stand(&self, slot: usize, node: u32) -> bool {
        allows(&self.filters.nodes[slot], node)
    }

    fn mark_node(&mut self, node: u32, used: bool) {
        if self.cycles == Cycles::None {
            self.used_nodes[node as usize] = used;
        }
    }

    fn mark_edge(&mut self, edge: u32, used: bool) {
        if self.cycles == Cycles::UniqueEdges {
            self.used_edges[edge as usize] = used;
        }
    }

    /// Whether an edge may be taken to a node.
    fn is_free(&self, edge: u32, node: u32) -> bool {
        match self.cycles {
            Cycles::All => true,
            Cycles::UniqueEdges => !self.used_edges[edge as usize],
            Cycles::None => !self.used_nodes[node as usize],
        }
    }

    fn stage(&mut self, index: usize, sink: &mut Sink<'_>) -> Bind<()> {
        self.tick()?;
        let Some(stage) = self.stages.get(index).copied() else { return sink.push(&self.current) };
        let Some(near) = self.current.nodes[stage.near] else { return Ok(()) };
        match self.pattern.edges[stage.edge].length {
            None => self.single(index, stage, near, sink),
            Some((fewest, most)) => {
                self.current.paths[stage.edge].is_reversed = stage.is_reversed;
                self.walk(index, stage, near, (fewest, most), sink)
            }
        }
    }

    fn single(&mut self, index: usize, stage: Stage, near: u32, sink: &mut Sink<'_>) -> Bind<()> {
        let direction = self.pattern.edges[stage.edge].direction;
        for (edge, next) in neighbors(self.topology, near, direction, stage.is_reversed) {
            self.tick()?;
            if !allows(&self.filters.edges[stage.edge], edge) || !self.is_free(edge, next) {
                continue;
            }
            self.mark_edge(edge, true);
            self.current.edges[stage.edge] = edge;
            self.arrive(index, stage, next, true, sink)?;
            self.mark_edge(edge, false);
        }
        Ok(())
    }

    /// Goes on with the next stage if the far end may be this node.
    fn arrive(&mut self, index: usize, stage: Stage, node: u32, is_new: bool, sink: &mut Sink<'_>) -> Bind<()> {
        match self.current.nodes[stage.far] {
            Some(known) if known != node => Ok(()),
            Some(_) => self.stage(index + 1, sink),
            None if !self.may_stand(stage.far, node) => Ok(()),
            None => {
                if is_new {
                    self.mark_node(node, true);
                }
                self.current.nodes[stage.far] = Some(node);
                let result = self.stage(index + 1, sink);
                self.current.nodes[stage.far] = None;
                if is_new {
                    self.mark_node(node, false);
                }
                result
            }
        }
    }

    fn walk(
        &mut self,
        index: usize,
        stage: Stage,
        node: u32,
        (fewest, most): (u32, u32),
        sink: &mut Sink<'_>,
    ) -> Bind<()> {
        self.tick()?;
        let length = u32::try_from(self.current.paths[stage.edge].edges.len()).unwrap_or(u32::MAX);
        if length >= fewest {
            self.arrive(index, stage, node, false, sink)?;
        }
        if length >= most || (length > 0 && !allows(&self.filters.inner[stage.edge], node)) {
            return Ok(());
        }
        if length > 0 {
            self.current.paths[stage.edge].inner.push(node);
        }
        let direction = self.pattern.edges[stage.edge].direction;
        for (edge, next) in neighbors(self.topology, node, direction, stage.is_reversed) {
            self.tick()?;
            if !allows(&self.filters.steps[stage.edge], edge) || !self.is_free(edge, next) {
                continue;
            }
            self.mark_edge(edge, true);
            self.mark_node(next, true);
            self.current.paths[stage.edge].edges.push(edge);
            self.walk(index, stage, next, (fewest, most), sink)?;
            self.current.paths[stage.edge].edges.pop();
            self.mark_node(next, false);
            self.mark_edge(edge, false);
        }
        if length > 0 {
            self.current.paths[stage.edge].inner.pop();
        }
        Ok(())
    }
}

/// Whether an element is allowed.
pub(super) fn allows(filter: &Option<Vec<bool>>, element: u32) -> bool {
    filter.as_ref().is_none_or(|allowed| allowed[element as usize])
}

/// The edges that lead on from a node as the pattern's edge points, with the nodes they lead to.
pub(super) fn neighbors<'a>(
    topology: &'a Topology,
    node: u32,
    direction: EdgeDirection,
    is_reversed: bool,
) -> impl Iterator<Item = (u32, u32)> + 'a {
    let leaves = direction == EdgeDirection::Any || (direction == EdgeDirection::Right) != is_reversed;
    let enters = direction == EdgeDirection::Any || (direction == EdgeDirection::Left) != is_reversed;
    let is_any = direction == EdgeDirection::Any;
    let outgoing = if leaves { topology.outgoing(node) } else { &[] };
    let incoming = if enters { topology.incoming(node) } else { &[] };
    let outgoing = outgoing.iter().map(|edge| (*edge, topology.targets[*edge as usize]));
    let incoming = incoming.iter().map(|edge| (*edge, topology.sources[*edge as usize]));
    // A loop is one edge, whichever way it is taken.
    outgoing.chain(incoming.filter(move |(_, source)| !(is_any && *source == node)))
}

/// The edges of a connected pattern in an order in which each begins at a node that is known; single edges first.
fn stages(pattern: &Pattern, start: usize) -> Vec<Stage> {
    let mut known = vec![false; pattern.nodes.len()];
    known[start] = true;
    let mut left: Vec<usize> = (0..pattern.edges.len()).collect();
    let mut stages = Vec::with_capacity(left.len());
    loop {
        let reachable = left.iter().enumerate().filter_map(|(at, index)| {
            let edge = &pattern.edges[*index];
            let (from_left, from_right) = (known[edge.left], known[edge.right]);
            (from_left || from_right).then_some((edge.length.is_some(), !(from_left && from_right), at))
        });
        let Some((_, _, at)) = reachable.min() else { return stages };
        let index = left.remove(at);
        let edge = &pattern.edges[index];
        let is_reversed = !known[edge.left];
        let (near, far) = if is_reversed { (edge.right, edge.left) } else { (edge.left, edge.right) };
        known[far] = true;
        stages.push(Stage { edge: index, near, far, is_reversed });
    }
}
