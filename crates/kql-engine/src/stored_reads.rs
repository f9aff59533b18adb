//! Reads of what a table keeps beside its documents are done by the scan, also where filters stand between.
//!
//! DataFusion merges a projection into the scan below it, but moves none that computes below a filter of the physical plan. Such a
//! filter comes with the time range of a query (`ranged_table.rs`). Below it, the read spares the document; above it, the document
//! comes along with every row. The same goes for the tests of a shared union (`shared_union/`): the scan asks each text once.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::config::ConfigOptions;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use kql_functions::Type;

use crate::functions::json_path::JsonPath;
use crate::functions::kernel::{Kernel, KernelUdf};
use crate::shared_union::is_test;

/// Moves such reads from a projection over filters over a scan to the scan.
#[derive(Debug)]
pub(crate) struct StoredReadsBelowFilters;

impl PhysicalOptimizerRule for StoredReadsBelowFilters {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|plan| match moved(&plan)? {
            Some(changed) => Ok(Transformed::yes(changed)),
            None => Ok(Transformed::no(plan)),
        })
        .data()
    }

    fn name(&self) -> &str {
        "stored_reads_below_filters"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The projection with its reads one filter lower; `None` where it has none, or where no scan is below.
fn moved(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(projection) = plan.downcast_ref::<ProjectionExec>() else { return Ok(None) };
    let Some(filter) = projection.input().downcast_ref::<FilterExec>() else { return Ok(None) };
    if filter.fetch().is_some() || !is_filtered_scan(filter.input()) {
        return Ok(None);
    }
    let mut reads: Vec<Arc<dyn PhysicalExpr>> = Vec::new();
    let above = projection.expr().iter().map(|column| {
        let expr = over_input(Arc::clone(&column.expr), filter.projection().as_deref())?;
        let expr =
            if is_test(&column.alias) { read_column(expr, &mut reads) } else { without_reads(expr, &mut reads)? };
        Ok((expr, column.alias.clone()))
    });
    let above = above.collect::<Result<Vec<_>>>()?;
    if reads.is_empty() {
        return Ok(None);
    }
    let below = Below::new(filter, &above, &reads);
    let lower = ProjectionExec::try_new(below.columns(filter, reads), Arc::clone(filter.input()))?;
    let predicate = below.placed(Arc::clone(filter.predicate()))?;
    let filter = FilterExecBuilder::new(predicate, Arc::new(lower)).build()?;
    let above = above.into_iter().map(|(expr, alias)| Ok(ProjectionExpr { expr: below.placed(expr)?, alias }));
    let above = above.collect::<Result<Vec<_>>>()?;
    Ok(Some(Arc::new(ProjectionExec::try_new(above, Arc::new(filter))?)))
}

fn is_filtered_scan(plan: &Arc<dyn ExecutionPlan>) -> bool {
    match plan.downcast_ref::<FilterExec>() {
        Some(filter) => is_filtered_scan(filter.input()),
        None => plan.downcast_ref::<DataSourceExec>().is_some(),
    }
}

/// An expression over a filter's output in terms of the filter's input.
fn over_input(expr: Arc<dyn PhysicalExpr>, projection: Option<&[usize]>) -> Result<Arc<dyn PhysicalExpr>> {
    let Some(projection) = projection else { return Ok(expr) };
    with_columns(expr, |column| projection.get(column.index()).copied().unwrap_or(column.index()))
}

fn with_columns(expr: Arc<dyn PhysicalExpr>, index: impl Fn(&Column) -> usize) -> Result<Arc<dyn PhysicalExpr>> {
    let changed = expr.transform_up(|part| {
        let Some(column) = part.downcast_ref::<Column>() else { return Ok(Transformed::no(part)) };
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(column.name(), index(column)));
        Ok(Transformed::yes(column))
    });
    changed.data()
}

/// What the name of a read's column begins with; its position among the reads follows. No column of a table begins like this.
const READ: &str = "__stored_read_";

/// The expression with its outermost reads replaced by columns named for them, whose indexes mean nothing yet.
fn without_reads(expr: Arc<dyn PhysicalExpr>, reads: &mut Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
    let changed = expr.transform_down(|part| {
        if !is_stored_read(&part) {
            return Ok(Transformed::no(part));
        }
        Ok(Transformed::new(read_column(part, reads), true, TreeNodeRecursion::Jump))
    });
    changed.data()
}

/// The column that stands for a read.
fn read_column(part: Arc<dyn PhysicalExpr>, reads: &mut Vec<Arc<dyn PhysicalExpr>>) -> Arc<dyn PhysicalExpr> {
    let at = reads.iter().position(|read| read.eq(&part)).unwrap_or_else(|| {
        reads.push(part);
        reads.len() - 1
    });
    Arc::new(Column::new(&format!("{READ}{at}"), usize::MAX))
}

/// Whether it reads what the table keeps, converted or not.
fn is_stored_read(expr: &Arc<dyn PhysicalExpr>) -> bool {
    let Some(call) = expr.downcast_ref::<ScalarFunctionExpr>() else { return false };
    let inner = call.fun().inner();
    if let Some(path) = inner.downcast_ref::<JsonPath>() {
        return path.is_stored();
    }
    let Some(kernel) = inner.downcast_ref::<KernelUdf>() else { return false };
    matches!(kernel.kernel(), Kernel::Cast { from: Type::Dynamic, .. }) && call.args().iter().all(is_stored_read)
}

/// The columns of a filter's input that are still needed above the lower projection, in order; the reads follow.
struct Below(Vec<usize>);

impl Below {
    fn new(filter: &FilterExec, above: &[(Arc<dyn PhysicalExpr>, String)], reads: &[Arc<dyn PhysicalExpr>]) -> Self {
        let mut needed = BTreeSet::new();
        let exprs = above.iter().map(|(expr, _)| expr).chain([filter.predicate()]);
        for expr in exprs {
            // The walk does not fail.
            let _ = expr.apply(|part| {
                if let Some(column) = part.downcast_ref::<Column>()
                    && read_number(column, reads.len()).is_none()
                {
                    needed.insert(column.index());
                }
                Ok(TreeNodeRecursion::Continue)
            });
        }
        Self(needed.into_iter().collect())
    }

    fn columns(&self, filter: &FilterExec, reads: Vec<Arc<dyn PhysicalExpr>>) -> Vec<ProjectionExpr> {
        let schema = filter.input().schema();
        let kept = self.0.iter().map(|&index| {
            let name = schema.field(index).name();
            ProjectionExpr { expr: Arc::new(Column::new(name, index)) as _, alias: name.clone() }
        });
        let reads = reads.into_iter().enumerate();
        kept.chain(reads.map(|(at, expr)| ProjectionExpr { expr, alias: format!("{READ}{at}") })).collect()
    }

    /// An expression over the filter's input and the reads in terms of the lower projection.
    fn placed(&self, expr: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
        with_columns(expr, |column| match read_number(column, usize::MAX) {
            Some(read) if column.index() == usize::MAX => self.0.len() + read,
            _ => self.0.binary_search(&column.index()).unwrap_or(column.index()),
        })
    }
}

/// The position of the read that a column without an index stands for.
fn read_number(column: &Column, reads: usize) -> Option<usize> {
    if column.index() != usize::MAX {
        return None;
    }
    column.name().strip_prefix(READ)?.parse().ok().filter(|number| *number < reads)
}
