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
use datafusion::physical_expr::expressions::{DynamicFilterPhysicalExpr, lit};
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
    if !is_for_bounds_alone || learns(&filter) || !files(config).all(has_one_row_group) {
        return None;
    }
    // A source cannot be without the filter that it has.
    let source = source.clone().with_predicate(lit(true));
    let config = FileScanConfigBuilder::from(config.clone()).with_source(Arc::new(source)).build();
    Some(DataSourceExec::from_data_source(config))
}

fn files(config: &FileScanConfig) -> impl Iterator<Item = &PartitionedFile> {
    config.file_groups.iter().flat_map(FileGroup::files)
}

/// Whether the filter changes while the plan runs.
fn learns(filter: &Arc<dyn PhysicalExpr>) -> bool {
    filter.exists(|part| Ok(part.downcast_ref::<DynamicFilterPhysicalExpr>().is_some())).unwrap_or(true)
}

/// One that an earlier version wrote may have a second one of few rows, which is then read, too.
fn has_one_row_group(file: &PartitionedFile) -> bool {
    let rows = file.statistics.as_ref().map(|statistics| statistics.num_rows);
    let is_one = matches!(rows, Some(Precision::Exact(rows)) if is_one_group(rows));
    is_one && data_file::is_name_of_ours(file.object_meta.location.as_ref())
}
