//! `make-graph`.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::compute::{concat, take};
use datafusion::error::DataFusionError;
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind, Ident, Span};

use super::graph::{Staged, Table};
use super::union::Legs;
use crate::binder::{Bind, Binder, Stop};
use crate::computed::Rows;
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::graph::{NodeTable, Parts, PropertyGraph, build};
use crate::scope::Relation;

/// Most graphs that `partitioned-by` makes.
const MAX_PARTITIONS: usize = 10_000;
/// Most tables of nodes.
const MAX_NODE_TABLES: usize = 2;

impl Binder<'_> {
    /// A graph of edges and nodes; with `partitioned-by`, the table that the stages make of each part's graph.
    pub(super) fn make_graph(
        &mut self,
        input: Relation,
        parts: &ast::MakeGraph,
        span: Span,
        environment: &Environment,
    ) -> Bind<Relation> {
        if parts.nodes.len() > MAX_NODE_TABLES {
            let message = format!("`make-graph` takes at most {MAX_NODE_TABLES} tables of nodes");
            return Err(Diagnostic::error(codes::ARGUMENT_COUNT, span, message).into());
        }
        let source = id_column(&input, &parts.source)?;
        let target = id_column(&input, &parts.target)?;
        let mut tables = Vec::new();
        for nodes in &parts.nodes {
            let relation = self.table(&nodes.table, environment)?;
            let id = id_column(&relation, &nodes.id)?;
            tables.push((relation, id, nodes.id.span));
        }
        let kinds = std::iter::once((target.1, parts.target.span)).chain(tables.iter().map(|(_, id, at)| (id.1, *at)));
        for (ty, at) in kinds {
            check_same_kind(source.1, ty, at)?;
        }
        let edges = self.rows(input)?;
        let mut given = Vec::new();
        for (relation, id, _) in tables {
            given.push(NodeTable { rows: self.rows(relation)?, id: id.0 });
        }
        let columns = node_columns(&given, parts.node_id.as_ref(), source.1, target.1);
        let node_id = parts.node_id.as_ref().map(|name| name.name.clone());
        let all = Parts { edges, source: source.0, target: target.0, tables: given, node_id, columns };
        match &parts.partition {
            None => Ok(Relation::of_graph(Arc::new(build(&all, self.watch)?))),
            Some(partition) => self.partitioned(&all, partition, span, environment),
        }
    }

    /// Makes a graph of each part and applies the stages to it; the rows of all parts, one after the other.
    fn partitioned(
        &mut self,
        all: &Parts,
        partition: &ast::GraphPartition,
        span: Span,
        environment: &Environment,
    ) -> Bind<Relation> {
        let ExprKind::Name(name) = &partition.column.kind else {
            let message = "`partitioned-by` takes a column";
            return Err(Diagnostic::error(codes::INVALID_USE, partition.column.span, message).into());
        };
        let column_of = |rows: &Rows| {
            rows.position(name).ok_or_else(|| {
                let known = rows.columns.iter().map(|(known, _)| known.as_str());
                codes::unknown(codes::UNKNOWN_NAME, partition.column.span, "column", name, known)
            })
        };
        let edges = split(&all.edges, column_of(&all.edges)?)?;
        let mut tables = Vec::new();
        for table in &all.tables {
            tables.push(split(&table.rows, column_of(&table.rows)?)?);
        }
        let mut keys: Vec<String> = edges.iter().chain(tables.iter().flatten()).map(|(key, _)| key.clone()).collect();
        keys.sort();
        keys.dedup();
        if keys.len() > MAX_PARTITIONS {
            let message = format!("`partitioned-by` would make more than {MAX_PARTITIONS} graphs");
            return Err(Diagnostic::error(codes::TOO_MANY, span, message).into());
        }
        // An empty graph tells the columns.
        let empty = part(all, &HashMap::new(), &[], "");
        let (mut result, rest) = self.stages_of(&empty, &partition.body, span, environment)?;
        let edges: HashMap<String, Rows> = edges.into_iter().collect();
        let tables: Vec<HashMap<String, Rows>> = tables.into_iter().map(|table| table.into_iter().collect()).collect();
        let mut legs = Vec::new();
        let mut arrays: Vec<Vec<ArrayRef>> = result.arrays.iter().map(|array| vec![Arc::clone(array)]).collect();
        for key in keys {
            self.watch.check()?;
            let parts = part(all, &edges, &tables, &key);
            let (table, rest) = self.stages_of(&parts, &partition.body, span, environment)?;
            if !rest.is_empty() {
                let relation = self.table_of(&table.columns, table.arrays)?;
                legs.push(self.staged(relation, rest, environment)?);
                continue;
            }
            for (all, array) in arrays.iter_mut().zip(table.arrays) {
                all.push(array);
            }
        }
        if !rest.is_empty() {
            let relation = self.table_of(&result.columns, result.arrays)?;
            legs.push(self.staged(relation, rest, environment)?);
            return self.united(Legs { legs, source_column: None, prefix: "partition_arg", inner: false });
        }
        result.arrays = arrays.iter().map(|arrays| joined(arrays)).collect::<Bind<_>>()?;
        self.table_of(&result.columns, result.arrays)
    }

    /// The table that the first stages make of a graph, and the stages after it.
    fn stages_of<'q>(
        &mut self,
        parts: &Parts,
        body: &'q ast::Pipeline,
        span: Span,
        environment: &Environment,
    ) -> Bind<(Table, &'q [ast::Operator])> {
        let mut graph: Arc<PropertyGraph> = Arc::new(build(parts, self.watch)?);
        for (index, stage) in body.stages.iter().enumerate() {
            match self.graph_stage(&graph, stage, environment)? {
                Staged::Graph(next) => graph = next,
                Staged::Table(table) => return Ok((table, &body.stages[index + 1..])),
            }
        }
        let message = "`partitioned-by` takes an operator that makes a table of a graph";
        let hint = "end it with `graph-match`, `graph-shortest-paths` or `graph-to-table`";
        Err(Diagnostic::error(codes::INVALID_USE, span, message).with_hint(hint).into())
    }
}

