//! What is remembered is what the expression gives.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, RecordBatchOptions, StringViewArray, UInt32Array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::config::ConfigOptions;
use datafusion::physical_expr::expressions::col;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::projection::ProjectionExec;
use kql_functions::{ArgumentInfo, Type};

use super::{PerText, SharedMemos, TextMemos};
use crate::functions::kql_scalar::KqlScalarUdf;

fn schema() -> SchemaRef {
    let field = |name: &str, ty| Field::new(name, ty, true);
    Arc::new(Schema::new(vec![
        field("n", DataType::Int64),
        field("t", DataType::Utf8View),
        field("u", DataType::Utf8View),
    ]))
}

fn call(name: &str, args: Vec<Arc<dyn PhysicalExpr>>) -> Arc<dyn PhysicalExpr> {
    let function = kql_functions::scalar(name).unwrap();
    let infos: Vec<ArgumentInfo> = args.iter().map(|_| ArgumentInfo { ty: Type::String, constant: None }).collect();
    let udf = Arc::new(KqlScalarUdf::new(function, function.resolve(&infos).unwrap(), 0).into());
    Arc::new(ScalarFunctionExpr::try_new(udf, args, &schema(), Arc::new(ConfigOptions::default())).unwrap())
}

fn column(name: &str) -> Arc<dyn PhysicalExpr> {
    col(name, &schema()).unwrap()
}

/// A batch whose texts repeat, or do not.
fn batch(seed: u32, rows: u32, texts: u32) -> RecordBatch {
    let words = (0..texts).map(|word| (word % 13 != 5).then(|| format!("A Text {} OF {seed}", word * word)));
    let dictionary: ArrayRef = Arc::new(StringViewArray::from_iter(words));
    let indices: UInt32Array = (0..rows).map(|row| (row * 31 + seed) % texts).collect();
    let t = take(&dictionary, &indices, None).unwrap();
    let n: ArrayRef = Arc::new(Int64Array::from_iter_values(0..i64::from(rows)));
    RecordBatch::try_new(schema(), vec![n, Arc::clone(&t), t]).unwrap()
}

#[test]
fn a_batch_without_columns_is_an_error() {
    let memo = PerText::new(call("tolower", vec![column("t")])).unwrap();
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let empty = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &options).unwrap();
    assert!(memo.evaluate(&empty).is_err());
}

#[test]
fn results_are_those_of_the_expression_whether_texts_repeat_or_not() {
    let whole = call("reverse", vec![call("tolower", vec![column("t")])]);
    let memo = PerText::new(Arc::clone(&whole)).unwrap();
    for (rows, texts) in [(8192, 700), (100, 7), (5000, 5000), (8192, 8000), (8192, 2), (2000, 90)] {
        for seed in 0..12 {
            let batch = batch(seed, rows, texts);
            let [found, expected] = [&memo as &dyn PhysicalExpr, whole.as_ref()]
                .map(|expr| expr.evaluate(&batch).unwrap().into_array(batch.num_rows()).unwrap());
            assert_eq!(found.as_string_view(), expected.as_string_view());
            assert_eq!(found.null_count(), 0);
        }
    }
}

#[test]
fn plans_over_the_same_rows_share_what_they_remember_within_a_bounded_memory() {
    let whole = call("tolower", vec![column("t")]);
    for (most_bytes, is_kept) in [(1 << 20, true), (1000, false)] {
        let shared = Arc::new(SharedMemos::within(most_bytes));
        let of = |selections: &[usize]| PerText::new(Arc::clone(&whole)).unwrap().sharing(&shared, selections);
        let plans = [of(&[3]), of(&[3]), of(&[4])];
        let mut sizes = Vec::new();
        for memo in &plans {
            let batch = batch(1, 8192, 700);
            let [found, expected] = [memo as &dyn PhysicalExpr, whole.as_ref()]
                .map(|expr| expr.evaluate(&batch).unwrap().into_array(batch.num_rows()).unwrap());
            assert_eq!(found.as_string_view(), expected.as_string_view());
            sizes.push(shared.memos());
        }
        assert_eq!(sizes, if is_kept { [1, 1, 2] } else { [0, 0, 0] });
        assert!(shared.bytes() <= most_bytes);
        shared.forget();
        assert_eq!((shared.bytes(), shared.memos()), (0, 0));
    }
}

#[test]
fn functions_of_one_column_of_texts_are_remembered() {
    let exprs = [
        (call("tolower", vec![column("t")]), "per_text("),
        (call("strcat", vec![column("t"), call("toupper", vec![column("u")])]), "strcat(t@1, per_text("),
        (call("new_guid", vec![]), "new_guid("),
        (column("t"), "t@1"),
    ];
    let input = Arc::new(EmptyExec::new(schema()));
    let projected: Vec<_> =
        exprs.iter().enumerate().map(|(at, (expr, _))| (Arc::clone(expr), format!("x{at}"))).collect();
    let plan = Arc::new(ProjectionExec::try_new(projected, input).unwrap());
    let plan = TextMemos::Last.optimize(plan, &ConfigOptions::default()).unwrap();
    let again = TextMemos::Last.optimize(Arc::clone(&plan), &ConfigOptions::default()).unwrap();
    for plan in [plan, again] {
        let plan = plan.downcast_ref::<ProjectionExec>().unwrap();
        for (found, (_, expected)) in plan.expr().iter().zip(&exprs) {
            assert!(found.expr.to_string().starts_with(expected), "{}", found.expr);
        }
        let memo = plan.expr()[0].expr.downcast_ref::<PerText>().unwrap();
        assert_eq!(memo.whole().as_ref(), exprs[0].0.as_ref());
    }
}
