//! The operator gives what DataFusion's aggregation gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringViewArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::config::ConfigOptions;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateExprBuilder;
use datafusion::physical_expr::expressions::{binary, cast, col, lit};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, collect, displayable};
use datafusion::prelude::SessionConfig;

use super::exec::SharedGroupsExec;
use super::rule::SharedGroups;
use crate::plan_codec::PlanCodec;

const COLUMNS: [&str; 6] = ["user", "address", "number", "kind", "value", "time"];

fn schema() -> SchemaRef {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let types = [DataType::Utf8View, DataType::Utf8View, DataType::Int64, DataType::Utf8View, DataType::Int64, time];
    let fields = COLUMNS.iter().zip(types).map(|(name, ty)| Field::new(*name, ty, *name != "kind"));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Rows share the texts of users and kinds, as those of a Parquet dictionary do; some users and numbers are null.
fn batch(ids: std::ops::Range<i64>, distinct: i64) -> RecordBatch {
    let user = |user: i64| {
        (user % 50 != 7).then(|| if user % 3 == 0 { format!("u{user}") } else { format!("user{user}@example.com") })
    };
    let users: StringViewArray = (0..distinct).map(user).collect();
    let kinds = StringViewArray::from_iter_values(["", "a", "b"]);
    let some = |of: i64, step: i64| ids.clone().map(|id| (id * step % of) as u32).collect::<UInt32Array>();
    let addresses = ids.clone().map(|id| format!("10.0.{}.{}", id * 31 % distinct, id % 2));
    let columns: Vec<ArrayRef> = vec![
        take(&users, &some(distinct, 7919), None).unwrap(),
        Arc::new(StringViewArray::from_iter_values(addresses)),
        Arc::new(ids.clone().map(|id| (id % 9 != 4).then_some(id % 4)).collect::<Int64Array>()),
        take(&kinds, &some(3, 1), None).unwrap(),
        Arc::new(Int64Array::from_iter_values(ids.clone())),
        Arc::new(
            TimestampMicrosecondArray::from_iter(ids.map(|id| (id % 8 != 5).then_some(id / 700 * 700)))
                .with_timezone("UTC"),
        ),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

/// How many rows a filter leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    All,
    Most,
    Some,
}

/// Rows in two partitions of which a filter leaves some.
fn input(rows: i64, distinct: i64, left: Left) -> Arc<dyn ExecutionPlan> {
    let half = |from: i64| -> Vec<RecordBatch> {
        let starts = (from..rows).step_by(4000);
        starts.map(|start| batch(start..rows.min(start + 2000), distinct)).collect()
    };
    let source = MemorySourceConfig::try_new_exec(&[half(0), half(2000)], schema(), None).unwrap();
    let kind = binary(col("kind", &schema()).unwrap(), Operator::NotEq, text("a"), &schema()).unwrap();
    match left {
        Left::All => return source,
        Left::Most => {
            let filter = FilterExecBuilder::new(kind, source).apply_projection(Some(vec![4, 2, 1, 0]));
            return Arc::new(filter.and_then(FilterExecBuilder::build).unwrap());
        }
        Left::Some => {}
    }
    let null = lit(ScalarValue::Boolean(None));
    let number = binary(col("number", &schema()).unwrap(), Operator::Gt, lit(0_i64), &schema()).unwrap();
    let number = binary(number, Operator::Or, null, &schema()).unwrap();
    let predicate = binary(kind, Operator::And, number, &schema()).unwrap();
    let filter: FilterExec = FilterExecBuilder::new(predicate, source)
        .apply_projection(Some(vec![4, 2, 1, 0]))
        .and_then(FilterExecBuilder::build)
        .unwrap();
    Arc::new(filter)
}

fn text(text: &str) -> Arc<dyn PhysicalExpr> {
    lit(ScalarValue::Utf8View(Some(text.to_owned())))
}

fn groups(keys: &[&str], mode: AggregateMode, input: Arc<dyn ExecutionPlan>, rows: &SchemaRef) -> AggregateExec {
    let key = |(at, name): (usize, &&str)| -> (Arc<dyn PhysicalExpr>, String) {
        let is_first_step = matches!(mode, AggregateMode::Partial | AggregateMode::Single);
        let column = if is_first_step {
            col(name, rows).unwrap()
        } else {
            Arc::new(datafusion::physical_expr::expressions::Column::new(name, at))
        };
        (column, (*name).to_owned())
    };
    let by = PhysicalGroupBy::new_single(keys.iter().enumerate().map(key).collect());
    let value = || vec![col("value", rows).unwrap()];
    let call = |udaf, name: &str| {
        Arc::new(AggregateExprBuilder::new(udaf, value()).schema(Arc::clone(rows)).alias(name).build().unwrap())
    };
    let calls = vec![call(count_udaf(), "rows"), call(sum_udaf(), "total")];
    let odd = binary(col("value", rows).unwrap(), Operator::Gt, lit(500_i64), rows).unwrap();
    AggregateExec::try_new(mode, by, calls, vec![None, Some(odd)], input, Arc::clone(rows)).unwrap()
}

/// Each group as text, with its results.
async fn results(plan: Arc<dyn ExecutionPlan>, keys: usize) -> BTreeMap<String, (i64, Option<i64>)> {
    let config = SessionConfig::new().with_batch_size(100);
    let context = Arc::new(TaskContext::default().with_session_config(config));
    let mut found = BTreeMap::new();
    for batch in collect(plan, context).await.unwrap() {
        assert!(batch.num_rows() <= 100, "{} rows", batch.num_rows());
        for row in 0..batch.num_rows() {
            let key = |at: usize| format!("{:?}", ScalarValue::try_from_array(batch.column(at), row).unwrap());
            let key = (0..keys).map(key).collect::<Vec<_>>().join("|");
            let values = [keys, keys + 1].map(|at| batch.column(at).as_primitive::<Int64Type>().clone());
            let total = values[1].is_valid(row).then(|| values[1].value(row));
            assert!(found.insert(key, (values[0].value(row), total)).is_none(), "a group comes twice");
        }
    }
    found
}

#[tokio::test]
async fn groups_are_those_of_an_aggregation() {
    for keys in [vec!["user"], vec!["user", "address"], vec!["number", "user"], vec!["user", "address", "number"]] {
        for (rows, distinct) in [(0, 5), (1, 5), (5000, 1), (9000, 300), (9000, 8000)] {
            for left in [Left::All, Left::Most, Left::Some] {
                let input = || input(rows, distinct, left);
                let schema = input().schema();
                let single = CoalescePartitionsExec::new(input());
                let expected = groups(&keys, AggregateMode::Single, Arc::new(single), &schema);
                let expected = results(Arc::new(expected), keys.len()).await;
                let shared = SharedGroupsExec::new(groups(&keys, AggregateMode::Single, input(), &schema));
                let shared: Arc<dyn ExecutionPlan> = Arc::new(shared);
                let sent = PlanCodec::encode(Arc::clone(&shared)).unwrap();
                let sent = PlanCodec::decode(&sent, &TaskContext::default()).unwrap();
                assert_eq!(results(shared, keys.len()).await, expected, "{keys:?} of {rows} rows, {left:?}");
                assert_eq!(results(sent, keys.len()).await, expected, "{keys:?} of {rows} rows, {left:?}, sent");
            }
        }
    }
}

#[tokio::test]
async fn partitions_that_take_all_rows_have_tables_of_their_own() {
    for keys in [vec!["time"], vec!["time", "number"]] {
        for rows in [0, 1, 1500, 9000] {
            let input = || input(rows, 300, Left::All);
            let single = CoalescePartitionsExec::new(input());
            let expected = groups(&keys, AggregateMode::Single, Arc::new(single), &schema());
            let expected = results(Arc::new(expected), keys.len()).await;
            let shared = SharedGroupsExec::new(groups(&keys, AggregateMode::Single, input(), &schema()));
            assert_eq!(results(Arc::new(shared), keys.len()).await, expected, "{keys:?} of {rows} rows");
        }
    }
}

#[tokio::test]
async fn two_steps_by_time_and_text_of_a_scan_become_one() {
    let (rows, schema) = (input(9000, 300, Left::All), schema());
    let column = |name: &str| (col(name, &schema).unwrap(), name.to_owned());
    let hour = || {
        let hour = cast(col("time", &schema).unwrap(), &schema, DataType::Timestamp(TimeUnit::Microsecond, None));
        (hour.unwrap(), "hour".to_owned())
    };
    let call = AggregateExprBuilder::new(count_udaf(), vec![lit(1_i64)]).schema(Arc::clone(&schema)).alias("rows");
    let call = Arc::new(call.build().unwrap());
    let of = |mode, by, input| {
        AggregateExec::try_new(mode, by, vec![Arc::clone(&call)], vec![None], input, Arc::clone(&schema)).unwrap()
    };
    let mut config = ConfigOptions::new();
    config.execution.target_partitions = 2;
    for (keys, is_shared) in [
        (vec![hour(), column("user")], true),
        (vec![hour()], false),
        (vec![column("time"), column("user")], false),
        (vec![hour(), column("user"), column("number")], false),
    ] {
        let by = PhysicalGroupBy::new_single(keys);
        let partial = of(AggregateMode::Partial, by.clone(), Arc::clone(&rows));
        let whole = of(AggregateMode::Final, partial.group_expr().as_final(), Arc::new(partial));
        let plan = SharedGroups.optimize(Arc::new(whole), &config).unwrap();
        assert_eq!(plan.downcast_ref::<SharedGroupsExec>().is_some(), is_shared, "{by:?}");
        if is_shared {
            let single = of(AggregateMode::Single, by, Arc::new(CoalescePartitionsExec::new(Arc::clone(&rows))));
            assert_eq!(sorted(plan).await, sorted(Arc::new(single)).await);
        }
    }
}

/// The rows of a plan as text.
async fn sorted(plan: Arc<dyn ExecutionPlan>) -> Vec<String> {
    let batches = collect(plan, Arc::default()).await.unwrap();
    let row = |batch: &RecordBatch, row: usize| {
        let value = |column: &ArrayRef| format!("{:?}", ScalarValue::try_from_array(column, row).unwrap());
        batch.columns().iter().map(value).collect::<Vec<_>>().join("|")
    };
    let rows = batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |at| row(batch, at)));
    let mut rows: Vec<String> = rows.collect();
    rows.sort();
    rows
}

