//! Filters move down a plan only while they stay small.
//!
//! DataFusion moves a filter below a projection by writing the projection's expressions into it. Where each of a dozen stages
//! names the column before it twice, as `extend arr = iff(x, array_concat(arr, …), arr)` does, the filter doubles a dozen
//! times. Real hunting queries do just that.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Expr, Filter, LogicalPlan, Projection};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column as PhysicalColumn;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::ProjectionExec;

/// Most parts that a filter may gain by a move: one that doubles stops at this size, one with a long list of literals moves.
const MAX_GAIN: usize = 200;
/// Most parts that a column may have in the physical plan with all projections written into it.
const MAX_PARTS: usize = 200;

/// Most columns of projections in a plan whose projections are merged.
const MAX_COMPUTED: usize = 400;

/// The name of DataFusion's rule for logical plans.
pub(crate) const LOGICAL_RULE: &str = "push_down_filter";

/// DataFusion's rule for logical plans, within the bound.
#[derive(Debug)]
pub(crate) struct BoundedPushDown(pub Arc<dyn OptimizerRule + Send + Sync>);

impl OptimizerRule for BoundedPushDown {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Filter(filter) = plan else { return self.0.rewrite(plan, config) };
        let LogicalPlan::Projection(projection) = filter.input.as_ref() else {
            return self.0.rewrite(LogicalPlan::Filter(filter), config);
        };
        let may_move =
            |predicate: &Expr| moved_parts(predicate, projection) <= parts(predicate).saturating_add(MAX_GAIN);
        if may_move(&filter.predicate) {
            return self.0.rewrite(LogicalPlan::Filter(filter), config);
        }
        // What grows stays here, the rest moves on.
        let all = split_conjunction_owned(filter.predicate.clone());
        let (small, large): (Vec<Expr>, Vec<Expr>) = all.into_iter().partition(|part| may_move(part));
        let (Some(small), Some(large)) = (conjunction(small), conjunction(large)) else {
            return Ok(Transformed::no(LogicalPlan::Filter(filter)));
        };
        let moving = LogicalPlan::Filter(Filter::try_new(small, filter.input)?);
        let moved = self.0.rewrite(moving, config)?;
        moved.map_data(|input| Ok(LogicalPlan::Filter(Filter::try_new(large, Arc::new(input))?)))
    }
}

/// How many parts a predicate would have below the projection.
fn moved_parts(predicate: &Expr, projection: &Projection) -> usize {
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    let mut total = 0_usize;
    let outcome = predicate.apply(|part| {
        let gained = match part {
            Expr::Column(column) => match sizes.get(column.name.as_str()) {
                Some(size) => *size,
                None => {
                    let size = defined(projection, &column.name).map_or(1, parts);
                    sizes.insert(&column.name, size);
                    size
                }
            },
            _ => 1,
        };
        total = total.saturating_add(gained);
        Ok(TreeNodeRecursion::Continue)
    });
    outcome.map_or(usize::MAX, |_| total)
}

/// The expression behind a column of the projection.
fn defined<'p>(projection: &'p Projection, name: &str) -> Option<&'p Expr> {
    let at = projection.schema.fields().iter().position(|field| field.name() == name)?;
    projection.expr.get(at)
}

/// Of how many parts an expression consists.
pub(crate) fn parts(expr: &Expr) -> usize {
    let mut total = 0_usize;
    let outcome = expr.apply(|_| {
        total += 1;
        Ok(TreeNodeRecursion::Continue)
    });
    outcome.map_or(usize::MAX, |_| total)
}

/// DataFusion's rule for physical plans, which is left out where a column would grow beyond the bound.
#[derive(Debug)]
pub(crate) struct BoundedFilters(pub Arc<dyn PhysicalOptimizerRule + Send + Sync>);

/// What the names of those rules begin with.
pub(crate) const PHYSICAL_RULE: &str = "FilterPushdown";

impl PhysicalOptimizerRule for BoundedFilters {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let largest = grown(&plan).into_iter().max().unwrap_or_default();
        if largest > MAX_PARTS { Ok(plan) } else { self.0.optimize(plan, config) }
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    fn schema_check(&self) -> bool {
        self.0.schema_check()
    }
}

/// DataFusion's rule that merges projections into what is below them, left out where a plan computes very many columns: it
/// builds each projection anew at each step down, which takes longer than what it saves.
#[derive(Debug)]
pub(crate) struct BoundedProjections(pub Arc<dyn PhysicalOptimizerRule + Send + Sync>);

/// The name of that rule.
pub(crate) const PROJECTION_RULE: &str = "ProjectionPushdown";

impl PhysicalOptimizerRule for BoundedProjections {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        if computed_columns(&plan) > MAX_COMPUTED { Ok(plan) } else { self.0.optimize(plan, config) }
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    fn schema_check(&self) -> bool {
        self.0.schema_check()
    }
}

/// How many columns the projections of a plan have.
fn computed_columns(plan: &Arc<dyn ExecutionPlan>) -> usize {
    let own = plan.downcast_ref::<ProjectionExec>().map_or(0, |projection| projection.expr().len());
    plan.children().into_iter().fold(own, |sum, child| sum + computed_columns(child))
}

/// For each column of a plan the parts it would have if all projections below were written into it; one entry more, the
/// largest of any column below.
fn grown(plan: &Arc<dyn ExecutionPlan>) -> Vec<usize> {
    let children: Vec<Vec<usize>> = plan.children().into_iter().map(grown).collect();
    let largest = children.iter().filter_map(|sizes| sizes.last()).max().copied().unwrap_or(1);
    let width = plan.schema().fields().len();
    let mut sizes = match (plan.downcast_ref::<ProjectionExec>(), children.as_slice()) {
        (Some(projection), [input]) => {
            projection.expr().iter().map(|column| written_out(&column.expr, input)).collect()
        }
        // Filters, sorts and the like hand the columns of their input on.
        (None, [input]) if input.len() == width + 1 => input[..width].to_vec(),
        _ => vec![1; width],
    };
    let largest = sizes.iter().copied().max().unwrap_or(1).max(largest);
    sizes.push(largest);
    sizes
}

fn written_out(expr: &Arc<dyn PhysicalExpr>, input: &[usize]) -> usize {
    if let Some(column) = expr.downcast_ref::<PhysicalColumn>() {
        return input.get(column.index()).copied().unwrap_or(1);
    }
    expr.children().into_iter().fold(1, |sum: usize, child| sum.saturating_add(written_out(child, input)))
}
