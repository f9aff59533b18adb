//! Makes a graph of a table of edges and tables of nodes.
//! Rules: <https://learn.microsoft.com/kusto/query/make-graph-operator>.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, new_null_array};
use arrow::compute::interleave;
use datafusion::common::ScalarValue;
use datafusion::error::DataFusionError;
use kql_functions::{Type, Value};

use super::{PropertyGraph, Topology};
use crate::binder::{Bind, Stop};
use crate::computed::{Rows, Watch};

/// Most nodes, and most edges, of one graph.
const MAX_ELEMENTS: usize = 50_000_000;
/// Rows between two looks at the clock.
const ROWS_BETWEEN_CHECKS: usize = 10_000;

/// A table of nodes.
#[derive(Debug, Clone)]
pub(crate) struct NodeTable {
    /// Its rows.
    pub rows: Rows,
    /// The column of ids in them.
    pub id: usize,
}

/// What a graph is made of.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    /// A row for each edge.
    pub edges: Rows,
    /// The column of sources in them.
    pub source: usize,
    /// The column of targets in them.
    pub target: usize,
    /// Tables of nodes.
    pub tables: Vec<NodeTable>,
    /// `with_node_id=`.
    pub node_id: Option<String>,
    /// Columns of the nodes.
    pub columns: Vec<(String, Type)>,
}

/// Where a node was first seen and its row in each table of nodes.
struct Node {
    origin: (usize, usize),
    rows: Vec<Option<usize>>,
}

/// Numbers nodes by their ids.
#[derive(Default)]
struct Numbering {
    known: HashMap<String, u32>,
    nodes: Vec<Node>,
}

impl Numbering {
    /// The node of an id; a new one if it was not seen before.
    fn node(&mut self, id: &Value, origin: (usize, usize), tables: usize) -> u32 {
        let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let number = *self.known.entry(key(id)).or_insert(next);
        if number == next {
            self.nodes.push(Node { origin, rows: vec![None; tables] });
        }
        number
    }
}

