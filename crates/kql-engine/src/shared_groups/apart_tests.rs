//! Groups by texts that rows have as numbers are those by the texts.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringViewArray, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::min_max::max_udaf;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::aggregate::AggregateExprBuilder;
use datafusion::physical_expr::expressions::{binary, col, lit};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};

use super::exec::SharedGroupsExec;
use super::source::Source;
use super::table::Key;
use super::written::{sorted_lines, written};

const ROWS: i64 = 6000;

fn schema() -> SchemaRef {
    let types = [DataType::UInt32, DataType::Utf8View, DataType::Utf8View, DataType::Int64];
    let fields = ["number", "rest", "user", "value"].iter().zip(types);
    Arc::new(Schema::new(fields.map(|(name, ty)| Field::new(*name, ty, true)).collect::<Vec<_>>()))
}

/// Some batches without rests, some with.
fn batch(from: i64) -> RecordBatch {
    let ids = from..from + 500;
    let is_rest = |id: i64| from % 1000 == 0 && id % 7 == 3;
    let columns: [ArrayRef; 4] = [
        Arc::new(ids.clone().map(|id| (!is_rest(id)).then_some((id * 31 % 97) as u32)).collect::<UInt32Array>()),
        Arc::new(ids.clone().map(|id| is_rest(id).then(|| format!("::{}", id % 11))).collect::<StringViewArray>()),
        Arc::new(ids.clone().map(|id| Some(format!("user{}", id % 13))).collect::<StringViewArray>()),
        Arc::new(Int64Array::from_iter_values(ids)),
    ];
    RecordBatch::try_new(schema(), columns.to_vec()).unwrap()
}

/// The user, the value and the text of a few rows in two partitions.
fn rows() -> Arc<dyn ExecutionPlan> {
    let half = |from: i64| (from..ROWS).step_by(1000).map(batch).collect::<Vec<_>>();
    let source = MemorySourceConfig::try_new_exec(&[half(0), half(500)], schema(), None).unwrap();
    let column = |name: &str| col(name, &schema()).unwrap();
    let few = binary(column("value"), Operator::Modulo, lit(5_i64), &schema()).unwrap();
    let few = binary(few, Operator::Lt, lit(2_i64), &schema()).unwrap();
    let text = written(column("number"), column("rest"));
    let exprs = [(column("user"), "user"), (text, "address"), (column("value"), "value")];
    let exprs = exprs.map(|(expr, name)| ProjectionExpr { expr, alias: name.to_owned() });
    let filter = Arc::new(FilterExec::try_new(few, source).unwrap());
    Arc::new(ProjectionExec::try_new(exprs.to_vec(), filter).unwrap())
}

fn groups(keys: &[&str], greatest_of: &str, input: Arc<dyn ExecutionPlan>) -> AggregateExec {
    let schema = input.schema();
    let keys = keys.iter().map(|name| (col(name, &schema).unwrap(), (*name).to_owned())).collect();
    let call = |udaf, name: &str| {
        let call = AggregateExprBuilder::new(udaf, vec![col(greatest_of, &schema).unwrap()]);
        Arc::new(call.schema(Arc::clone(&schema)).alias(name).build().unwrap())
    };
    let calls = vec![call(count_udaf(), "rows"), call(max_udaf(), "greatest")];
    let by = PhysicalGroupBy::new_single(keys);
    AggregateExec::try_new(AggregateMode::Single, by, calls, vec![None, None], input, schema).unwrap()
}

#[tokio::test]
async fn groups_by_numbers_are_those_by_texts() {
    for (keys, greatest_of, is_apart) in [
        (vec!["address"], "value", true),
        (vec!["user", "address"], "value", true),
        (vec!["address", "user"], "user", true),
        // The text is asked for elsewhere, too.
        (vec!["address"], "address", false),
        (vec!["user"], "address", false),
    ] {
        let whole = groups(&keys, greatest_of, rows());
        let (_, _, forms) = Source::of(whole.input()).with_keys_apart(&whole);
        let apart = forms.iter().filter(|key| matches!(key, Key::Apart { .. })).count();
        assert_eq!(apart, usize::from(is_apart), "{keys:?}");
        let expected = groups(&keys, greatest_of, Arc::new(CoalescePartitionsExec::new(rows())));
        let shared = SharedGroupsExec::new(whole);
        assert_eq!(sorted_lines(Arc::new(shared)).await, sorted_lines(Arc::new(expected)).await, "{keys:?}");
    }
}
