//! The shortest paths of one edge of variable length, breadth first.

use kql_syntax::EdgeDirection;

use super::conditions::Filters;
use super::matcher::{Current, allows, neighbors};
use super::search::Sink;
use super::{Pattern, Topology};
use crate::binder::Bind;
use crate::computed::Watch;

/// Steps between two looks at the clock.
const STEPS_BETWEEN_CHECKS: usize = 10_000;
/// Not reached.
const FAR: u32 = u32::MAX;

/// The search for shortest paths in one graph.
pub(super) struct Shortest<'a> {
    topology: &'a Topology,
    nodes: usize,
    pattern: &'a Pattern,
    filters: &'a Filters,
    watch: Watch<'a>,
    steps: usize,
    /// How far each node is from the start.
    distances: Vec<u32>,
    /// The last edges of the shortest paths to each node, with the nodes before.
    before: Vec<Vec<(u32, u32)>>,
    /// The same for the shortest way back to the start, and its length.
    back: (u32, Vec<(u32, u32)>),
}

impl<'a> Shortest<'a> {
    /// A search for a path pattern.
    pub fn new(
        topology: &'a Topology,
        nodes: usize,
        pattern: &'a Pattern,
        filters: &'a Filters,
        watch: Watch<'a>,
    ) -> Self {
        Self {
            topology,
            nodes,
            pattern,
            filters,
            watch,
            steps: 0,
            distances: vec![FAR; nodes],
            before: vec![Vec::new(); nodes],
            back: (FAR, Vec::new()),
        }
    }

    /// Whether a search that reaches each node once finds all shortest paths: with a single edge of variable length that
    /// may be short, and conditions that the path itself has no part in. Back to the start without direction, the
    /// shortest way would take an edge twice.
    pub fn is_breadth_first(&self, is_rest_of_nodes: bool) -> bool {
        let [edge] = self.pattern.edges.as_slice() else { return false };
        let Some((fewest, _)) = edge.length else { return false };
        let all = 0..u32::try_from(self.nodes).unwrap_or(u32::MAX);
        let may_return = edge.left == edge.right
            || all.into_iter().any(|node| {
                allows(&self.filters.nodes[edge.left], node) && allows(&self.filters.nodes[edge.right], node)
            });
        let returns_by_the_same_edge = edge.direction == EdgeDirection::Any && may_return && fewest > 0;
        is_rest_of_nodes && fewest <= 1 && edge.left != edge.right && !returns_by_the_same_edge
    }

    /// Gives a path, or all, for each pair of ends to the sink.
    pub fn run(&mut self, wants_all: bool, sink: &mut Sink<'_>) -> Bind<()> {
        if self.filters.is_impossible {
            return Ok(());
        }
        for start in 0..u32::try_from(self.nodes).unwrap_or(u32::MAX) {
            if allows(&self.filters.nodes[self.pattern.edges[0].left], start) {
                let reached = self.spread(start, wants_all)?;
                self.give(start, &reached, wants_all, sink)?;
                for node in reached {
                    self.distances[node as usize] = FAR;
                    self.before[node as usize].clear();
                }
                self.distances[start as usize] = FAR;
                self.back = (FAR, Vec::new());
            }
        }
        Ok(())
    }

    fn tick(&mut self) -> Bind<()> {
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_BETWEEN_CHECKS) { self.watch.check() } else { Ok(()) }
    }

    /// Reaches nodes from a start, level by level; the nodes in the order reached.
    fn spread(&mut self, start: u32, wants_all: bool) -> Bind<Vec<u32>> {
        let edge = &self.pattern.edges[0];
        let (direction, most) = (edge.direction, edge.length.map_or(0, |(_, most)| most));
        self.distances[start as usize] = 0;
        let mut reached: Vec<u32> = Vec::new();
        let mut level = vec![start];
        for distance in 1..=most {
            let mut next_level = Vec::new();
            for node in level {
                if distance > 1 && !allows(&self.filters.inner[0], node) {
                    continue;
                }
                for (edge, next) in neighbors(self.topology, node, direction, false) {
                    self.tick()?;
                    if !allows(&self.filters.steps[0], edge) {
                        continue;
                    }
                    if next == start {
                        if self.back.0 == FAR || (wants_all && self.back.0 == distance) {
                            self.back.0 = distance;
                            self.back.1.push((edge, node));
                        }
                        continue;
                    }
                    let known = self.distances[next as usize];
                    if known == FAR {
                        self.distances[next as usize] = distance;
                        next_level.push(next);
                    }
                    if known == FAR || (wants_all && known == distance) {
                        self.before[next as usize].push((edge, node));
                    }
                }
            }
            if next_level.is_empty() {
                break;
            }
            reached.extend(&next_level);
            level = next_level;
        }
        Ok(reached)
    }

    fn give(&mut self, start: u32, reached: &[u32], wants_all: bool, sink: &mut Sink<'_>) -> Bind<()> {
        let edge = &self.pattern.edges[0];
        let fewest = edge.length.map_or(0, |(fewest, _)| fewest);
        let mut current = Current::new(self.pattern);
        current.nodes[edge.left] = Some(start);
        // Paths are followed back from their ends.
        current.paths[0].is_reversed = true;
        let ends = std::iter::once(&start).chain(reached).filter(|end| allows(&self.filters.nodes[edge.right], **end));
        for end in ends.copied().collect::<Vec<_>>() {
            current.nodes[edge.right] = Some(end);
            if end != start {
                self.follow(end, start, &mut current, wants_all, sink)?;
            } else if fewest == 0 {
                sink.push(&current)?;
            } else {
                for (edge, node) in self.back.1.clone() {
                    self.step_back((edge, node), start, &mut current, wants_all, sink)?;
                }
            }
        }
        Ok(())
    }

    /// Follows the shortest paths from a node back to the start.
    fn follow(
        &mut self,
        node: u32,
        start: u32,
        current: &mut Current,
        wants_all: bool,
        sink: &mut Sink<'_>,
    ) -> Bind<()> {
        if node == start {
            return sink.push(current);
        }
        for index in 0..self.before[node as usize].len() {
            let step = self.before[node as usize][index];
            self.step_back(step, start, current, wants_all, sink)?;
        }
        Ok(())
    }

    fn step_back(
        &mut self,
        (edge, node): (u32, u32),
        start: u32,
        current: &mut Current,
        wants_all: bool,
        sink: &mut Sink<'_>,
    ) -> Bind<()> {
        self.tick()?;
        current.paths[0].edges.push(edge);
        if node != start {
            current.paths[0].inner.push(node);
        }
        self.follow(node, start, current, wants_all, sink)?;
        if node != start {
            current.paths[0].inner.pop();
        }
        current.paths[0].edges.pop();
        Ok(())
    }
}