/// Two ids are the same where their keys are: ints and longs go together.
fn key(id: &Value) -> String {
    match id {
        Value::String(text) | Value::Guid(text) | Value::Dynamic(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Long(number) | Value::DateTime(number) | Value::TimeSpan(number) => number.to_string(),
        Value::Null(_) => "\u{0}".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Makes the graph: nodes of tables first, then those that only edges name, each in the order in which they come.
pub(crate) fn build(parts: &Parts, watch: Watch<'_>) -> Bind<PropertyGraph> {
    let mut numbering = Numbering::default();
    let count = parts.tables.len();
    for (index, table) in parts.tables.iter().enumerate() {
        for row in 0..table.rows.len() {
            check(row, numbering.nodes.len(), watch)?;
            let node = numbering.node(&table.rows.value(table.id, row), (index, row), count);
            numbering.nodes[node as usize].rows[index].get_or_insert(row);
        }
    }
    let (mut sources, mut targets) = (Vec::new(), Vec::new());
    for row in 0..parts.edges.len() {
        check(row, row.max(numbering.nodes.len()), watch)?;
        sources.push(numbering.node(&parts.edges.value(parts.source, row), (count, row), count));
        targets.push(numbering.node(&parts.edges.value(parts.target, row), (count + 1, row), count));
    }
    let nodes = numbering.nodes;
    let id_type = id_type(parts);
    let ids = ids(parts, &nodes, id_type)?;
    let arrays = parts.columns.iter().map(|column| property(parts, &nodes, &ids, column)).collect::<Bind<_>>()?;
    Ok(PropertyGraph {
        nodes: Rows { columns: parts.columns.clone(), arrays },
        edges: parts.edges.clone(),
        ids,
        id_type,
        topology: Arc::new(Topology::new(nodes.len(), sources, targets)),
    })
}

fn check(row: usize, elements: usize, watch: Watch<'_>) -> Bind<()> {
    if elements > MAX_ELEMENTS {
        let message = format!("graph has more than {MAX_ELEMENTS} nodes or edges");
        let span = kql_syntax::Span::default();
        return Err(kql_syntax::Diagnostic::error(crate::diagnostics::TOO_MANY, span, message).into());
    }
    if row.is_multiple_of(ROWS_BETWEEN_CHECKS) { watch.check() } else { Ok(()) }
}

/// The type of the edges' sources; long where any id is a long.
fn id_type(parts: &Parts) -> Type {
    let source = parts.edges.columns[parts.source].1;
    let target = parts.edges.columns[parts.target].1;
    let mut tables = parts.tables.iter().map(|table| table.rows.columns[table.id].1);
    if source == Type::Int && (target == Type::Long || tables.any(|ty| ty == Type::Long)) { Type::Long } else { source }
}

fn cast(array: &ArrayRef, ty: Type) -> Bind<ArrayRef> {
    arrow::compute::cast(array, &ty.arrow()).map_err(failed)
}

fn failed(error: arrow::error::ArrowError) -> Stop {
    Stop::from(DataFusionError::from(error))
}

/// The ids of the nodes, each from where it was first seen.
fn ids(parts: &Parts, nodes: &[Node], ty: Type) -> Bind<ArrayRef> {
    let mut arrays = Vec::with_capacity(parts.tables.len() + 2);
    for table in &parts.tables {
        arrays.push(cast(&table.rows.arrays[table.id], ty)?);
    }
    arrays.push(cast(&parts.edges.arrays[parts.source], ty)?);
    arrays.push(cast(&parts.edges.arrays[parts.target], ty)?);
    let places: Vec<(usize, usize)> = nodes.iter().map(|node| node.origin).collect();
    pick(&arrays, &places, ty)
}

/// A property of all nodes: the first value that a table gives; for a node of edges only, its id in columns of ids.
fn property(parts: &Parts, nodes: &[Node], ids: &ArrayRef, column: &(String, Type)) -> Bind<ArrayRef> {
    let (name, ty) = column;
    if parts.node_id.as_ref() == Some(name) {
        return Ok(Arc::clone(ids));
    }
    let mut arrays = Vec::new();
    let mut givers = Vec::new();
    let mut is_id = false;
    for (index, table) in parts.tables.iter().enumerate() {
        if let Some(position) = table.rows.position(name) {
            is_id |= position == table.id;
            givers.push(index);
            arrays.push(converted(&table.rows, position, *ty)?);
        }
    }
    let nothing = arrays.len();
    arrays.push(nulls(*ty)?);
    if is_id {
        let one = Rows { columns: vec![(name.clone(), id_type(parts))], arrays: vec![Arc::clone(ids)] };
        arrays.push(converted(&one, 0, *ty)?);
    }
    let place = |(node, found): (usize, &Node)| {
        let given = givers.iter().enumerate().find_map(|(array, table)| {
            let row = found.rows[*table]?;
            has_value(&arrays[array], row, *ty).then_some((array, row))
        });
        let is_of_edges = found.rows.iter().all(Option::is_none);
        given.unwrap_or(if is_id && is_of_edges { (nothing + 1, node) } else { (nothing, 0) })
    };
    let places: Vec<(usize, usize)> = nodes.iter().enumerate().map(place).collect();
    pick(&arrays, &places, *ty)
}

/// A column in the type of the property: as it is, an id as int or long, or as dynamic where tables disagree.
fn converted(rows: &Rows, column: usize, ty: Type) -> Bind<ArrayRef> {
    if rows.columns[column].1 == ty {
        return Ok(Arc::clone(&rows.arrays[column]));
    }
    if ty != Type::Dynamic {
        return cast(&rows.arrays[column], ty);
    }
    let texts = rows.values(column).into_iter().map(|value| match value {
        Value::Null(_) => None,
        value => {
            let mut json = String::new();
            kql_functions::dynamic::write_value(&mut json, &value);
            Some(json)
        }
    });
    Ok(Arc::new(texts.collect::<arrow::array::StringViewArray>()))
}

fn has_value(array: &ArrayRef, row: usize, ty: Type) -> bool {
    match (ty, array.as_string_view_opt()) {
        (Type::String, Some(texts)) => texts.is_valid(row) && !texts.value(row).is_empty(),
        _ => array.is_valid(row),
    }
}

fn nulls(ty: Type) -> Bind<ArrayRef> {
    match ty {
        Type::String => Ok(ScalarValue::Utf8View(Some(String::new())).to_array_of_size(1)?),
        _ => Ok(new_null_array(&ty.arrow(), 1)),
    }
}

fn pick(arrays: &[ArrayRef], places: &[(usize, usize)], ty: Type) -> Bind<ArrayRef> {
    if places.is_empty() {
        return Ok(arrow::array::new_empty_array(&ty.arrow()));
    }
    let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
    interleave(&arrays, places).map_err(failed)
}
