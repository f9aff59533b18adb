//! Every join by time must give what the hash join gives that it replaces.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringViewArray, TimestampMicrosecondArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::{DFSchema, JoinType, NullEquality, ScalarValue};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::execution::context::ExecutionProps;
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, col, lit};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};
use datafusion::physical_plan::joins::utils::{JoinFilter, JoinOn};
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::{ExecutionPlan, Partitioning, collect};
use datafusion::prelude::SessionConfig;
use kql_functions::Type;
use kql_functions::arithmetic::ArithmeticOp;

use super::exec::TimeWindowJoinExec;
use super::index::first_not;
use super::window::TimeWindow;
use crate::functions::kernel::Kernel;
use crate::functions::ticks::{stored_datetime, to_ticks};
use crate::plan_codec::PlanCodec;

/// Ticks of the unit of the tests' times: a microsecond.
const UNIT: i64 = 10;

/// Numbers that look random, the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[derive(Debug, Clone, Copy)]
struct Shape {
    rows: (u64, u64),
    keys: u64,
    times: u64,
    is_long_key: bool,
}

fn schema(side: &str) -> SchemaRef {
    let name = |name: &str| format!("{side}_{name}");
    Arc::new(Schema::new(vec![
        Field::new(name("id"), DataType::Int64, false),
        Field::new(name("key"), DataType::Utf8View, true),
        Field::new(name("number"), DataType::Int64, true),
        Field::new(name("time"), stored_datetime(), true),
    ]))
}

/// Rows with few keys, of which one has half of the rows, with null keys and null times, in batches of any size.
fn batches(side: &str, rows: u64, shape: Shape, chance: &mut Chance) -> Vec<RecordBatch> {
    let mut batches = Vec::new();
    let mut done = 0;
    while done < rows {
        let size = (1 + chance.below(9)).min(rows - done);
        let mut keys: Vec<Option<String>> = Vec::new();
        let (mut numbers, mut times) = (Vec::new(), Vec::new());
        for _ in 0..size {
            let key = if chance.below(2) == 0 { 0 } else { chance.below(shape.keys) };
            let prefix = if shape.is_long_key { "a key that is longer than twelve bytes " } else { "k" };
            keys.push((chance.below(10) > 0).then(|| format!("{prefix}{key}")));
            numbers.push((chance.below(10) > 0).then(|| chance.below(2) as i64));
            times.push((chance.below(10) > 0).then(|| chance.below(shape.times) as i64));
        }
        let ids: Vec<i64> = (done..done + size).map(|id| id as i64).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(ids)),
            Arc::new(StringViewArray::from_iter(keys)),
            Arc::new(Int64Array::from(numbers)),
            Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")),
        ];
        batches.push(RecordBatch::try_new(schema(side), columns).unwrap());
        done += size;
    }
    batches
}

fn join_filter(condition: &Expr) -> JoinFilter {
    let fields: Vec<Field> = ["l", "r"]
        .iter()
        .flat_map(|side| schema(side).fields().iter().map(|f| f.as_ref().clone()).collect::<Vec<_>>())
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let known = DFSchema::try_from(Arc::clone(&schema)).unwrap();
    let context = PhysicalPlanningContext::default();
    let expression = create_physical_expr(condition, &known, &ExecutionProps::new(), &context).unwrap();
    JoinFilter::new(expression, JoinFilter::build_column_indices((0..4).collect(), (0..4).collect()), schema)
}

fn arithmetic(op: ArithmeticOp, types: (Type, Type, Type), left: Expr, right: Expr) -> Expr {
    Kernel::Arithmetic { op, left: types.0, right: types.1, result: types.2 }.call(vec![left, right])
}

pub(super) fn after(time: Expr, ticks: i64) -> Expr {
    arithmetic(ArithmeticOp::Add, (Type::DateTime, Type::TimeSpan, Type::DateTime), time, lit(ticks))
}

