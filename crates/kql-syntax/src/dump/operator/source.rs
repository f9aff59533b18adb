//! Sources, plugins, searches and operators without fields of their own.

use super::{atom, column, named, node, parameters, section, table, type_word};
use crate::dump::{Node, list, name};
use crate::{FoundColumn, OperatorKind};

pub(super) fn operator(kind: &OperatorKind) -> Option<Node> {
    Some(match kind {
        OperatorKind::Source(expr) => list("source", [node(expr)]),
        OperatorKind::Datatable { columns, values } => {
            let columns = Node::List(columns.iter().map(column).collect());
            list("datatable", [columns].into_iter().chain(values.iter().map(node)))
        }
        OperatorKind::ExternalData { columns, uris, parameters: options } => {
            let columns = Node::List(columns.iter().map(column).collect());
            list("externaldata", [columns].into_iter().chain(uris.iter().map(node)).chain(parameters(options)))
        }
        OperatorKind::Range { name: column, from, to, step } => {
            list("range", [name(&column.name), node(from), node(to), node(step)])
        }
        OperatorKind::Evaluate { parameters: hints, call, schema } => {
            let schema = schema.as_ref().map(|schema| {
                let star = schema.keeps_input.then(|| name("*"));
                list("schema", star.into_iter().chain(schema.columns.iter().map(column)))
            });
            list("evaluate", parameters(hints).into_iter().chain([node(call)]).chain(schema))
        }
        OperatorKind::Invoke(call) => list("invoke", [node(call)]),
        OperatorKind::Render { visualization, parameters: options } => {
            list("render", [name(&visualization.name)].into_iter().chain(parameters(options)))
        }
        OperatorKind::Search { parameters: options, tables, predicate } => {
            let tables = section("in", tables.iter().map(table).collect());
            list("search", parameters(options).into_iter().chain(tables).chain([node(predicate)]))
        }
        OperatorKind::Find { parameters: options, tables, predicate, project } => {
            let tables = section("in", tables.iter().map(table).collect());
            let project = section("project", project.iter().map(found_column).collect());
            list("find", parameters(options).into_iter().chain(tables).chain([node(predicate)]).chain(project))
        }
        OperatorKind::InlineExternalTable(columns) => list("inline_external_table", columns.iter().map(column)),
        OperatorKind::MacroExpand { parts } => list("macro-expand", parts.iter().map(node)),
        OperatorKind::Other { name: word, parts } => list(word, parts.iter().map(node)),
        _ => return None,
    })
}

/// An item after `project` of `find`, with its type where it has one.
fn found_column(found: &FoundColumn) -> Node {
    let item = named(&found.item);
    match found.ty {
        Some(ty) => list(":", [item, atom(type_word(ty))]),
        None => item,
    }
}
