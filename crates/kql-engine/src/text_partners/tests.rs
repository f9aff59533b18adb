//! The operator gives what DataFusion's join gives.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringViewArray, UInt32Array};
use arrow::compute::{concat_batches, take};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{JoinType, NullEquality};
use datafusion::config::ConfigOptions;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{binary, col, lit};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::{ExecutionPlan, collect};

use super::exec::TextPartnersExec;
use super::rule::TextPartners;
use crate::plan_codec::PlanCodec;

const ROWS: i64 = 40_000;

fn schema() -> SchemaRef {
    let fields = [("user", DataType::Utf8View), ("app", DataType::Utf8View), ("id", DataType::Int64)];
    Arc::new(Schema::new(fields.map(|(name, ty)| Field::new(name, ty, true)).to_vec()))
}

/// Rows that share their users as those of a Parquet dictionary do; some are null.
fn batch(ids: std::ops::Range<i64>, users: i64) -> RecordBatch {
    let user = |user: i64| (user % 50 != 7).then(|| format!("user{}{user}", "-".repeat((user % 3 * 9) as usize)));
    let texts: StringViewArray = (0..users).map(user).collect();
    let rows: UInt32Array = ids.clone().map(|id| (id * 7919 % users) as u32).collect();
    let users = take(&texts, &rows, None).unwrap();
    let apps = StringViewArray::from_iter_values(ids.clone().map(|id| format!("app {}", id % 4)));
    let columns: Vec<ArrayRef> = vec![users, Arc::new(apps), Arc::new(Int64Array::from_iter_values(ids))];
    RecordBatch::try_new(schema(), columns).unwrap()
}

fn rows_of(partitions: &[Vec<RecordBatch>]) -> Arc<dyn ExecutionPlan> {
    MemorySourceConfig::try_new_exec(partitions, schema(), None).unwrap()
}

/// Two partitions of events of 400 users, of which a filter leaves some.
fn events() -> Arc<dyn ExecutionPlan> {
    let partition = |from: i64| {
        let batches = (from..from + ROWS / 2).step_by(8192);
        batches.map(|id| batch(id..(id + 8192).min(from + ROWS / 2), 400)).collect::<Vec<_>>()
    };
    let rows = rows_of(&[partition(0), partition(ROWS / 2)]);
    let some = binary(col("id", &schema()).unwrap(), Operator::Gt, lit(99_i64), &schema()).unwrap();
    Arc::new(FilterExec::try_new(some, rows).unwrap())
}

/// Some of their users, twice each, and a user who has no event.
fn partners() -> Arc<dyn ExecutionPlan> {
    rows_of(&[vec![batch(0..60, 30), batch(5000..5003, 5003)]])
}

type Keys = Vec<(Arc<dyn PhysicalExpr>, Arc<dyn PhysicalExpr>)>;

fn by(columns: &[&str]) -> Keys {
    columns.iter().map(|name| (col(name, &schema()).unwrap(), col(name, &schema()).unwrap())).collect()
}

fn join(on: Keys, ty: JoinType, mode: PartitionMode, nulls: NullEquality) -> Arc<dyn ExecutionPlan> {
    Arc::new(HashJoinExec::try_new(partners(), events(), on, None, &ty, None, mode, nulls, false).unwrap())
}

fn semi_join(nulls: NullEquality) -> Arc<dyn ExecutionPlan> {
    join(by(&["user"]), JoinType::RightSemi, PartitionMode::CollectLeft, nulls)
}

fn changed(plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    TextPartners.optimize(plan, &ConfigOptions::new()).unwrap()
}

fn is_changed(plan: Arc<dyn ExecutionPlan>) -> bool {
    changed(plan).downcast_ref::<TextPartnersExec>().is_some()
}

async fn ids(plan: Arc<dyn ExecutionPlan>) -> Vec<i64> {
    let rows = concat_batches(&plan.schema(), &collect(plan, Arc::default()).await.unwrap()).unwrap();
    let ids = rows.column_by_name("id").unwrap().as_any().downcast_ref::<Int64Array>().unwrap().clone();
    let mut ids = ids.values().to_vec();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn rows_are_those_of_the_join() {
    for nulls in [NullEquality::NullEqualsNull, NullEquality::NullEqualsNothing] {
        let plan = semi_join(nulls);
        let expected = ids(Arc::clone(&plan)).await;
        assert!(!expected.is_empty() && expected.len() < ROWS as usize / 5, "{}", expected.len());
        let partners = changed(plan);
        assert!(partners.downcast_ref::<TextPartnersExec>().is_some());
        let bytes = PlanCodec::encode(Arc::clone(&partners)).unwrap();
        let travelled = PlanCodec::decode(&bytes, &TaskContext::default()).unwrap();
        assert!(travelled.downcast_ref::<TextPartnersExec>().is_some());
        for plan in [Arc::clone(&partners).reset_state().unwrap(), partners, travelled] {
            assert_eq!(ids(plan).await, expected, "{nulls:?}");
        }
    }
}

#[test]
fn other_joins_stay() {
    let nulls = NullEquality::NullEqualsNull;
    let with = |on: &[&str], ty, mode| join(by(on), ty, mode, nulls);
    assert!(is_changed(with(&["user"], JoinType::RightSemi, PartitionMode::CollectLeft)));
    assert!(!is_changed(with(&["user"], JoinType::RightSemi, PartitionMode::Partitioned)));
    assert!(!is_changed(with(&["user"], JoinType::Inner, PartitionMode::CollectLeft)));
    assert!(!is_changed(with(&["user", "app"], JoinType::RightSemi, PartitionMode::CollectLeft)));
    assert!(!is_changed(with(&["id"], JoinType::RightSemi, PartitionMode::CollectLeft)));
    let mut config = ConfigOptions::new();
    config.optimizer.prefer_hash_join = false;
    let plan = TextPartners.optimize(semi_join(nulls), &config).unwrap();
    assert!(plan.downcast_ref::<HashJoinExec>().is_some(), "memory did not suffice");
}

#[tokio::test]
async fn texts_that_do_not_fit_into_memory_are_refused() {
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(GreedyMemoryPool::new(500))).build_arc().unwrap();
    let context = Arc::new(TaskContext::default().with_runtime(runtime));
    let error = collect(changed(semi_join(NullEquality::NullEqualsNull)), context).await.unwrap_err();
    assert!(matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)), "{error}");
}