fn difference(to: Expr, from: Expr) -> Expr {
    arithmetic(ArithmeticOp::Subtract, (Type::DateTime, Type::DateTime, Type::TimeSpan), to, from)
}

/// Conditions with a window, written in different ways.
fn conditions(low: i64, high: i64) -> Vec<Expr> {
    let (left, right) = (|| col("l_time"), || col("r_time"));
    let ticks = to_ticks;
    let span = || difference(ticks(right()), ticks(left()));
    let residual = || col("l_id").not_eq(col("r_id"));
    vec![
        right().gt_eq(left()).and(ticks(right()).lt_eq(after(ticks(left()), high))),
        right().gt(left()).and(ticks(right()).lt(after(ticks(left()), high))).and(residual()),
        span().gt_eq(lit(low)).and(span().lt_eq(lit(high))),
        lit(low).lt(span()).and(lit(high).gt(span())).and(residual()),
        left().lt(right()),
        difference(ticks(left()), ticks(right())).gt(lit(-high)),
        difference(ticks(left()), ticks(right())).eq(lit(high)),
        after(ticks(left()), low).lt_eq(ticks(right())).and(residual()),
    ]
}

fn keys(side: &str) -> Vec<Arc<dyn PhysicalExpr>> {
    let key = |name: &str, index| Arc::new(Column::new(&format!("{side}_{name}"), index)) as Arc<dyn PhysicalExpr>;
    vec![key("key", 1), key("number", 2)]
}

struct Inputs {
    left: Vec<RecordBatch>,
    right: Vec<RecordBatch>,
    partitions: usize,
    mode: PartitionMode,
    nulls: NullEquality,
    keys: usize,
    projection: Option<Vec<usize>>,
}

fn hash_join(inputs: &Inputs, condition: &Expr) -> HashJoinExec {
    let on: JoinOn = keys("l").into_iter().zip(keys("r")).take(inputs.keys).collect();
    let left_partitions = if inputs.mode == PartitionMode::CollectLeft { 1 } else { inputs.partitions };
    let by_key = |side: &str, batches: &[RecordBatch], partitions: usize| -> Arc<dyn ExecutionPlan> {
        let source = MemorySourceConfig::try_new_exec(&[batches.to_vec()], schema(side), None).unwrap();
        if partitions == 1 {
            return source;
        }
        let keys = keys(side).into_iter().take(inputs.keys).collect();
        Arc::new(RepartitionExec::try_new(source, Partitioning::Hash(keys, partitions)).unwrap())
    };
    HashJoinExec::try_new(
        by_key("l", &inputs.left, left_partitions),
        by_key("r", &inputs.right, inputs.partitions),
        on,
        Some(join_filter(condition)),
        &JoinType::Inner,
        inputs.projection.clone(),
        inputs.mode,
        inputs.nulls,
        false,
    )
    .unwrap()
}

async fn rows(plan: Arc<dyn ExecutionPlan>, context: &Arc<TaskContext>) -> Vec<String> {
    let batch_size = context.session_config().batch_size();
    let batches = collect(plan, Arc::clone(context)).await.unwrap();
    let mut rows = Vec::new();
    for batch in &batches {
        assert!(batch.num_rows() <= batch_size, "{} rows", batch.num_rows());
        let options = FormatOptions::new().with_null("null");
        let cells: Vec<_> = batch.columns().iter().map(|c| ArrayFormatter::try_new(c, &options).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = cells.iter().map(|cell| cell.value(row).to_string()).collect();
            rows.push(cells.join("|"));
        }
    }
    rows.sort_unstable();
    rows
}

