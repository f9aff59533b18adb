//! Takes the parts that occur more than once out of a plan.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::discriminant;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::MemTable;
use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::error::Result;
use datafusion::logical_expr::logical_plan::{TableScan, TableScanBuilder};
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::part_table::PartTable;
use super::same::is_same;
use crate::answer::is_in_memory;
use crate::plan::projected;
use crate::prune::pruned;

/// What parts are called in plans.
const PART: &str = "part";
/// Largest plan that is looked through, in nodes: `search` over a workspace is larger and repeats nothing.
const MAX_NODES: usize = 1_000;

/// A plan and what of it runs first.
#[derive(Debug, Clone)]
pub(crate) struct Parted {
    /// Reads the parts as tables.
    pub plan: LogicalPlan,
    /// Each with the columns that the plan needs of it.
    pub parts: Vec<LogicalPlan>,
}

/// The plan, which was not pruned yet, with its repeated parts taken out, and all of it pruned. Nothing where nothing that is worth
/// it is repeated.
///
/// Worth it is a part that groups, joins, sorts or expands rows of stored tables: its rows are few beside the work that they took. What only filters
/// and computes is read again at each use: there, each use reads only the columns and rows that it needs, which costs less than
/// to hold what all of them need.
pub(crate) fn parted(plan: &LogicalPlan) -> Result<Option<Parted>> {
    let nodes = nodes(plan);
    if nodes.len() > MAX_NODES {
        return Ok(None);
    }
    let mut places: HashMap<usize, usize> = HashMap::new();
    let mut parts: Vec<&LogicalPlan> = Vec::new();
    let mut at = 0;
    while at < nodes.len() {
        if places.contains_key(&at) {
            at = nodes[at].end;
            continue;
        }
        let twins = twins_of(&nodes, at, &places);
        if twins.is_empty() {
            at += 1;
            continue;
        }
        places.extend(twins.into_iter().chain([at]).map(|twin| (twin, parts.len())));
        parts.push(nodes[at].plan);
        at = nodes[at].end;
    }
    if parts.is_empty() {
        return Ok(None);
    }
    let tables: Vec<SchemaRef> = parts.iter().map(|part| Arc::new(part.schema().as_arrow().clone())).collect();
    let plan = pruned(without_parts(plan, &mut 0, &nodes, &places, &tables)?)?;
    with_needed_columns(plan, &parts).map(Some)
}

impl Parted {
    /// The plan over the rows of its parts; nothing where the rows of some are missing.
    pub fn over(&self, rows: Vec<Vec<RecordBatch>>) -> Result<Option<LogicalPlan>> {
        if rows.len() < self.parts.len() {
            return Ok(None);
        }
        let mut tables: Vec<Arc<MemTable>> = Vec::with_capacity(rows.len());
        for (part, batches) in self.parts.iter().zip(rows) {
            let schema: SchemaRef = Arc::new(part.schema().as_arrow().clone());
            let batches = in_schema(&schema, batches)?;
            tables.push(Arc::new(MemTable::try_new(schema, vec![batches])?));
        }
        changed_parts(self.plan.clone(), |scan, part| {
            scan.source = provider_as_source(Arc::clone(&tables[part]) as _);
            Ok(())
        })
        .map(Some)
    }

    /// The rows of a part as its tables have them.
    pub fn rows(&self, part: usize, batches: Vec<RecordBatch>) -> Result<Vec<RecordBatch>> {
        in_schema(&Arc::new(self.parts[part].schema().as_arrow().clone()), batches)
    }
}

fn in_schema(schema: &SchemaRef, batches: Vec<RecordBatch>) -> Result<Vec<RecordBatch>> {
    let with_schema = |batch: RecordBatch| Ok(RecordBatch::try_new(Arc::clone(schema), batch.columns().to_vec())?);
    batches.into_iter().map(with_schema).collect()
}

/// A node of a plan, in the order of a walk that comes to a node before its inputs.
struct Node<'p> {
    plan: &'p LogicalPlan,
    /// The position after all that stands below.
    end: usize,
    /// The same for plans that are the same.
    shape: u64,
    is_worth_it: bool,
}

fn nodes(plan: &LogicalPlan) -> Vec<Node<'_>> {
    let mut nodes = Vec::new();
    add(plan, &mut nodes);
    nodes
}

fn add<'p>(plan: &'p LogicalPlan, nodes: &mut Vec<Node<'p>>) {
    let at = nodes.len();
    nodes.push(Node { plan, end: 0, shape: 0, is_worth_it: works(plan) });
    let mut shape = DefaultHasher::new();
    discriminant(plan).hash(&mut shape);
    plan.schema().fields().len().hash(&mut shape);
    if let LogicalPlan::TableScan(scan) = plan {
        scan.table_name.hash(&mut shape);
    }
    for input in plan.inputs() {
        let below = nodes.len();
        add(input, nodes);
        nodes[below].shape.hash(&mut shape);
        nodes[at].is_worth_it |= nodes[below].is_worth_it;
    }
    nodes[at].shape = shape.finish();
    nodes[at].end = nodes.len();
}

