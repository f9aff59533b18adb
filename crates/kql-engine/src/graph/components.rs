//! Connected components of a graph.

use super::Topology;
use crate::binder::Bind;
use crate::computed::Watch;

/// Steps between two looks at the clock.
const STEPS_BETWEEN_CHECKS: usize = 100_000;
/// No component yet.
const NONE: u32 = u32::MAX;

/// The component of each node if edges join in both directions; components are numbered by their first nodes.
pub(crate) fn weak(topology: &Topology, nodes: usize, watch: Watch<'_>) -> Bind<Vec<u32>> {
    let mut parents: Vec<u32> = (0..u32::try_from(nodes).unwrap_or(NONE)).collect();
    for (step, (source, target)) in topology.sources.iter().zip(&topology.targets).enumerate() {
        if step.is_multiple_of(STEPS_BETWEEN_CHECKS) {
            watch.check()?;
        }
        let (a, b) = (root(&mut parents, *source), root(&mut parents, *target));
        parents[a.max(b) as usize] = a.min(b);
    }
    let roots: Vec<u32> =
        (0..parents.len()).map(|node| root(&mut parents, u32::try_from(node).unwrap_or(NONE))).collect();
    Ok(numbered(&roots))
}

fn root(parents: &mut [u32], mut node: u32) -> u32 {
    while parents[node as usize] != node {
        let above = parents[parents[node as usize] as usize];
        parents[node as usize] = above;
        node = above;
    }
    node
}

/// The component of each node if every two nodes of one reach each other: Tarjan's algorithm, without recursion
/// ("Depth-first search and linear graph algorithms", 1972).
pub(crate) fn strong(topology: &Topology, nodes: usize, watch: Watch<'_>) -> Bind<Vec<u32>> {
    let mut tarjan = Tarjan {
        topology,
        indexes: vec![NONE; nodes],
        lows: vec![0; nodes],
        on_stack: vec![false; nodes],
        stack: Vec::new(),
        components: vec![NONE; nodes],
        next: 0,
    };
    for node in 0..nodes {
        if node.is_multiple_of(STEPS_BETWEEN_CHECKS) {
            watch.check()?;
        }
        if tarjan.indexes[node] == NONE {
            tarjan.visit(u32::try_from(node).unwrap_or(NONE), watch)?;
        }
    }
    Ok(numbered(&tarjan.components))
}

struct Tarjan<'a> {
    topology: &'a Topology,
    indexes: Vec<u32>,
    lows: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<u32>,
    components: Vec<u32>,
    next: u32,
}

impl Tarjan<'_> {
    fn visit(&mut self, start: u32, watch: Watch<'_>) -> Bind<()> {
        self.open(start);
        let mut calls = vec![(start, 0)];
        let mut steps = 0_usize;
        while let Some((node, edge)) = calls.pop() {
            steps += 1;
            if steps.is_multiple_of(STEPS_BETWEEN_CHECKS) {
                watch.check()?;
            }
            let Some(next) = self.topology.outgoing(node).get(edge) else {
                self.close(node);
                if let Some((parent, _)) = calls.last() {
                    let low = self.lows[node as usize];
                    let above = &mut self.lows[*parent as usize];
                    *above = low.min(*above);
                }
                continue;
            };
            let target = self.topology.targets[*next as usize];
            calls.push((node, edge + 1));
            if self.indexes[target as usize] == NONE {
                self.open(target);
                calls.push((target, 0));
            } else if self.on_stack[target as usize] {
                let low = &mut self.lows[node as usize];
                *low = self.indexes[target as usize].min(*low);
            }
        }
        Ok(())
    }

    fn open(&mut self, node: u32) {
        self.indexes[node as usize] = self.next;
        self.lows[node as usize] = self.next;
        self.next += 1;
        self.stack.push(node);
        self.on_stack[node as usize] = true;
    }

    fn close(&mut self, node: u32) {
        if self.lows[node as usize] != self.indexes[node as usize] {
            return;
        }
        while let Some(member) = self.stack.pop() {
            self.on_stack[member as usize] = false;
            self.components[member as usize] = node;
            if member == node {
                return;
            }
        }
    }
}

/// Numbers from 0 in the order in which the marks first come.
fn numbered(marks: &[u32]) -> Vec<u32> {
    let mut numbers = std::collections::HashMap::new();
    marks
        .iter()
        .map(|mark| {
            let next = u32::try_from(numbers.len()).unwrap_or(NONE);
            *numbers.entry(*mark).or_insert(next)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CancelToken;

    fn graph() -> Topology {
        // 0 -> 1 -> 2 -> 0, 2 -> 3, 4 alone, 5 <-> 6.
        Topology::new(7, vec![0, 1, 2, 2, 5, 6], vec![1, 2, 0, 3, 6, 5])
    }

    #[test]
    fn weak_components_ignore_the_direction() {
        assert_eq!(weak(&graph(), 7, Watch::new(None, &CancelToken::default())).ok(), Some(vec![0, 0, 0, 0, 1, 2, 2]));
    }

    #[test]
    fn strong_components_reach_each_other() {
        assert_eq!(
            strong(&graph(), 7, Watch::new(None, &CancelToken::default())).ok(),
            Some(vec![0, 0, 0, 1, 2, 3, 3])
        );
    }
}
