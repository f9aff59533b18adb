//! Operators that take their rows apart into groups: `top-nested`, `partition`, `fork`, `facet`, `reduce`.

use super::table::stages;
use super::{atom, named, node, optional, parameters, section};
use crate::dump::{Node, list, name};
use crate::{ForkLeg, NestedLevel, OperatorKind};

pub(super) fn operator(kind: &OperatorKind) -> Option<Node> {
    Some(match kind {
        OperatorKind::TopNested(levels) => list("top-nested", levels.iter().map(level)),
        OperatorKind::TopHitters { count, of, by } => {
            let by = by.as_ref().map(|by| list("by", [named(by)]));
            list("top-hitters", [node(count), named(of)].into_iter().chain(by))
        }
        OperatorKind::Partition { parameters: hints, by, body, .. } => {
            list("partition", parameters(hints).into_iter().chain([node(by), node(body)]))
        }
        OperatorKind::Fork(legs) => list("fork", legs.iter().map(leg)),
        OperatorKind::Facet { by, body } => {
            list("facet", by.iter().map(named).chain(body.as_ref().map(|body| list("with", [stages(body)]))))
        }
        OperatorKind::Reduce { parameters: options, by, properties } => {
            let properties = section("with", parameters(properties));
            list("reduce", parameters(options).into_iter().chain([named(by)]).chain(properties))
        }
        _ => return None,
    })
}

fn level(level: &NestedLevel) -> Node {
    let count = level.count.as_ref().map_or_else(|| atom("all"), node);
    let others = optional("others", level.others.as_ref());
    let order = level.ascending.map(|ascending| atom(if ascending { "asc" } else { "desc" }));
    let by = list("by", [named(&level.by)].into_iter().chain(order));
    list("level", [count, named(&level.of)].into_iter().chain(others).chain([by]))
}

fn leg(leg: &ForkLeg) -> Node {
    match &leg.name {
        Some(given) => list("=", [name(&given.name), stages(&leg.body)]),
        None => stages(&leg.body),
    }
}