#[test]
fn two_steps_by_text_become_one() {
    for (key, partitions, is_filtered, is_shared) in
        [("user", 2, true, true), ("user", 2, false, false), ("number", 2, true, false), ("user", 16, true, false)]
    {
        let input = input(100, 5, if is_filtered { Left::Some } else { Left::All });
        let schema = input.schema();
        let partial = groups(&[key], AggregateMode::Partial, input, &schema);
        let whole = groups(&[key], AggregateMode::Final, Arc::new(partial), &schema);
        let mut config = ConfigOptions::new();
        config.execution.target_partitions = partitions;
        let plan = SharedGroups.optimize(Arc::new(whole), &config).unwrap();
        assert_eq!(
            plan.downcast_ref::<SharedGroupsExec>().is_some(),
            is_shared,
            "{}",
            displayable(plan.as_ref()).indent(false)
        );
        assert_eq!(plan.output_partitioning().partition_count() == 1, is_shared);
        config.optimizer.prefer_hash_join = false;
        assert_eq!(SharedGroups.optimize(Arc::clone(&plan), &config).unwrap().name(), plan.name());
    }
}

#[tokio::test]
async fn groups_beyond_the_memory_are_an_error_of_resources() {
    let pool = Arc::new(GreedyMemoryPool::new(100_000));
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc().unwrap();
    let context = Arc::new(TaskContext::default().with_runtime(runtime));
    let rows = input(30_000, 20_000, Left::Some);
    let given = rows.schema();
    let groups = groups(&["user"], AggregateMode::Single, rows, &given);
    let error = collect(Arc::new(SharedGroupsExec::new(groups)), context).await.unwrap_err();
    assert!(matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)), "{error}");
}

