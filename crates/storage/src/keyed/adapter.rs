//! The tests that a plan asks for, by the keys of one file.

use std::sync::Arc;

use arrow::datatypes::Schema;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::physical_expr::expressions::{CastExpr, Column, lit};
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};

use super::by_key::ByKey;
use super::keyed_test::{KeyedTest, TestFor};
use super::keyed_text::KeyedText;
use super::stored_keys::Keys;
use super::text_by_key::TextByKey;

/// The expression, which is over the file's columns, with marked tests of columns that are keys done by them, and marked texts left as keys. Rows
/// are chosen by keys that come in runs alone.
pub(crate) fn by_keys(expr: Arc<dyn PhysicalExpr>, file: &Schema) -> Result<Arc<dyn PhysicalExpr>> {
    let changed = expr.transform_down(|expr| {
        if let Some(text) = marked_text(&expr) {
            let column = column_of_keys(text, file);
            return Ok(match column {
                Some(column) => Transformed::new(Arc::new(TextByKey::new(column)) as _, true, TreeNodeRecursion::Jump),
                None => Transformed::no(expr),
            });
        }
        let Some((is_for, test)) = marked(&expr) else { return Ok(Transformed::no(expr)) };
        let keys = only_column(test).and_then(|column| Some((Keys::of(file.fields().get(column.index())?)?, column)));
        let test: Arc<dyn PhysicalExpr> = match (is_for, keys) {
            (TestFor::Column, Some((_, column))) | (TestFor::Rows, Some((Keys::InRuns, column))) => {
                Arc::new(ByKey::new(Arc::new(column), of_text(test)?))
            }
            (TestFor::Rows, _) => lit(true),
            (TestFor::Column, None) => return Ok(Transformed::no(expr)),
        };
        Ok(Transformed::new(test, true, TreeNodeRecursion::Jump))
    });
    changed.data()
}

/// What is marked as a test of one text.
fn marked(expr: &Arc<dyn PhysicalExpr>) -> Option<(TestFor, &Arc<dyn PhysicalExpr>)> {
    let call = expr.downcast_ref::<ScalarFunctionExpr>()?;
    let is_for = call.fun().inner().downcast_ref::<KeyedTest>()?.is_for();
    Some((is_for, call.args().first()?))
}

/// What is marked as a text that is wanted as keys.
fn marked_text(expr: &Arc<dyn PhysicalExpr>) -> Option<&Arc<dyn PhysicalExpr>> {
    let call = expr.downcast_ref::<ScalarFunctionExpr>()?;
    call.fun().inner().downcast_ref::<KeyedText>()?;
    call.args().first()
}

/// The column, if a text is nothing but one that the file gives as keys.
fn column_of_keys(text: &Arc<dyn PhysicalExpr>, file: &Schema) -> Option<Arc<dyn PhysicalExpr>> {
    let text = text.downcast_ref::<CastExpr>().map_or(text, CastExpr::expr);
    let column = text.downcast_ref::<Column>()?;
    Keys::of(file.fields().get(column.index())?)?;
    Some(Arc::clone(text))
}

fn only_column(test: &Arc<dyn PhysicalExpr>) -> Option<Column> {
    let mut columns = collect_columns(test).into_iter();
    columns.next().filter(|_| columns.next().is_none())
}

/// The test over one column of texts, in place of one of keys that become texts.
fn of_text(test: &Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
    let text: Arc<dyn PhysicalExpr> = Arc::new(Column::new("text", 0));
    let changed = Arc::clone(test).transform_down(|part| {
        let cast = part.downcast_ref::<CastExpr>().filter(|cast| cast.expr().downcast_ref::<Column>().is_some());
        let is_text = cast.is_some() || part.downcast_ref::<Column>().is_some();
        Ok(if is_text {
            Transformed::new(Arc::clone(&text), true, TreeNodeRecursion::Jump)
        } else {
            Transformed::no(part)
        })
    });
    changed.data()
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field};
    use datafusion::common::ScalarValue;
    use datafusion::config::ConfigOptions;
    use datafusion::logical_expr::{Operator, ScalarUDF};
    use datafusion::physical_expr::expressions::{BinaryExpr, cast};

    use super::*;

    fn file(keys: Option<Keys>) -> Schema {
        let text = Field::new("ResultType", DataType::Utf8View, false);
        Schema::new(vec![Field::new("n", DataType::Int64, false), keys.map_or(text.clone(), |keys| keys.field(&text))])
    }

    /// What becomes of a marked test of the column of that file.
    fn done(is_for: TestFor, keys: Option<Keys>) -> String {
        let file = file(keys);
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new("ResultType", 1));
        let text = cast(column, &file, DataType::Utf8View).expect("a text");
        let constant = lit(ScalarValue::Utf8View(Some("0".to_owned())));
        let test = Arc::new(BinaryExpr::new(text, Operator::Eq, constant));
        let function = Arc::new(ScalarUDF::from(KeyedTest::new(is_for)));
        let field = Arc::new(Field::new("test", DataType::Boolean, true));
        let marked = ScalarFunctionExpr::new("marked", function, vec![test], field, Arc::new(ConfigOptions::new()));
        by_keys(Arc::new(marked), &file).expect("adapts").to_string()
    }

    #[test]
    fn a_column_of_keys_is_tested_by_them() {
        for keys in [Keys::Any, Keys::InRuns] {
            assert_eq!(done(TestFor::Column, Some(keys)), "by_key(ResultType@1, text@0 = 0)");
        }
        assert_eq!(done(TestFor::Column, None), "marked(ResultType@1 = 0)");
    }

    #[test]
    fn rows_are_chosen_by_keys_in_runs_alone() {
        assert_eq!(done(TestFor::Rows, Some(Keys::InRuns)), "by_key(ResultType@1, text@0 = 0)");
        assert_eq!(done(TestFor::Rows, Some(Keys::Any)), "true");
        assert_eq!(done(TestFor::Rows, None), "true");
    }
}
