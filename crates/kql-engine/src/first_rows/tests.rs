//! The operator hands on one whole row of each key.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{AsArray, Int64Array, RecordBatch, StringViewArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::SessionConfig;

use super::exec::FirstRowsExec;
use crate::plan_codec::PlanCodec;

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("key", DataType::Utf8View, true),
        Field::new("number", DataType::Int64, true),
        Field::new("id", DataType::Int64, false),
    ]))
}

/// Row `id` has the key that follows from it; some keys are null.
fn key(id: i64, keys: i64) -> (Option<String>, Option<i64>) {
    let key = id * 7919 % keys;
    ((key % 50 != 0).then(|| format!("the key of row {}", key / 3)), (key % 70 != 0).then_some(key % 3))
}

fn batch(ids: std::ops::Range<i64>, keys: i64) -> RecordBatch {
    let (texts, numbers): (Vec<_>, Vec<_>) = ids.clone().map(|id| key(id, keys)).unzip();
    let columns: Vec<arrow::array::ArrayRef> = vec![
        Arc::new(StringViewArray::from_iter(texts)),
        Arc::new(Int64Array::from(numbers)),
        Arc::new(Int64Array::from_iter_values(ids)),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

fn keys() -> Vec<Arc<dyn PhysicalExpr>> {
    vec![Arc::new(Column::new("key", 0)), Arc::new(Column::new("number", 1))]
}

/// The rows of two partitions, first each for itself, then together.
fn plan(rows: i64, distinct: i64) -> Arc<dyn ExecutionPlan> {
    let half = |from: i64| -> Vec<RecordBatch> {
        let starts = (from..rows).step_by(200);
        starts.map(|start| batch(start..rows.min(start + 100), distinct)).collect()
    };
    let source = MemorySourceConfig::try_new_exec(&[half(0), half(100)], schema(), None).unwrap();
    let parts = Arc::new(FirstRowsExec::of_partition(source, keys()));
    Arc::new(FirstRowsExec::of_all(Arc::new(CoalescePartitionsExec::new(parts)), keys()))
}

#[tokio::test]
async fn each_key_has_one_row_with_all_its_values() {
    // The last has so many keys that partitions stop dropping rows.
    for (rows, distinct) in [(0, 5), (1, 5), (1000, 1), (1000, 50), (1000, 5000), (250_000, 245_000)] {
        let expected: HashMap<_, _> = (0..rows).map(|id| (key(id, distinct), ())).collect();
        for is_sent in [false, true] {
            let context =
                Arc::new(TaskContext::default().with_session_config(SessionConfig::new().with_batch_size(128)));
            let mut plan = plan(rows, distinct);
            if is_sent {
                plan = PlanCodec::decode(&PlanCodec::encode(plan).unwrap(), &context).unwrap();
            }
            let mut found = HashMap::new();
            for batch in collect(plan, context).await.unwrap() {
                assert!(batch.num_rows() <= 128, "{} rows", batch.num_rows());
                let (texts, numbers) = (batch.column(0).as_string_view(), batch.column(1).as_primitive::<Int64Type>());
                let ids = batch.column(2).as_primitive::<Int64Type>();
                for row in 0..batch.num_rows() {
                    let values = (texts.iter().nth(row).unwrap().map(str::to_owned), numbers.iter().nth(row).unwrap());
                    assert_eq!(values, key(ids.value(row), distinct));
                    assert!(found.insert(values, ()).is_none(), "a key has two rows");
                }
            }
            assert_eq!(found.len(), expected.len(), "{rows} rows, {distinct} keys");
        }
    }
}

#[tokio::test]
async fn keys_beyond_the_memory_are_an_error_of_resources() {
    let pool = Arc::new(GreedyMemoryPool::new(100_000));
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc().unwrap();
    let context = Arc::new(TaskContext::default().with_runtime(runtime));
    let error = collect(plan(100_000, 90_000), Arc::clone(&context)).await.unwrap_err();
    assert!(matches!(error.find_root(), datafusion::error::DataFusionError::ResourcesExhausted(_)), "{error}");
}
