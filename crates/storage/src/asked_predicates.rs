//! Scans whose files have all been asked what a filter wants do not ask them again.
//!
//! A scan knows the bounds of its files from the table's log, and leaves out files by them when the plan is made. DataFusion's opener asks every
//! file once more, and then its row groups, for which it makes the filter into a condition on bounds two times a file: a fifth of what
//! opening a file takes. Most files of ours have one row group, whose bounds are the file's. What a filter learns while the plan runs (the
//! keys of a join, the last of the first rows) is asked as before.

use std::sync::Arc;

use datafusion::common::stats::Precision;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    FileGroup, FileScanConfig, FileScanConfigBuilder, FileSource, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{Column, DynamicFilterPhysicalExpr, Literal, lit};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;

use crate::data_file;
use crate::parquet_options::is_one_group;

/// The rule.
#[derive(Debug)]
pub(crate) struct AskedPredicates;

impl PhysicalOptimizerRule for AskedPredicates {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = plan.transform_up(|node| {
            let unasking = node.downcast_ref::<DataSourceExec>().and_then(unasking);
            Ok(unasking.map_or_else(|| Transformed::no(node), Transformed::yes))
        });
        plan.map(|plan| plan.data)
    }

    fn name(&self) -> &str {
        "asked_predicates"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The scan without a filter on bounds; nothing where it has none, or where that can leave out more than was left out.
fn unasking(scan: &DataSourceExec) -> Option<Arc<dyn ExecutionPlan>> {
    let config = scan.data_source().downcast_ref::<FileScanConfig>()?;
    let source = config.file_source().downcast_ref::<ParquetSource>()?;
    let filter = source.filter()?;
    let is_for_bounds_alone = !source.table_parquet_options().global.pushdown_filters;
    if !is_for_bounds_alone || !is_asked_in_full(config, &filter) {
        return None;
    }
    // A source cannot be without the filter that it has.
    let source = source.clone().with_predicate(lit(true));
    let config = FileScanConfigBuilder::from(config.clone()).with_source(Arc::new(source)).build();
    Some(DataSourceExec::from_data_source(config))
}

/// Whether a filter that a scan has for bounds alone can leave out no more than was left out when the plan was made.
pub(crate) fn is_asked_in_full(config: &FileScanConfig, filter: &Arc<dyn PhysicalExpr>) -> bool {
    !learns(filter) && files(config).all(has_one_row_group)
}

fn files(config: &FileScanConfig) -> impl Iterator<Item = &PartitionedFile> {
    config.file_groups.iter().flat_map(FileGroup::files)
}

/// Whether the filter may change while the plan runs: what it learns, and what no column and no literal gives.
pub(crate) fn learns(filter: &Arc<dyn PhysicalExpr>) -> bool {
    let is_open = |part: &Arc<dyn PhysicalExpr>| {
        let is_known = part.downcast_ref::<Column>().is_some() || part.downcast_ref::<Literal>().is_some();
        part.downcast_ref::<DynamicFilterPhysicalExpr>().is_some() || part.children().is_empty() && !is_known
    };
    filter.exists(|part| Ok(is_open(part))).unwrap_or(true)
}

/// One that an earlier version wrote may have a second one of few rows, which is then read, too.
fn has_one_row_group(file: &PartitionedFile) -> bool {
    let rows = file.statistics.as_ref().map(|statistics| statistics.num_rows);
    let is_one = matches!(rows, Some(Precision::Exact(rows)) if is_one_group(rows));
    is_one && data_file::is_name_of_ours(file.object_meta.location.as_ref())
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
    use datafusion::common::Statistics;
    use datafusion::config::TableParquetOptions;
    use datafusion::execution::object_store::ObjectStoreUrl;
    use datafusion::logical_expr::Operator;
    use datafusion::physical_expr::expressions::{binary, col};

    use super::*;
    use crate::parquet_options::ROW_GROUP_ROWS;

    fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new("user", DataType::Int64, false)]))
    }

    fn known() -> Arc<dyn PhysicalExpr> {
        binary(col("user", &schema()).unwrap(), Operator::Eq, lit(7_i64), &schema()).unwrap()
    }

    fn learned() -> Arc<dyn PhysicalExpr> {
        let keys = DynamicFilterPhysicalExpr::new(vec![col("user", &schema()).unwrap()], lit(true));
        binary(known(), Operator::And, Arc::new(keys), &schema()).unwrap()
    }

    /// The filter that the rule leaves to a scan of files with so many rows.
    fn left(filter: Arc<dyn PhysicalExpr>, files: &[(String, usize)], while_reading: bool) -> String {
        let file = |(name, rows): &(String, usize)| {
            let mut statistics = Statistics::new_unknown(&schema());
            statistics.num_rows = Precision::Exact(*rows);
            PartitionedFile::new(name.clone(), 1000).with_statistics(Arc::new(statistics))
        };
        let mut options = TableParquetOptions::default();
        options.global.pushdown_filters = while_reading;
        let source = ParquetSource::new(schema()).with_table_parquet_options(options).with_predicate(filter);
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
            .with_file_groups(vec![FileGroup::new(files.iter().map(file).collect())]);
        let plan = AskedPredicates.optimize(DataSourceExec::from_data_source(config.build()), &ConfigOptions::new());
        let plan = plan.unwrap();
        let scan = plan.downcast_ref::<DataSourceExec>().expect("a scan");
        let config = scan.data_source().downcast_ref::<FileScanConfig>().expect("of files");
        config.file_source().filter().expect("some").to_string()
    }

    #[test]
    fn files_of_one_row_group_are_asked_once() {
        let ours = |rows| (data_file::file_name(3), rows);
        let foreign = ("part-00000-7c7c5c1e-9c5c-4f0e-a1c1-0d4a4c4ac0de-c000.snappy.parquet".to_owned(), 10);
        let files = [ours(10), ours(ROW_GROUP_ROWS + 1)];
        assert_eq!(left(known(), &files, false), "true");
        assert_eq!(left(known(), &files, true), known().to_string(), "it chooses the rows");
        assert_eq!(left(learned(), &files, false), learned().to_string(), "it learns more");
        assert_eq!(left(known(), &[ours(10), ours(ROW_GROUP_ROWS * 2)], false), known().to_string(), "two row groups");
        assert_eq!(left(known(), &[foreign], false), known().to_string(), "nothing is known of its row groups");
    }
}
