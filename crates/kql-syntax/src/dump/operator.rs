//! Operators and their parts.

mod graph;
mod source;
mod split;
mod table;

use super::expression::node;
use super::{Node, list, name, text};
use crate::{
    ColumnDeclaration, Expr, JoinCondition, NamePattern, NamedExpr, Operator, OperatorKind, OperatorParameter,
    Pipeline, SortKey, TableReference, TypeName,
};

/// The stages of a pipeline.
pub(super) fn operators(pipeline: &Pipeline) -> Vec<Node> {
    pipeline.stages.iter().map(operator).collect()
}

fn operator(operator: &Operator) -> Node {
    let kind = &operator.kind;
    columns(kind)
        .or_else(|| rows(kind))
        .or_else(|| table::operator(kind))
        .or_else(|| source::operator(kind))
        .or_else(|| graph::operator(kind))
        .or_else(|| split::operator(kind))
        .unwrap_or_else(|| atom("<error>"))
}

/// Operators whose parts are columns.
fn columns(kind: &OperatorKind) -> Option<Node> {
    Some(match kind {
        OperatorKind::Extend(items) => list("extend", items.iter().map(named)),
        OperatorKind::Project(items) => list("project", items.iter().map(named)),
        OperatorKind::ProjectAway(patterns) => list("project-away", patterns.iter().map(pattern)),
        OperatorKind::ProjectKeep(patterns) => list("project-keep", patterns.iter().map(pattern)),
        OperatorKind::ProjectRename(items) => list("project-rename", items.iter().map(named)),
        OperatorKind::ProjectByNames(items) => list("project-by-names", items.iter().map(node)),
        OperatorKind::ProjectReorder(items) => list(
            "project-reorder",
            items.iter().map(|item| match &item.order {
                Some(order) => list(order, [pattern(&item.pattern)]),
                None => pattern(&item.pattern),
            }),
        ),
        OperatorKind::Distinct(items) => list("distinct", items.iter().map(named)),
        OperatorKind::Serialize(items) => list("serialize", items.iter().map(named)),
        OperatorKind::Print(items) => list("print", items.iter().map(named)),
        _ => return None,
    })
}

/// Operators that keep, drop or order rows.
fn rows(kind: &OperatorKind) -> Option<Node> {
    Some(match kind {
        OperatorKind::Where(condition) => list("where", [node(condition)]),
        OperatorKind::Sort(keys) => list("sort", keys.iter().map(sort_key)),
        OperatorKind::Top { count, by } => list("top", [node(count)].into_iter().chain(by.iter().map(sort_key))),
        OperatorKind::Take(count) => list("take", [node(count)]),
        OperatorKind::Sample(count) => list("sample", [node(count)]),
        OperatorKind::SampleDistinct { count, of } => list("sample-distinct", [node(count), named(of)]),
        OperatorKind::Count { name: column } => list("count", column.iter().map(|column| name(&column.name))),
        OperatorKind::GetSchema => list("getschema", []),
        OperatorKind::Consume => list("consume", []),
        OperatorKind::As { parameters: hints, name: alias } => {
            list("as", parameters(hints).into_iter().chain([name(&alias.name)]))
        }
        OperatorKind::AssertSchema(columns) => list("assert-schema", columns.iter().map(column)),
        _ => return None,
    })
}

fn atom(word: &str) -> Node {
    Node::Atom(word.to_owned())
}

fn named(item: &NamedExpr) -> Node {
    if item.names.is_empty() {
        return node(&item.expr);
    }
    list("=", item.names.iter().map(|given| name(&given.name)).chain([node(&item.expr)]))
}

/// `(word item…)`, nothing where there are no items.
fn section(word: &str, items: Vec<Node>) -> Option<Node> {
    (!items.is_empty()).then(|| list(word, items))
}

fn optional(word: &str, value: Option<&Expr>) -> Option<Node> {
    value.map(|value| list(word, [node(value)]))
}

fn parameters(parameters: &[OperatorParameter]) -> Vec<Node> {
    parameters.iter().map(|parameter| list("param", [name(&parameter.name.name), node(&parameter.value)])).collect()
}

fn pattern(pattern: &NamePattern) -> Node {
    name(&pattern.pattern)
}

fn sort_key(key: &SortKey) -> Node {
    let order = match key.ascending {
        Some(true) => "asc",
        Some(false) => "desc",
        None => "key",
    };
    let nulls = key.nulls_first.map(|first| atom(if first { "nulls-first" } else { "nulls-last" }));
    list(order, [node(&key.expr)].into_iter().chain(nulls))
}

fn condition(condition: &JoinCondition) -> Node {
    match condition {
        JoinCondition::Column(column) => name(&column.name),
        JoinCondition::Expr(expr) => node(expr),
    }
}

fn table(reference: &TableReference) -> Node {
    match reference {
        TableReference::Expr(expr) => node(expr),
        TableReference::Pattern(found) => list("pattern", [text(&found.pattern)]),
    }
}

/// `name:type`; a type alone has no name.
pub(super) fn column(column: &ColumnDeclaration) -> Node {
    let ty = atom(type_word(column.ty));
    if column.name.name.is_empty() { ty } else { list(":", [name(&column.name.name), ty]) }
}

pub(super) fn type_word(ty: TypeName) -> &'static str {
    match ty {
        TypeName::Bool => "bool",
        TypeName::Int => "int",
        TypeName::Long => "long",
        TypeName::Real => "real",
        TypeName::Decimal => "decimal",
        TypeName::String => "string",
        TypeName::Guid => "guid",
        TypeName::DateTime => "datetime",
        TypeName::TimeSpan => "timespan",
        TypeName::Dynamic => "dynamic",
    }
}
