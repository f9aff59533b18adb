//! `graph-to-table`.

use std::sync::Arc;

use arrow::array::UInt32Array;
use arrow::compute::take;
use datafusion::error::DataFusionError;
use kql_functions::Type;
use kql_syntax::{self as ast, ExprKind};

use super::graph::{Table, parameter_text};
use super::several_tables::gives_graph_tables;
use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment};
use crate::evaluation::Evaluable;
use crate::graph::PropertyGraph;
use crate::scope::Relation;
use crate::typed::Typed;

impl Binder<'_> {
    /// The nodes or the edges of a graph; hashes of node ids first, where wanted.
    pub(super) fn graph_to_table(&mut self, graph: &PropertyGraph, output: &ast::GraphTable) -> Bind<Table> {
        let rows = if output.is_edges { &graph.edges } else { &graph.nodes };
        let mut table = Table { columns: Vec::new(), arrays: Vec::new() };
        for wanted in ["with_node_id", "with_source_id", "with_target_id"] {
            let Some(parameter) = output.parameters.iter().find(|parameter| parameter.name.name == wanted) else {
                continue;
            };
            let Some(name) = parameter_text(parameter) else { continue };
            if rows.position(name).is_some() || table.columns.iter().any(|(other, _)| other == name) {
                let message = format!("column `{name}` is there already");
                return Err(ast::Diagnostic::error(codes::DUPLICATE_NAME, parameter.value.span, message).into());
            }
            let ends = match wanted {
                "with_source_id" => Some(&graph.topology.sources),
                "with_target_id" => Some(&graph.topology.targets),
                _ => None,
            };
            let hashes = self.of_ids(graph, "hash", output.span)?;
            table.columns.push((name.to_owned(), Type::Long));
            table.arrays.push(match ends {
                None => hashes,
                Some(ends) => take(&hashes, &UInt32Array::from(ends.clone()), None)
                    .map_err(|error| Stop::from(DataFusionError::from(error)))?,
            });
        }
        table.columns.extend(rows.columns.iter().cloned());
        table.arrays.extend(rows.arrays.iter().cloned());
        if table.columns.is_empty() {
            let message = "nodes of this graph have no properties";
            let hint = "say `with_node_id=` at `make-graph` or here";
            return Err(ast::Diagnostic::error(codes::INVALID_USE, output.span, message).with_hint(hint).into());
        }
        Ok(table)
    }

    /// The names that `graph-to-table nodes as N, edges as E` gives to the statements after it; nothing if the statement
    /// is another.
    pub(crate) fn exported_tables(
        &mut self,
        statement: &ast::Statement,
        environment: &Environment,
    ) -> Bind<Option<Environment>> {
        let ast::StatementKind::Expression(expr) = &statement.kind else { return Ok(None) };
        let Some(outputs) = gives_graph_tables(expr) else { return Ok(None) };
        let tables = self.graph_tables(expr, outputs, environment)?;
        let mut after = environment.clone();
        for (output, table) in outputs.iter().zip(tables) {
            let Some(name) = &output.name else { continue };
            after = after.with(&name.name, Binding::Relation(Arc::new(table)));
        }
        Ok(Some(after))
    }

    /// The tables of `graph-to-table` at the end of a pipeline, one for each output.
    pub(super) fn graph_tables(
        &mut self,
        expr: &ast::Expr,
        outputs: &[ast::GraphTable],
        environment: &Environment,
    ) -> Bind<Vec<Relation>> {
        let ExprKind::Pipeline(pipeline) = &expr.kind else { return Ok(Vec::new()) };
        let Some((last, stages)) = pipeline.stages.split_last() else { return Ok(Vec::new()) };
        let before = ast::Expr { kind: ExprKind::Pipeline(ast::Pipeline { stages: stages.to_vec() }), span: expr.span };
        let relation = self.table_or_graph(&before, environment)?;
        let Some(graph) = relation.graph else { return Err(super::graph::needs_graph(last.span)) };
        let mut tables = Vec::with_capacity(outputs.len());
        for output in outputs {
            let table = self.graph_to_table(&graph, output)?;
            tables.push(self.table_of(&table.columns, table.arrays)?);
        }
        Ok(tables)
    }

    /// A function of the ids of all nodes.
    pub(super) fn of_ids(
        &mut self,
        graph: &PropertyGraph,
        function: &str,
        span: ast::Span,
    ) -> Bind<arrow::array::ArrayRef> {
        let column = self.new_column("id", graph.id_type);
        let ids = Typed::column(&column);
        let value = match function {
            "tostring" => self.cast(ids, Type::String)?,
            _ => self.function_of(function, vec![ids], span)?,
        };
        let ready = Evaluable::new(&value, &[column])?;
        ready.evaluate(ready.inputs().iter().map(|_| graph.ids.clone()).collect(), graph.node_count())
    }
}