fn context(batch_size: usize) -> Arc<TaskContext> {
    let config = SessionConfig::new().with_batch_size(batch_size);
    Arc::new(TaskContext::default().with_session_config(config))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pairs_are_those_of_the_hash_join() {
    let mut chance = Chance(7);
    let mut found = 0;
    for round in 0..60_u64 {
        let shape = Shape {
            rows: [(0, 40), (40, 0), (30, 50), (120, 20), (1, 1), (60, 60)][(round % 6) as usize],
            keys: 1 + chance.below(6),
            times: [4, 30, 1000][chance.below(3) as usize],
            is_long_key: round % 2 == 0,
        };
        let left = batches("l", shape.rows.0, shape, &mut chance);
        let right = batches("r", shape.rows.1, shape, &mut chance);
        let low = (chance.below(20) as i64 - 10) * UNIT;
        let high = low + (chance.below(20) as i64 - 3) * UNIT;
        let inputs = Inputs {
            left,
            right,
            partitions: 1 + (round % 3) as usize,
            mode: if round % 4 == 0 { PartitionMode::CollectLeft } else { PartitionMode::Partitioned },
            nulls: if round % 5 == 0 { NullEquality::NullEqualsNothing } else { NullEquality::NullEqualsNull },
            keys: 1 + (round / 3 % 2) as usize,
            projection: [None, Some(vec![0, 4]), Some(vec![7, 1]), Some(Vec::new())][(round % 4) as usize].clone(),
        };
        for (form, condition) in conditions(low, high).into_iter().enumerate() {
            // Rows can be spread once only, so that each run needs inputs of its own.
            let join = || hash_join(&inputs, &condition);
            let by_time = || TimeWindowJoinExec::instead_of(&join()).unwrap().expect("a window");
            let expected = rows(Arc::new(join()), &context(8192)).await;
            found += expected.len();
            for batch_size in [1, 3, 8192] {
                let context = context(batch_size);
                let actual = rows(Arc::new(by_time()), &context).await;
                assert_eq!(actual, expected, "round {round}, form {form}, batches of {batch_size}: {shape:?}");
            }
            let context = context(5);
            let travelled = PlanCodec::decode(&PlanCodec::encode(Arc::new(by_time())).unwrap(), &context).unwrap();
            assert!(format!("{travelled:?}").starts_with("TimeWindowJoinExec"), "{travelled:?}");
            assert_eq!(rows(travelled, &context).await, expected, "round {round}, form {form}, decoded");
        }
    }
    assert!(found > 10_000, "{found} rows in all prove little");
}

/// Rows in large batches that share the texts of their keys, as those of a Parquet dictionary do.
fn sharing_batches(side: &str, sizes: &[u32], chance: &mut Chance) -> Vec<RecordBatch> {
    let mut batches = Vec::new();
    for (number, size) in sizes.iter().enumerate() {
        let words =
            (0..90).map(|key| (key % 11 > 0).then(|| format!("a key longer than twelve bytes {}", key + number * 20)));
        let dictionary: ArrayRef = Arc::new(StringViewArray::from_iter(words));
        let keys: UInt32Array = (0..*size).map(|_| chance.below(90) as u32).collect();
        let times: TimestampMicrosecondArray =
            (0..*size).map(|_| (chance.below(20) > 0).then(|| chance.below(40_000) as i64)).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new((0..i64::from(*size)).collect::<Int64Array>()),
            take(&dictionary, &keys, None).unwrap(),
            Arc::new((0..*size).map(|_| Some(chance.below(2) as i64)).collect::<Int64Array>()),
            Arc::new(times.with_timezone("UTC")),
        ];
        batches.push(RecordBatch::try_new(schema(side), columns).unwrap());
    }
    batches
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_share_texts_have_the_pairs_of_the_hash_join() {
    let mut chance = Chance(11);
    for round in 0..6_usize {
        let (small, large) = ([300, 40, 700], [3000, 900, 5000, 20, 4000]);
        let sizes: [&[u32]; 2] = if round % 2 == 0 { [&small, &large] } else { [&large, &small] };
        let inputs = Inputs {
            left: sharing_batches("l", sizes[0], &mut chance),
            right: sharing_batches("r", sizes[1], &mut chance),
            partitions: 1 + round % 3,
            mode: PartitionMode::Partitioned,
            nulls: if round < 3 { NullEquality::NullEqualsNothing } else { NullEquality::NullEqualsNull },
            keys: 1,
            projection: None,
        };
        let condition = &conditions(0, 900 * UNIT)[1];
        let join = || hash_join(&inputs, condition);
        let expected = rows(Arc::new(join()), &context(8192)).await;
        let by_time = TimeWindowJoinExec::instead_of(&join()).unwrap().expect("a window");
        assert_eq!(rows(Arc::new(by_time), &context(8192)).await, expected, "round {round}");
        assert!(expected.len() > 1000, "{}", expected.len());
    }
}

#[test]
fn a_hint_does_not_change_what_is_found() {
    let times: Vec<i64> = (0..40).map(|at| at / 3 * 2).collect();
    for length in [0, 1, 5, 40] {
        for hint in 0..=length {
            for bound in -1..30 {
                let expected = times[..length].partition_point(|time| *time < bound);
                assert_eq!(
                    first_not(&times[..length], hint, |time| time < bound),
                    expected,
                    "{length}, {hint}, {bound}"
                );
            }
        }
    }
}

#[test]
fn the_window_is_what_the_conditions_say() {
    let bounds = |condition: &Expr| TimeWindow::of(&join_filter(condition)).map(|window| (window.low, window.high));
    let expected = [
        (Some(0), Some(90)),
        (Some(0), Some(90)),
        (Some(-20), Some(90)),
        (Some(-20), Some(90)),
        (Some(0), None),
        (None, Some(90)),
        (Some(-90), Some(-90)),
        (Some(-20), None),
    ];
    for (condition, expected) in conditions(-20, 90).iter().zip(expected) {
        assert_eq!(bounds(condition), Some(expected), "{condition}");
    }
}

#[test]
fn other_conditions_have_no_window() {
    let window = |condition: &Expr| TimeWindow::of(&join_filter(condition));
    let (left, right) = (|| to_ticks(col("l_time")), || to_ticks(col("r_time")));
    let null = || lit(ScalarValue::Int64(None));
    for condition in [
        // One side only, and both times of the same side.
        col("l_time").gt(col("l_time")),
        difference(left(), left()).lt(lit(5_i64)),
        // A sum of both.
        after(left(), 5).gt(difference(lit(9_i64), right())),
        // May hold without the bound.
        left().lt(right()).or(col("l_id").eq(lit(1_i64))),
        left().not_eq(right()),
        // Wraps, so that it says nothing about the difference.
        (col("r_id") - col("l_id")).lt(lit(5_i64)),
        difference(right(), left()).lt(null()),
        // The bound depends on the other side's row, too.
        arithmetic(ArithmeticOp::Add, (Type::DateTime, Type::TimeSpan, Type::DateTime), left(), col("r_id"))
            .gt(right()),
    ]
    .iter()
    {
        assert!(window(condition).is_none(), "{condition}");
    }
}

#[tokio::test]
async fn a_side_beyond_the_memory_is_an_error_of_resources() {
    let mut chance = Chance(3);
    let shape = Shape { rows: (2000, 2000), keys: 3, times: 50, is_long_key: true };
    for mode in [PartitionMode::Partitioned, PartitionMode::CollectLeft] {
        let inputs = Inputs {
            left: batches("l", 2000, shape, &mut chance),
            right: batches("r", 2000, shape, &mut chance),
            partitions: 2,
            mode,
            nulls: NullEquality::NullEqualsNull,
            keys: 1,
            projection: None,
        };
        let join = hash_join(&inputs, &conditions(0, 50)[0]);
        let by_time = TimeWindowJoinExec::instead_of(&join).unwrap().unwrap();
        let pool = Arc::new(GreedyMemoryPool::new(50_000));
        let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc().unwrap();
        let context = Arc::new(TaskContext::default().with_runtime(runtime));
        let error = collect(Arc::new(by_time), Arc::clone(&context)).await.unwrap_err();
        assert!(matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)), "{mode:?}: {error}");
    }
}
