//! Operators on whole tables: joins, aggregation, expansion, parsing of text.

use super::{atom, condition, named, node, optional, parameters, section, table, text, type_word};
use crate::dump::{Node, list, name};
use crate::{ExpandItem, OperatorKind, ParseItem, ParseKind, Pipeline, SeriesAggregate};

pub(super) fn operator(kind: &OperatorKind) -> Option<Node> {
    Some(match kind {
        OperatorKind::Summarize { parameters: hints, aggregates, by } => {
            let by = section("by", by.iter().map(named).collect());
            list("summarize", parameters(hints).into_iter().chain(aggregates.iter().map(named)).chain(by))
        }
        OperatorKind::Join { parameters: hints, right, on, filter } => {
            let on = section("on", on.iter().map(condition).collect());
            let filter = optional("where", filter.as_ref());
            list("join", parameters(hints).into_iter().chain([node(right)]).chain(on).chain(filter))
        }
        OperatorKind::Lookup { parameters: hints, right, on } => {
            let on = section("on", on.iter().map(condition).collect());
            list("lookup", parameters(hints).into_iter().chain([node(right)]).chain(on))
        }
        OperatorKind::Union { parameters: hints, inputs } => {
            list("union", parameters(hints).into_iter().chain(inputs.iter().map(table)))
        }
        OperatorKind::MvExpand { parameters: hints, items, limit, is_legacy } => {
            let word = if *is_legacy { "mvexpand" } else { "mv-expand" };
            list(
                word,
                parameters(hints)
                    .into_iter()
                    .chain(items.iter().map(expanded))
                    .chain(optional("limit", limit.as_ref())),
            )
        }
        OperatorKind::MvApply { parameters: hints, items, limit, body } => {
            let items = items.iter().map(expanded).chain(optional("limit", limit.as_ref())).chain([stages(body)]);
            list("mv-apply", parameters(hints).into_iter().chain(items))
        }
        OperatorKind::Parse { is_where, kind, flags, expr, pattern } => {
            let mode = match kind {
                ParseKind::Simple => None,
                ParseKind::Relaxed => Some(atom("relaxed")),
                ParseKind::Regex => Some(atom("regex")),
            };
            let flags = flags.as_ref().map(|flags| list("flags", [text(flags)]));
            let head = mode.into_iter().chain(flags).chain([node(expr)]);
            list(if *is_where { "parse-where" } else { "parse" }, head.chain(pattern.iter().map(parsed)))
        }
        OperatorKind::ParseKv { expr, columns, parameters: options } => list(
            "parse-kv",
            [node(expr)].into_iter().chain(columns.iter().map(super::column)).chain(parameters(options)),
        ),
        OperatorKind::MakeSeries { .. } => make_series(kind),
        _ => return None,
    })
}

fn make_series(kind: &OperatorKind) -> Node {
    let OperatorKind::MakeSeries { parameters: hints, aggregates, on, from, to, step, in_range, by } = kind else {
        return atom("<error>");
    };
    let bounds = [("from", from), ("to", to), ("step", step)];
    let bounds = bounds.into_iter().filter_map(|(word, bound)| optional(word, bound.as_ref()));
    let range = in_range.then(|| atom("in-range"));
    let by = section("by", by.iter().map(named).collect());
    let head = parameters(hints).into_iter().chain(aggregates.iter().map(aggregate)).chain([list("on", [named(on)])]);
    list("make-series", head.chain(range).chain(bounds).chain(by))
}

fn aggregate(item: &SeriesAggregate) -> Node {
    match &item.default {
        Some(default) => list("default", [named(&item.aggregate), node(default)]),
        None => named(&item.aggregate),
    }
}

pub(super) fn stages(body: &Pipeline) -> Node {
    list("pipe", super::operators(body))
}

fn expanded(item: &ExpandItem) -> Node {
    let given = item.name.as_ref().map(|given| list("name", [name(&given.name)]));
    let to = item.to.map(|ty| list("to", [atom(type_word(ty))]));
    list("item", given.into_iter().chain([node(&item.expr)]).chain(to))
}

fn parsed(item: &ParseItem) -> Node {
    match item {
        ParseItem::Text(value, _) => text(value),
        ParseItem::Star(_) => atom("*"),
        ParseItem::Column { name: column, ty } => {
            list(":", [name(&column.name)].into_iter().chain(ty.map(|ty| atom(type_word(ty)))))
        }
    }
}