#[tokio::test]
async fn groups_that_are_counted_have_no_columns() {
    let keys = ["user", "address"];
    for (left, is_shared) in [(Left::Some, true), (Left::Most, true), (Left::All, false)] {
        let rows = input(9000, 300, left);
        let schema = rows.schema();
        let partial = groups(&keys, AggregateMode::Partial, Arc::clone(&rows), &schema);
        let in_two_steps = groups(&keys, AggregateMode::Final, Arc::new(partial), &schema);
        let in_one_step = SharedGroupsExec::new(groups(&keys, AggregateMode::Single, rows, &schema));
        let given = in_two_steps.schema();
        // A count of rows, or of one of their values.
        let count = |argument: &Arc<dyn PhysicalExpr>, input: Arc<dyn ExecutionPlan>| -> Arc<dyn ExecutionPlan> {
            let call = AggregateExprBuilder::new(count_udaf(), vec![Arc::clone(argument)]);
            let call = Arc::new(call.schema(Arc::clone(&given)).alias("count").build().unwrap());
            let by = PhysicalGroupBy::new_single(Vec::new());
            let mode = AggregateMode::Single;
            Arc::new(AggregateExec::try_new(mode, by, vec![call], vec![None], input, Arc::clone(&given)).unwrap())
        };
        let mut config = ConfigOptions::new();
        config.execution.target_partitions = 2;
        let (shared, two): (Arc<dyn ExecutionPlan>, Arc<dyn ExecutionPlan>) =
            (Arc::new(in_one_step), Arc::new(in_two_steps));
        for (argument, is_counted) in [(lit(1_i64), is_shared), (col("total", &given).unwrap(), false)] {
            let plan = SharedGroups.optimize(count(&argument, Arc::clone(&two)), &config).unwrap();
            let text = displayable(plan.as_ref()).indent(false).to_string();
            assert_eq!(text.contains(", counted"), is_counted, "{text}");
            if !is_shared {
                continue;
            }
            let bytes = PlanCodec::encode(Arc::clone(&plan)).unwrap();
            let sent = PlanCodec::decode(&bytes, &TaskContext::default()).unwrap();
            let answer = async |plan| collect(plan, Arc::default()).await.unwrap();
            let expected = answer(count(&argument, Arc::clone(&shared))).await;
            assert_eq!(answer(plan).await, expected, "{text}");
            assert_eq!(answer(sent).await, expected, "{text}, sent");
        }
    }
}
