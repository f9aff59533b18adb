//! Joins by time take texts apart that only their filter asks for.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{HashSet, JoinSide};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::joins::utils::{ColumnIndex, JoinFilter};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};

use super::exec::TimeWindowJoinExec;
use crate::shared_groups::TextOfNumber;

/// Where a plan writes a text of its number ([`crate::TEXT_OF_NUMBER`]) below a join by time, and only the join's filter reads it (`SuccessAddress !=
/// FailureAddress`), the number goes through the join, and the texts of those rows alone are written that the window pairs. Runs after what puts
/// such texts into plans.
#[derive(Debug, Default)]
pub(crate) struct TextsApart;

impl PhysicalOptimizerRule for TextsApart {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|node| {
            let join = node.downcast_ref::<TimeWindowJoinExec>().map(|join| apart(join.join())).transpose()?.flatten();
            Ok(match join {
                Some(join) => Transformed::yes(Arc::new(join) as Arc<dyn ExecutionPlan>),
                None => Transformed::no(node),
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        "TextsApart"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The join with such texts apart; nothing where it has none.
fn apart(join: &HashJoinExec) -> Result<Option<TimeWindowJoinExec>> {
    // Without a projection, all columns are asked for.
    let (Some(filter), Some(projection)) = (join.filter(), &join.projection) else { return Ok(None) };
    let left_width = join.left().schema().fields().len();
    let mut filter = OpenFilter::of(filter);
    let mut side = |input: &Arc<dyn ExecutionPlan>, side: JoinSide| {
        let from = if side == JoinSide::Left { 0 } else { left_width };
        let key = |(left, right): &(Arc<dyn PhysicalExpr>, Arc<dyn PhysicalExpr>)| {
            collect_columns(if side == JoinSide::Left { left } else { right })
        };
        let mut asked: HashSet<usize> = join.on.iter().flat_map(key).map(|column| column.index()).collect();
        asked.extend(projection.iter().filter_map(|at| at.checked_sub(from)));
        side_apart(input, side, &asked, &mut filter)
    };
    let (left, right) = (side(join.left(), JoinSide::Left)?, side(join.right(), JoinSide::Right)?);
    if left.is_none() && right.is_none() {
        return Ok(None);
    }
    let left = left.unwrap_or_else(|| Arc::clone(join.left()));
    let right = right.unwrap_or_else(|| Arc::clone(join.right()));
    let added = left.schema().fields().len() - left_width;
    let projection = projection.iter().map(|at| if *at < left_width { *at } else { *at + added }).collect();
    let join = join
        .builder()
        .recompute_properties()
        .with_new_children(vec![left, right])?
        .with_filter(Some(filter.closed()))
        .with_projection(Some(projection))
        .build()?;
    TimeWindowJoinExec::instead_of(&join)
}

/// An input with texts apart that the join's output and keys do not ask for; nothing where there is none.
fn side_apart(
    input: &Arc<dyn ExecutionPlan>,
    side: JoinSide,
    asked: &HashSet<usize>,
    filter: &mut OpenFilter,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(projection) = input.downcast_ref::<ProjectionExec>() else { return Ok(None) };
    let mut columns = projection.expr().to_vec();
    let width = columns.len();
    for at in 0..width {
        let Some((text, [number, rest])) = TextOfNumber::of(&columns[at].expr).filter(|_| !asked.contains(&at)) else {
            continue;
        };
        let alias = columns[at].alias.clone();
        filter.take_apart(ColumnIndex { index: at, side }, columns.len(), &text)?;
        columns[at].expr = number;
        columns.push(ProjectionExpr { expr: rest, alias });
    }
    if columns.len() == width {
        return Ok(None);
    }
    Ok(Some(Arc::new(ProjectionExec::try_new(columns, Arc::clone(projection.input()))?)))
}

/// A join's filter that is being changed.
struct OpenFilter {
    expr: Arc<dyn PhysicalExpr>,
    columns: Vec<ColumnIndex>,
    fields: Vec<FieldRef>,
}

impl OpenFilter {
    fn of(filter: &JoinFilter) -> Self {
        Self {
            expr: Arc::clone(filter.expression()),
            columns: filter.column_indices().to_vec(),
            fields: filter.schema().fields().to_vec(),
        }
    }

    /// Writes the text of a column where the filter asks for it, from its number, which is there now, and its rest in another column of
    /// the same side.
    fn take_apart(&mut self, column: ColumnIndex, rest: usize, text: &TextOfNumber) -> Result<()> {
        let side = column.side;
        // A filter names a column once.
        let Some(number_at) = self.columns.iter().position(|known| *known == column) else { return Ok(()) };
        let name = self.fields[number_at].name().clone();
        let rest_at = self.columns.len();
        self.columns.push(ColumnIndex { index: rest, side });
        self.fields[number_at] = Arc::new(Field::new(&name, DataType::UInt32, true));
        self.fields.push(Arc::new(Field::new(&name, DataType::Utf8View, true)));
        let call = text.of_columns(&name, number_at, rest_at)?;
        let expr = Arc::clone(&self.expr).transform_up(|expr| {
            let is_text = expr.downcast_ref::<Column>().is_some_and(|column| column.index() == number_at);
            Ok(if is_text { Transformed::yes(Arc::clone(&call)) } else { Transformed::no(expr) })
        });
        self.expr = expr.data()?;
        Ok(())
    }

    fn closed(self) -> JoinFilter {
        let schema: SchemaRef = Arc::new(Schema::new(self.fields));
        JoinFilter::new(self.expr, self.columns, schema)
    }
}
