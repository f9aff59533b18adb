//! A leg of a union as what it is over a stored table.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{Column, ExprSchema};
use datafusion::datasource::source_as_provider;
use datafusion::error::Result;
use datafusion::logical_expr::logical_plan::TableScan;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::bounded_filters::parts;
use crate::ranged_table::RangedTable;

/// Most parts that the expressions of a leg may have with all projections written into them.
const MAX_PARTS: usize = 1_000;

/// The rows of a stored table that meet all conditions, and what becomes of them; all of it over the columns of the scan.
#[derive(Debug)]
pub(super) struct Leg<'p> {
    pub scan: &'p TableScan,
    pub conditions: Vec<Expr>,
    pub columns: Vec<Expr>,
}

impl<'p> Leg<'p> {
    /// Nothing for a plan that does more than choose among the rows of a stored table and compute of each.
    pub fn of(plan: &'p LogicalPlan) -> Option<Self> {
        let leg = Self::over_scan(plan)?;
        let mut exprs = leg.conditions.iter().chain(&leg.columns);
        exprs.all(|expr| !expr.is_volatile()).then_some(leg)
    }

    fn over_scan(plan: &'p LogicalPlan) -> Option<Self> {
        let leg = match plan {
            LogicalPlan::TableScan(scan) => {
                let provider = source_as_provider(&scan.source).ok()?;
                let is_plain = scan.fetch.is_none() && provider.downcast_ref::<RangedTable>().is_some();
                let columns = scan.projected_schema.columns().into_iter().map(Expr::Column).collect();
                is_plain.then(|| Self { scan, conditions: scan.filters.clone(), columns })?
            }
            LogicalPlan::Filter(filter) => {
                let mut leg = Self::over_scan(&filter.input)?;
                for condition in split_conjunction(&filter.predicate) {
                    let condition = leg.over_its_columns(condition, &filter.input).ok()?;
                    // What a scan is told of filters is among them.
                    if !leg.conditions.contains(&condition) {
                        leg.conditions.push(condition);
                    }
                }
                leg
            }
            LogicalPlan::Projection(projection) => {
                let leg = Self::over_scan(&projection.input)?;
                let exprs = projection.expr.iter().map(|expr| leg.over_its_columns(expr, &projection.input));
                Self { columns: exprs.collect::<Result<_>>().ok()?, ..leg }
            }
            _ => return None,
        };
        let parts = leg.conditions.iter().chain(&leg.columns).map(parts).fold(0, usize::saturating_add);
        (parts <= MAX_PARTS).then_some(leg)
    }

    /// An expression over the rows of a plan that gives the leg's columns.
    fn over_its_columns(&self, expr: &Expr, plan: &LogicalPlan) -> Result<Expr> {
        let schema = plan.schema();
        let changed = expr.clone().unalias().transform_up(|part| match &part {
            Expr::Column(column) => {
                let at = schema.index_of_column(column)?;
                Ok(Transformed::yes(self.columns[at].clone()))
            }
            _ => Ok(Transformed::no(part)),
        });
        changed.data()
    }

    /// The columns that it reads.
    pub fn read(&self) -> BTreeSet<&Column> {
        self.conditions.iter().chain(&self.columns).flat_map(Expr::column_refs).collect()
    }

    /// Its conditions on times alone, in any order: these tell which files are read.
    pub fn times(&self) -> BTreeSet<String> {
        let is_time = |column: &&Column| {
            let field = self.scan.projected_schema.field_from_column(column);
            field.is_ok_and(|field| matches!(field.data_type(), DataType::Timestamp(..)))
        };
        let times = self.conditions.iter().filter(|condition| condition.column_refs().iter().all(is_time));
        times.map(ToString::to_string).collect()
    }
}