/// Whether a node does more than to read, filter and compute.
fn works(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Aggregate(_) | LogicalPlan::Join(_) | LogicalPlan::Window(_) | LogicalPlan::Unnest(_) => true,
        LogicalPlan::Sort(sort) => sort.fetch.is_some(),
        _ => false,
    }
}

/// The other places where the plan of a node stands, where it can run once for all of them.
fn twins_of(nodes: &[Node<'_>], at: usize, taken: &HashMap<usize, usize>) -> Vec<usize> {
    let node = &nodes[at];
    let mut twins = Vec::new();
    let mut next = node.end;
    while node.is_worth_it && next < nodes.len() {
        if taken.contains_key(&next) {
            next = nodes[next].end;
        } else if nodes[next].shape == node.shape && is_same(node.plan, nodes[next].plan) {
            twins.push(next);
            next = nodes[next].end;
        } else {
            next += 1;
        }
    }
    if twins.is_empty() || can_run_once(node.plan) { twins } else { Vec::new() }
}

/// Whether a plan reads stored tables, says the same each time, and has columns that a table can have.
fn can_run_once(plan: &LogicalPlan) -> bool {
    let is_volatile = |node: &LogicalPlan| Ok(node.expressions().iter().any(Expr::is_volatile));
    plan.schema().iter().all(|(qualifier, _)| qualifier.is_none())
        && !is_in_memory(plan)
        && !plan.exists(is_volatile).unwrap_or(true)
}

/// The plan with tables where parts stood, which have their columns under the names of the place.
fn without_parts(
    plan: &LogicalPlan,
    at: &mut usize,
    nodes: &[Node<'_>],
    places: &HashMap<usize, usize>,
    tables: &[SchemaRef],
) -> Result<LogicalPlan> {
    if let Some(part) = places.get(at) {
        *at = nodes[*at].end;
        let table = PartTable { part: *part, schema: Arc::clone(&tables[*part]) };
        let scan = TableScanBuilder::new(PART, provider_as_source(Arc::new(table))).build()?;
        let names = plan.schema().fields().iter().map(|field| field.name());
        let own = tables[*part].fields().iter().map(|field| Expr::Column(Column::new(Some(PART), field.name())));
        let columns = own.zip(names).map(|(own, name)| own.alias(name)).collect();
        return projected(LogicalPlan::TableScan(scan), columns);
    }
    *at += 1;
    let inputs = plan.inputs().len();
    let mut changed = Vec::with_capacity(inputs);
    for input in plan.inputs() {
        changed.push(without_parts(input, at, nodes, places, tables)?);
    }
    let mut changed = changed.into_iter();
    // The node keeps its schema: nothing of it has changed.
    let with_inputs = plan.clone().map_children(|input| Ok(Transformed::yes(changed.next().unwrap_or(input))))?;
    Ok(with_inputs.data)
}

/// Parts with the columns that some place needs.
fn with_needed_columns(plan: LogicalPlan, parts: &[&LogicalPlan]) -> Result<Parted> {
    let mut needed: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); parts.len()];
    let plan = changed_parts(plan, |scan, part| {
        match &scan.projection {
            Some(columns) => needed[part].extend(columns),
            None => needed[part].extend(0..parts[part].schema().fields().len()),
        }
        Ok(())
    })?;
    let narrow = |(part, needed): (&&LogicalPlan, &BTreeSet<usize>)| {
        let names = part.schema().columns();
        let columns = needed.iter().map(|at| Expr::Column(names[*at].clone())).collect();
        pruned(projected((*part).clone(), columns)?)
    };
    let parts: Vec<LogicalPlan> = parts.iter().zip(&needed).map(narrow).collect::<Result<_>>()?;
    let schemas: Vec<SchemaRef> = parts.iter().map(|part| Arc::new(part.schema().as_arrow().clone())).collect();
    let plan = changed_parts(plan, |scan, part| {
        let all = 0..needed[part].len();
        let projection = match &scan.projection {
            Some(columns) => columns.iter().filter_map(|old| needed[part].iter().position(|at| at == old)).collect(),
            None => all.collect(),
        };
        let table = PartTable { part, schema: Arc::clone(&schemas[part]) };
        *scan = TableScanBuilder::new(PART, provider_as_source(Arc::new(table)))
            .with_projection(Some(projection))
            .build()?;
        Ok(())
    })?;
    Ok(Parted { plan, parts })
}

/// The plan with each scan of a part changed.
fn changed_parts(
    plan: LogicalPlan,
    mut change: impl FnMut(&mut TableScan, usize) -> Result<()>,
) -> Result<LogicalPlan> {
    let changed = plan.transform_up(|node| {
        let LogicalPlan::TableScan(mut scan) = node else { return Ok(Transformed::no(node)) };
        let provider = source_as_provider(&scan.source)?;
        match provider.downcast_ref::<PartTable>() {
            Some(table) => {
                change(&mut scan, table.part)?;
                Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
            }
            None => Ok(Transformed::no(LogicalPlan::TableScan(scan))),
        }
    })?;
    Ok(changed.data)
}
