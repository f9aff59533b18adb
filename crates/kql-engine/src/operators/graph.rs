//! The operators on graphs: which stage makes what of a graph.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use kql_functions::Type;
use kql_syntax::{self as ast, Diagnostic, ExprKind, OperatorKind};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::graph::{PropertyGraph, strong, weak};
use crate::scope::Relation;

/// Columns with their values.
pub(super) struct Table {
    pub columns: Vec<(String, Type)>,
    pub arrays: Vec<ArrayRef>,
}

/// What a stage makes of a graph.
pub(super) enum Staged {
    /// Another graph.
    Graph(Arc<PropertyGraph>),
    /// A table.
    Table(Table),
}

impl Binder<'_> {
    /// An operator after a graph.
    pub(super) fn after_graph(
        &mut self,
        graph: &Arc<PropertyGraph>,
        stage: &ast::Operator,
        environment: &Environment,
    ) -> Bind<Relation> {
        match self.graph_stage(graph, stage, environment)? {
            Staged::Graph(graph) => Ok(Relation::of_graph(graph)),
            Staged::Table(Table { columns, arrays }) => self.table_of(&columns, arrays),
        }
    }

    /// What a stage makes of a graph.
    pub(super) fn graph_stage(
        &mut self,
        graph: &Arc<PropertyGraph>,
        stage: &ast::Operator,
        environment: &Environment,
    ) -> Bind<Staged> {
        match &stage.kind {
            OperatorKind::GraphMatch(parts) => {
                self.graph_match(graph, parts, stage.span, environment).map(Staged::Table)
            }
            OperatorKind::GraphShortestPaths(parts) => {
                self.graph_shortest_paths(graph, parts, stage.span, environment).map(Staged::Table)
            }
            OperatorKind::GraphToTable(outputs) => match outputs.as_slice() {
                [output] => self.graph_to_table(graph, output).map(Staged::Table),
                _ => {
                    let message = "`graph-to-table` gives two tables here";
                    let hint = "name both with `as`, end the statement and use the names in the next";
                    Err(Diagnostic::error(codes::INVALID_USE, stage.span, message).with_hint(hint).into())
                }
            },
            OperatorKind::GraphMarkComponents(parameters) => {
                self.graph_mark_components(graph, parameters).map(|graph| Staged::Graph(Arc::new(graph)))
            }
            OperatorKind::GraphWhereNodes(_) => Err(undocumented(stage.span, "graph-where-nodes")),
            OperatorKind::GraphWhereEdges(_) => Err(undocumented(stage.span, "graph-where-edges")),
            _ => {
                let message = "this operator takes a table, not a graph";
                let hint = "`graph-match` and `graph-to-table` make a table of a graph";
                Err(Diagnostic::error(codes::WRONG_KIND, stage.span, message).with_hint(hint).into())
            }
        }
    }

    /// Numbers the connected components; each node gets the number of its own.
    fn graph_mark_components(
        &mut self,
        graph: &PropertyGraph,
        parameters: &[ast::OperatorParameter],
    ) -> Bind<PropertyGraph> {
        let mut name = "ComponentId".to_owned();
        let mut is_strong = false;
        for parameter in parameters {
            let text = parameter_text(parameter);
            match (parameter.name.name.as_str(), text) {
                ("with_component_id", Some(text)) => name = text.to_owned(),
                ("kind", Some("weak")) => is_strong = false,
                ("kind", Some("strong")) => is_strong = true,
                (hint, _) if hint.starts_with("hint.") => {}
                (other, _) => {
                    let message = format!("value of `{other}` is not known");
                    let hint = "`kind` is `weak` or `strong`";
                    return Err(Diagnostic::error(codes::INVALID_USE, parameter.value.span, message)
                        .with_hint(hint)
                        .into());
                }
            }
        }
        if graph.nodes.position(&name).is_some() {
            let span = parameters.first().map_or(ast::Span::default(), |parameter| parameter.name.span);
            let message = format!("nodes have a property `{name}` already");
            return Err(Diagnostic::error(codes::DUPLICATE_NAME, span, message).into());
        }
        let find = if is_strong { strong } else { weak };
        let components = find(&graph.topology, graph.node_count(), self.watch)?;
        let mut marked = graph.clone();
        marked.nodes.columns.push((name, Type::Long));
        let numbers = components.into_iter().map(i64::from).collect::<Vec<_>>();
        marked.nodes.arrays.push(Arc::new(Int64Array::from(numbers)));
        Ok(marked)
    }
}

/// An operator on graphs after a table.
pub(super) fn needs_graph(span: ast::Span) -> crate::binder::Stop {
    let message = "this operator takes a graph, not a table";
    Diagnostic::error(codes::WRONG_KIND, span, message).with_hint("`make-graph` makes a graph of a table").into()
}

fn undocumented(span: ast::Span, name: &str) -> crate::binder::Stop {
    let hint = "filter the tables before `make-graph`";
    codes::unsupported(codes::UNSUPPORTED_OPERATOR, span, name).with_hint(hint).into()
}

/// A parameter's value where it is a name or a string.
pub(super) fn parameter_text(parameter: &ast::OperatorParameter) -> Option<&str> {
    match &parameter.value.kind {
        ExprKind::Name(text) | ExprKind::Literal(ast::Literal::String(text)) => Some(text),
        _ => None,
    }
}
