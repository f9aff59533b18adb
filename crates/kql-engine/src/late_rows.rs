//! Wide rows of an extreme key (`arg_max(TimeGenerated, *) by User`) are read late: first the key alone decides which rows they
//! are, then only those are read in full.
//!
//! The first step is a `max` by group of the same input, which needs two columns of it. The second is the aggregation as it
//! was, over the rows that match a group and its extreme key: a semi join that hands what it knows to the scan, where pages
//! without such rows are never decoded. Most rows of a log have lost by then.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, ExprSchema, NullEquality};
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::{max, min};
use datafusion::logical_expr::logical_plan::Join;
use datafusion::logical_expr::{Aggregate, Cast, Expr, JoinConstraint, JoinType, LogicalPlan};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};
use kql_functions::Type;

use crate::narrow_rows::row_call;
use crate::plan::{aggregated, projected};

/// Columns of a row from which on they are read late. As for filters that are evaluated while reading, the second pass over
/// groups and keys costs about what a few decoded columns cost.
const WIDE_ROW: usize = 16;
/// Ends the names of the first step's columns, which differ from those of the input.
const FIRST_STEP: &str = " of the extreme row";

/// The rule.
#[derive(Debug)]
pub(crate) struct LateRows;

impl OptimizerRule for LateRows {
    fn name(&self) -> &'static str {
        "late_rows"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = plan else { return Ok(Transformed::no(plan)) };
        match Extreme::of(&aggregate) {
            Some(extreme) if is_read_twice(&aggregate.input)? => {
                let input = Arc::new(extreme.rows(&aggregate.input)?);
                let Aggregate { group_expr, aggr_expr, schema, .. } = aggregate;
                let aggregate = Aggregate::try_new_with_schema(input, group_expr, aggr_expr, schema)?;
                Ok(Transformed::yes(LogicalPlan::Aggregate(aggregate)))
            }
            _ => Ok(Transformed::no(LogicalPlan::Aggregate(aggregate))),
        }
    }
}

/// What decides which rows matter.
struct Extreme {
    /// The keys of the groups: columns of the input.
    groups: Vec<Column>,
    /// The key whose extreme counts.
    key: Column,
    is_max: bool,
}

impl Extreme {
    /// Of an aggregation that gives one wide row a group and nothing else.
    fn of(aggregate: &Aggregate) -> Option<Self> {
        let [call] = aggregate.aggr_expr.as_slice() else { return None };
        let (_, function, udf) = row_call(call)?;
        let (key, values, is_max) = udf.parts();
        // Of other types not all values are equal to themselves, or their extreme is not the one that the row is chosen by.
        let has_order = matches!(key, Type::Int | Type::Long | Type::DateTime | Type::TimeSpan);
        let is_plain = function.params.filter.is_none() && function.params.order_by.is_empty();
        if values.len() < WIDE_ROW || !has_order || !is_plain {
            return None;
        }
        let key = match function.params.args.first()? {
            Expr::Column(column) => column,
            // A stored datetime as its microseconds.
            Expr::Cast(Cast { expr, .. }) => match expr.as_ref() {
                Expr::Column(column) if key == Type::Long && is_time(column, &aggregate.input) => column,
                _ => return None,
            },
            _ => return None,
        };
        let groups = aggregate.group_expr.iter().map(|group| match group {
            Expr::Column(column) => Some(column.clone()),
            Expr::Alias(alias) => alias.expr.try_as_col().cloned(),
            _ => None,
        });
        Some(Extreme { groups: groups.collect::<Option<_>>()?, key: key.clone(), is_max })
    }

    /// The rows of the input whose key is the extreme of their group.
    fn rows(&self, input: &Arc<LogicalPlan>) -> Result<LogicalPlan> {
        let extreme = if self.is_max { max } else { min };
        let renamed = |at: usize| format!("{at}{FIRST_STEP}");
        let groups = self.groups.iter().enumerate().map(|(at, group)| Expr::Column(group.clone()).alias(renamed(at)));
        let call = extreme(Expr::Column(self.key.clone())).alias(renamed(self.groups.len()));
        let needed = self.groups.iter().chain([&self.key]);
        let mut narrow: Vec<Expr> = Vec::new();
        for column in needed.clone().cloned().map(Expr::Column) {
            if !narrow.contains(&column) {
                narrow.push(column);
            }
        }
        let first = aggregated(projected(input.as_ref().clone(), narrow)?, groups.collect(), vec![call])?;
        let on = needed
            .enumerate()
            .map(|(at, column)| (Expr::Column(Column::new_unqualified(renamed(at))), Expr::Column(column.clone())));
        let join = Join::try_new(
            Arc::new(first),
            Arc::clone(input),
            on.collect(),
            None,
            JoinType::RightSemi,
            JoinConstraint::On,
            NullEquality::NullEqualsNull,
            false,
        )?;
        Ok(LogicalPlan::Join(join))
    }
}

fn is_time(column: &Column, input: &LogicalPlan) -> bool {
    let field = input.schema().field_from_column(column);
    field.is_ok_and(|field| matches!(field.data_type(), arrow::datatypes::DataType::Timestamp(..)))
}

/// Whether a plan gives the same rows twice, and cheaply: those of one stored table, filtered and computed.
fn is_read_twice(plan: &LogicalPlan) -> Result<bool> {
    let mut is_repeatable = true;
    plan.apply(|node| {
        is_repeatable &= matches!(
            node,
            LogicalPlan::Projection(_)
                | LogicalPlan::Filter(_)
                | LogicalPlan::TableScan(_)
                | LogicalPlan::SubqueryAlias(_)
        );
        is_repeatable &= node.expressions().iter().all(|expr| !expr.is_volatile());
        if let LogicalPlan::TableScan(scan) = node {
            is_repeatable &= scan.fetch.is_none();
        }
        Ok(if is_repeatable { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    })?;
    Ok(is_repeatable)
}