/// Position and type of a column of ids among the visible ones.
fn id_column(relation: &Relation, name: &Ident) -> Bind<(usize, Type)> {
    let Some((position, column)) = relation.visible().enumerate().find(|(_, column)| column.name == name.name) else {
        let known = relation.visible().map(|column| column.name.as_str());
        return Err(codes::unknown(codes::UNKNOWN_NAME, name.span, "column", &name.name, known).into());
    };
    if column.ty == Type::Dynamic {
        let message = format!("column `{}` of node ids is dynamic", name.name);
        let hint = "cast it first, such as with `tostring(..)`";
        return Err(Diagnostic::error(codes::TYPE_MISMATCH, name.span, message).with_hint(hint).into());
    }
    Ok((position, column.ty))
}

/// Refuses ids of different types, which would never meet.
fn check_same_kind(first: Type, other: Type, span: Span) -> Bind<()> {
    let is_whole = |ty| matches!(ty, Type::Int | Type::Long);
    if first == other || (is_whole(first) && is_whole(other)) {
        return Ok(());
    }
    let what = format!("node ids of types {} and {}", first.name(), other.name());
    Err(codes::unsupported(codes::UNSUPPORTED_FORM, span, &what).with_hint("cast them to one type").into())
}

/// The properties of nodes: the columns of all tables; dynamic where two tables disagree about the type.
fn node_columns(tables: &[NodeTable], node_id: Option<&Ident>, source: Type, target: Type) -> Vec<(String, Type)> {
    let id_type = if target == Type::Long { target } else { source };
    let mut columns: Vec<(String, Type)> = node_id.iter().map(|name| (name.name.clone(), id_type)).collect();
    for (name, ty) in tables.iter().flat_map(|table| &table.rows.columns) {
        match columns.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) if known == ty => {}
            Some((_, known)) => *known = Type::Dynamic,
            None => columns.push((name.clone(), *ty)),
        }
    }
    columns
}

/// The rows of each value of a column, in the order in which the values first come.
fn split(rows: &Rows, column: usize) -> Bind<Vec<(String, Rows)>> {
    let mut parts: Vec<(String, Vec<u32>)> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (row, value) in (0_u32..).zip(rows.values(column)) {
        let key = match value {
            Value::Null(_) => String::new(),
            value => format!("{value:?}"),
        };
        let at = *known.entry(key.clone()).or_insert(parts.len());
        if at == parts.len() {
            parts.push((key, Vec::new()));
        }
        parts[at].1.push(row);
    }
    let mut result = Vec::with_capacity(parts.len());
    for (key, positions) in parts {
        let positions = UInt32Array::from(positions);
        let arrays = rows.arrays.iter().map(|array| take(array, &positions, None));
        let arrays = arrays.collect::<Result<_, _>>().map_err(DataFusionError::from)?;
        result.push((key, Rows { columns: rows.columns.clone(), arrays }));
    }
    Ok(result)
}

/// What the graph of one part is made of.
fn part(all: &Parts, edges: &HashMap<String, Rows>, tables: &[HashMap<String, Rows>], key: &str) -> Parts {
    let empty = |rows: &Rows| Rows {
        columns: rows.columns.clone(),
        arrays: rows.arrays.iter().map(|array| array.slice(0, 0)).collect(),
    };
    let nodes = all.tables.iter().enumerate().map(|(index, table)| NodeTable {
        rows: tables.get(index).and_then(|table| table.get(key)).cloned().unwrap_or_else(|| empty(&table.rows)),
        id: table.id,
    });
    Parts {
        edges: edges.get(key).cloned().unwrap_or_else(|| empty(&all.edges)),
        tables: nodes.collect(),
        ..all.clone()
    }
}

fn joined(arrays: &[ArrayRef]) -> Bind<ArrayRef> {
    let parts: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
    concat(&parts).map_err(|error| Stop::from(DataFusionError::from(error)))
}
