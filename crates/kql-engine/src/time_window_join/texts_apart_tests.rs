//! A join whose texts are taken apart gives the same rows.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringViewArray, TimestampMicrosecondArray, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{DFSchema, JoinType, NullEquality};
use datafusion::config::ConfigOptions;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::col;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::physical_expr::create_physical_expr;
use datafusion::physical_expr::expressions::{Column, col as column};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::{ExecutionPlan, displayable};

use super::exec::TimeWindowJoinExec;
use super::tests::after;
use super::texts_apart::TextsApart;
use crate::functions::ticks::{stored_datetime, to_ticks};
use crate::shared_groups::written::{sorted_lines, written};

const COLUMNS: usize = 3;

fn stored() -> SchemaRef {
    let types = [stored_datetime(), DataType::Utf8View, DataType::UInt32, DataType::Utf8View];
    let fields = ["time", "user", "number", "rest"].iter().zip(types);
    Arc::new(Schema::new(fields.map(|(name, ty)| Field::new(*name, ty, true)).collect::<Vec<_>>()))
}

/// Times, users and addresses, which are written of numbers or are as they are.
fn side(name: &str, step: i64) -> Arc<dyn ExecutionPlan> {
    let ids = 0..200_i64;
    let is_rest = |id: i64| id % 5 == 1;
    let columns: [ArrayRef; 4] = [
        Arc::new(TimestampMicrosecondArray::from_iter_values(ids.clone().map(|id| id * step)).with_timezone("UTC")),
        Arc::new(ids.clone().map(|id| Some(format!("user{}", id % 7))).collect::<StringViewArray>()),
        Arc::new(ids.clone().map(|id| (!is_rest(id)).then_some((id % 3) as u32)).collect::<UInt32Array>()),
        Arc::new(ids.map(|id| is_rest(id).then(|| format!("::{}", id % 2))).collect::<StringViewArray>()),
    ];
    let rows = RecordBatch::try_new(stored(), columns.to_vec()).unwrap();
    let source = MemorySourceConfig::try_new_exec(&[vec![rows]], stored(), None).unwrap();
    let of = |column_name: &str| column(column_name, &stored()).unwrap();
    let exprs = [(of("time"), "time"), (of("user"), "user"), (written(of("number"), of("rest")), "address")];
    let exprs = exprs.map(|(expr, column)| ProjectionExpr { expr, alias: format!("{name}_{column}") });
    Arc::new(ProjectionExec::try_new(exprs.to_vec(), source).unwrap())
}

/// Pairs of a user within 30 units from different addresses.
fn join(projection: Option<Vec<usize>>) -> Arc<dyn ExecutionPlan> {
    let (left, right) = (side("l", 2), side("r", 3));
    let fields: Vec<_> = [&left, &right].iter().flat_map(|side| side.schema().fields().to_vec()).collect();
    let schema = Arc::new(Schema::new(fields));
    let condition = (col("r_time").gt_eq(col("l_time")))
        .and(to_ticks(col("r_time")).lt_eq(after(to_ticks(col("l_time")), 300)))
        .and(col("l_address").not_eq(col("r_address")));
    let known = DFSchema::try_from(Arc::clone(&schema)).unwrap();
    let context = PhysicalPlanningContext::default();
    let condition = create_physical_expr(&condition, &known, &ExecutionProps::new(), &context).unwrap();
    let columns = JoinFilter::build_column_indices((0..COLUMNS).collect(), (0..COLUMNS).collect());
    let on = vec![(Arc::new(Column::new("l_user", 1)) as _, Arc::new(Column::new("r_user", 1)) as _)];
    let filter = Some(JoinFilter::new(condition, columns, schema));
    let (mode, nulls) = (PartitionMode::CollectLeft, NullEquality::NullEqualsNothing);
    let join =
        HashJoinExec::try_new(left, right, on, filter, &JoinType::Inner, projection, mode, nulls, false).unwrap();
    Arc::new(TimeWindowJoinExec::instead_of(&join).unwrap().expect("has a window"))
}

#[tokio::test]
async fn pairs_are_the_same_with_texts_apart() {
    for (projection, apart) in
        [(Some(vec![0, 1, 3]), 2), (Some(vec![3, 4, 1]), 2), (Some(vec![5, 0]), 1), (Some(vec![2, 5, 3]), 0), (None, 0)]
    {
        let given = join(projection.clone());
        let changed = TextsApart.optimize(Arc::clone(&given), &ConfigOptions::new()).unwrap();
        let text = displayable(changed.as_ref()).indent(false).to_string();
        let written_below = text.lines().skip(1).filter(|line| line.contains("text(number@2")).count();
        assert_eq!(written_below, 2 - apart, "{projection:?}: {text}");
        assert_eq!(changed.schema(), given.schema());
        // Each runs once.
        let expected = sorted_lines(join(projection.clone())).await;
        assert!(expected.len() > 50, "{} pairs", expected.len());
        assert_eq!(sorted_lines(changed).await, expected, "{projection:?}");
    }
}
