//! Filters of a physical plan that compare a text with a constant do it by [`SameText`].
//!
//! Last of all rules: until then, a comparison tells what rows and files it leaves, and which columns are constant behind it. A plan that
//! leans on that to its end stays as it is.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::logical_expr::{Operator, ScalarUDF};
use datafusion::physical_expr::expressions::{BinaryExpr, Column, Literal};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::sanity_checker::SanityCheckPlan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};

use crate::functions::same_text::SameText;

/// The rule.
#[derive(Debug)]
pub(crate) struct SameTexts;

impl PhysicalOptimizerRule for SameTexts {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let settings = Arc::new(config.clone());
        let changed = Arc::clone(&plan).transform_up(|node| {
            let Some(filter) = node.downcast_ref::<FilterExec>() else { return Ok(Transformed::no(node)) };
            if !reads_files(filter.input()) {
                return Ok(Transformed::no(node));
            }
            let predicate = compared(Arc::clone(filter.predicate()), filter.input(), &settings)?;
            if !predicate.transformed {
                return Ok(Transformed::no(node));
            }
            let filter = FilterExecBuilder::from(filter).with_predicate(predicate.data).build()?;
            Ok(Transformed::yes(Arc::new(filter) as Arc<dyn ExecutionPlan>))
        });
        match changed {
            Ok(changed) if changed.transformed => {
                Ok(SanityCheckPlan::new().optimize(changed.data, config).unwrap_or(plan))
            }
            _ => Ok(plan),
        }
    }

    fn name(&self) -> &str {
        "same_texts"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether rows come from files: of those in memory there are hardly enough to be worth another plan, as replays make many.
fn reads_files(plan: &Arc<dyn ExecutionPlan>) -> bool {
    match plan.downcast_ref::<DataSourceExec>() {
        Some(scan) => scan.data_source().downcast_ref::<FileScanConfig>().is_some(),
        None => plan.children().into_iter().any(reads_files),
    }
}

/// The predicate with its comparisons of texts replaced.
fn compared(
    predicate: Arc<dyn PhysicalExpr>,
    input: &Arc<dyn ExecutionPlan>,
    settings: &Arc<ConfigOptions>,
) -> Result<Transformed<Arc<dyn PhysicalExpr>>> {
    let schema = input.schema();
    predicate.transform_up(|expr| {
        let Some((column, text, is_negated)) = comparison(&expr) else { return Ok(Transformed::no(expr)) };
        if column.data_type(&schema)? != DataType::Utf8View {
            return Ok(Transformed::no(expr));
        }
        let function = Arc::new(ScalarUDF::from(SameText::new(text.to_owned(), is_negated)));
        let field = Arc::new(Field::new(function.name(), DataType::Boolean, column.nullable(&schema)?));
        let (name, args) = (function.name().to_owned(), vec![Arc::clone(column)]);
        let call = ScalarFunctionExpr::new(&name, function, args, field, Arc::clone(settings));
        Ok(Transformed::yes(Arc::new(call) as Arc<dyn PhysicalExpr>))
    })
}

/// A column that is compared with a text, the text, and whether they are to differ.
fn comparison(expr: &Arc<dyn PhysicalExpr>) -> Option<(&Arc<dyn PhysicalExpr>, &str, bool)> {
    let binary = expr.downcast_ref::<BinaryExpr>()?;
    let is_negated = match binary.op() {
        Operator::Eq => false,
        Operator::NotEq => true,
        _ => return None,
    };
    let sides = [(binary.left(), binary.right()), (binary.right(), binary.left())];
    sides.into_iter().find_map(|(column, constant)| {
        column.downcast_ref::<Column>()?;
        match constant.downcast_ref::<Literal>()?.value() {
            ScalarValue::Utf8View(Some(text)) => Some((column, text.as_str(), is_negated)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use arrow::array::RecordBatch;
    use arrow::datatypes::{Schema, SchemaRef};
    use datafusion::datasource::listing::PartitionedFile;
    use datafusion::datasource::memory::MemorySourceConfig;
    use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
    use datafusion::execution::TaskContext;
    use datafusion::execution::object_store::ObjectStoreUrl;
    use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
    use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;

    use super::*;
    use crate::plan_codec::PlanCodec;

    fn schema() -> SchemaRef {
        Arc::new(Schema::new(["a", "b"].map(|name| Field::new(name, DataType::Utf8View, false)).to_vec()))
    }

    fn column(at: usize) -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new(["a", "b"][at], at))
    }

    fn files() -> Arc<dyn ExecutionPlan> {
        let source = Arc::new(ParquetSource::new(schema()));
        let file = FileGroup::new(vec![PartitionedFile::new("a.parquet", 1)]);
        let scan = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source).with_file_group(file);
        DataSourceExec::from_data_source(scan.build())
    }

    fn filter(op: Operator, rows: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        let text = Arc::new(Literal::new(ScalarValue::Utf8View(Some("x".to_owned()))));
        Arc::new(FilterExec::try_new(Arc::new(BinaryExpr::new(text, op, column(0))), rows).unwrap())
    }

    fn changed(plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        SameTexts.optimize(plan, &ConfigOptions::new()).unwrap()
    }

    fn is_replaced(plan: &Arc<dyn ExecutionPlan>) -> bool {
        let filter = plan.downcast_ref::<FilterExec>().unwrap();
        filter.predicate().to_string().contains("kql_same_text")
    }

    #[test]
    fn equality_with_a_constant_text_is_replaced_and_order_is_not() {
        for (op, expected) in [(Operator::Eq, true), (Operator::NotEq, true), (Operator::Lt, false)] {
            assert_eq!(is_replaced(&changed(filter(op, files()))), expected, "{op}");
        }
        // A filter of a filter reads files too.
        assert!(is_replaced(&changed(filter(Operator::Eq, filter(Operator::Eq, files())))));
    }

    #[test]
    fn rows_in_memory_are_compared_as_they_are() {
        let rows = MemorySourceConfig::try_new_exec(&[vec![RecordBatch::new_empty(schema())]], schema(), None).unwrap();
        assert!(!is_replaced(&changed(filter(Operator::Eq, rows))));
    }

    #[test]
    fn a_plan_that_needs_a_column_to_be_constant_stays() {
        let order = LexOrdering::new([PhysicalSortExpr::new_default(column(0))]).unwrap();
        let plan = Arc::new(SortPreservingMergeExec::new(order, filter(Operator::Eq, files())));
        SanityCheckPlan::new().optimize(Arc::clone(&plan) as _, &ConfigOptions::new()).expect("the column is constant");
        assert!(!is_replaced(changed(plan).children()[0]));
    }

    #[test]
    fn a_replaced_comparison_travels() {
        for op in [Operator::Eq, Operator::NotEq] {
            let plan = changed(filter(op, files()));
            let bytes = PlanCodec::encode(Arc::clone(&plan)).unwrap();
            let decoded = PlanCodec::decode(&bytes, &TaskContext::default()).unwrap();
            let predicate =
                |plan: &Arc<dyn ExecutionPlan>| Arc::clone(plan.downcast_ref::<FilterExec>().unwrap().predicate());
            assert!(predicate(&decoded).eq(&predicate(&plan)));
        }
    }
}
