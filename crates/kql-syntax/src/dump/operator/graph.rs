//! Graphs and `scan`.

use super::{atom, column, named, node, operators, parameters, section, sort_key};
use crate::dump::{Node, list, name};
use crate::{
    DefaultedColumn, EdgeDirection, GraphEdge, GraphMatch, GraphPath, GraphTable, MakeGraph, OperatorKind, Scan,
    ScanStep, StepOutput,
};

pub(super) fn operator(kind: &OperatorKind) -> Option<Node> {
    Some(match kind {
        OperatorKind::Scan(parts) => scan(parts),
        OperatorKind::MakeGraph(parts) => make_graph(parts),
        OperatorKind::GraphMatch(parts) => graph_match("graph-match", parts),
        OperatorKind::GraphShortestPaths(parts) => graph_match("graph-shortest-paths", parts),
        OperatorKind::GraphToTable(outputs) => list("graph-to-table", outputs.iter().map(graph_table)),
        OperatorKind::GraphMarkComponents(options) => list("graph-mark-components", parameters(options)),
        OperatorKind::GraphWhereNodes(condition) => list("graph-where-nodes", [node(condition)]),
        OperatorKind::GraphWhereEdges(condition) => list("graph-where-edges", [node(condition)]),
        _ => return None,
    })
}

fn scan(parts: &Scan) -> Node {
    let order = section("order", parts.order.iter().map(sort_key).collect());
    let partition = section("partition", parts.partition.iter().map(named).collect());
    let declared = section("declare", parts.declared.iter().map(defaulted).collect());
    let head = parameters(&parts.parameters).into_iter().chain(order).chain(partition).chain(declared);
    list("scan", head.chain(parts.steps.iter().map(step)))
}

fn defaulted(declared: &DefaultedColumn) -> Node {
    match &declared.default {
        Some(default) => list("=", [column(&declared.column), node(default)]),
        None => column(&declared.column),
    }
}

fn step(step: &ScanStep) -> Node {
    let output = match step.output {
        StepOutput::All => None,
        StepOutput::Last => Some(atom("last")),
        StepOutput::None => Some(atom("none")),
    };
    let optional = step.is_optional.then(|| atom("optional"));
    let head = [name(&step.name.name)].into_iter().chain(optional).chain(output);
    list("step", head.chain([node(&step.condition)]).chain(step.assignments.iter().map(named)))
}

fn make_graph(parts: &MakeGraph) -> Node {
    let ends = [name(&parts.source.name), name(&parts.target.name)];
    let id = parts.node_id.iter().map(|id| list("node-id", [name(&id.name)]));
    let nodes = parts.nodes.iter().map(|nodes| list("nodes", [node(&nodes.table), name(&nodes.id.name)]));
    let partition = parts.partition.iter().map(|partition| {
        list("partitioned-by", [node(&partition.column)].into_iter().chain(operators(&partition.body)))
    });
    list("make-graph", parameters(&parts.parameters).into_iter().chain(ends).chain(id).chain(nodes).chain(partition))
}

fn graph_match(word: &str, parts: &GraphMatch) -> Node {
    let condition = parts.condition.iter().map(|condition| list("where", [node(condition)]));
    let project = section("project", parts.project.iter().map(named).collect());
    let head = parameters(&parts.parameters).into_iter().chain(parts.paths.iter().map(path));
    list(word, head.chain(condition).chain(project))
}

fn path(path: &GraphPath) -> Node {
    let mut parts = Vec::new();
    for (index, end) in path.nodes.iter().enumerate() {
        let inner = end.name.iter().map(|given| name(&given.name)).collect();
        parts.push(Node::List(inner));
        parts.extend(path.edges.get(index).map(edge));
    }
    list("path", parts)
}

fn edge(edge: &GraphEdge) -> Node {
    let word = match edge.direction {
        EdgeDirection::Right => "->",
        EdgeDirection::Left => "<-",
        EdgeDirection::Any => "--",
    };
    let range = edge.range.iter().flat_map(|(low, high)| [node(low), node(high)]);
    list(word, edge.name.iter().map(|given| name(&given.name)).chain(range))
}

fn graph_table(table: &GraphTable) -> Node {
    let alias = table.name.iter().map(|alias| list("as", [name(&alias.name)]));
    list(if table.is_edges { "edges" } else { "nodes" }, alias.chain(parameters(&table.parameters)))
}
