//! Partitions of a scan get the same number of rows where nobody minds the order of the rows, and help each other with them.
//!
//! A scan deals out its files so that those of a partition follow one another in time (`file_groups.rs`): of few files one partition then gets
//! more than its share, and all others wait for it; so they do for one whose thread begins late. Whether an order is of use is known when the
//! plan is made: a group of rows is the same in whatever order they come.

use std::sync::Arc;

use datafusion::config::ConfigOptions;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;

use crate::file_groups::{self, rows};

/// What is known of a node's rows depends on its inputs: those of a changed scan come in no order.
const RECOMPUTE: ReplaceChildrenOptions = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);

/// The rule.
#[derive(Debug)]
pub(crate) struct EvenScans;

impl PhysicalOptimizerRule for EvenScans {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(evened(&plan, true)?.unwrap_or(plan))
    }

    fn name(&self) -> &str {
        "even_scans"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The plan with even scans; nothing where none changes.
fn evened(plan: &Arc<dyn ExecutionPlan>, order_matters: bool) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(scan) = plan.downcast_ref::<DataSourceExec>() {
        return Ok(if order_matters { None } else { even_scan(scan) });
    }
    let hands_on =
        plan.downcast_ref::<CoalescePartitionsExec>().is_some() || plan.downcast_ref::<RepartitionExec>().is_some();
    // What looks for the first rows of an order finds them sooner where files come in that order.
    let sorts = plan.downcast_ref::<SortExec>().is_some();
    let (maintained, required) = (plan.maintains_input_order(), plan.required_input_ordering());
    let mut is_changed = false;
    let mut children = Vec::new();
    for (at, child) in plan.children().into_iter().enumerate() {
        let keeps = hands_on || maintained.get(at).copied().unwrap_or(true);
        let needs = required.get(at).is_some_and(Option::is_some);
        let changed = evened(child, needs || sorts || keeps && order_matters)?;
        is_changed |= changed.is_some();
        children.push(changed.unwrap_or_else(|| Arc::clone(child)));
    }
    if is_changed { Arc::clone(plan).replace_children(children, RECOMPUTE).map(Some) } else { Ok(None) }
}

/// The scan in no order, with its rows shared out evenly; nothing where it is one.
fn even_scan(scan: &DataSourceExec) -> Option<Arc<dyn ExecutionPlan>> {
    let config = scan.data_source().downcast_ref::<FileScanConfig>()?;
    if config.file_groups.len() < 2 || config.limit.is_some() {
        return None;
    }
    let groups = match even_groups(config) {
        Some(groups) => groups,
        None if config.preserve_order => config.file_groups.clone(),
        None => return None,
    };
    // Whichever partition is ready takes the next file.
    let builder = FileScanConfigBuilder::from(config.clone()).with_file_groups(groups);
    let even = builder.with_output_ordering(Vec::new()).with_preserve_order(false);
    Some(DataSourceExec::from_data_source(even.build()))
}

/// The files with as many rows in each group; nothing where they are dealt out as evenly, or are read in parts already.
fn even_groups(config: &FileScanConfig) -> Option<Vec<FileGroup>> {
    let partitions = config.file_groups.len();
    let mut files: Vec<PartitionedFile> = Vec::new();
    for file in config.file_groups.iter().flat_map(FileGroup::files) {
        if file.extension::<ParquetRowSelection>().is_some() {
            return None;
        }
        // The engine may have cut files by bytes, which no row group of ours follows.
        if files.iter().all(|known| known.object_meta.location != file.object_meta.location) {
            files.push(PartitionedFile { range: None, ..file.clone() });
        }
    }
    let most = |groups: &[FileGroup]| groups.iter().map(|group| group.files().iter().map(rows).sum::<usize>()).max();
    // Days follow one another by their folders' names, so that rows come about as they did.
    let by_day = |group: FileGroup| {
        let mut files = group.into_inner();
        files.sort_by(|left, right| left.object_meta.location.cmp(&right.object_meta.location));
        FileGroup::new(files)
    };
    let groups: Vec<FileGroup> = file_groups::balanced(&files, partitions).into_iter().map(by_day).collect();
    let is_better = groups.len() == partitions && most(&groups)? < most(&whole(config))?;
    is_better.then_some(groups)
}

/// The groups with each file where its first bytes are: a row group is read there.
fn whole(config: &FileScanConfig) -> Vec<FileGroup> {
    let begins = |file: &&PartitionedFile| file.range.as_ref().is_none_or(|range| range.start == 0);
    let group = |group: &FileGroup| FileGroup::new(group.files().iter().filter(begins).cloned().collect());
    config.file_groups.iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
    use datafusion::common::Statistics;
    use datafusion::common::stats::Precision;
    use datafusion::datasource::physical_plan::ParquetSource;
    use datafusion::execution::object_store::ObjectStoreUrl;
    use datafusion::physical_expr::expressions::col;
    use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
    use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
    use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;

    use super::*;

    const DAY_ROWS: usize = 130_000;

    fn schema() -> SchemaRef {
        Arc::new(Schema::new(["time", "user"].map(|name| Field::new(name, DataType::Int64, false)).to_vec()))
    }

    fn order() -> LexOrdering {
        LexOrdering::new([PhysicalSortExpr::new_default(col("time", &schema()).unwrap())]).expect("not empty")
    }

    /// One of three days in one partition, two in the other, as the engine may have cut them by bytes.
    fn scan() -> Arc<dyn ExecutionPlan> {
        let file = |name: &str| {
            let mut statistics = Statistics::new_unknown(&schema());
            statistics.num_rows = Precision::Exact(DAY_ROWS);
            PartitionedFile::new(name, 1000).with_statistics(Arc::new(statistics))
        };
        let groups = [
            vec![file("a").with_range(0, 1000), file("c").with_range(0, 500)],
            vec![file("c").with_range(500, 1000), file("b").with_range(0, 1000)],
        ];
        let source = Arc::new(ParquetSource::new(schema()));
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_groups(groups.map(FileGroup::new).to_vec())
            .with_output_ordering(vec![order()]);
        DataSourceExec::from_data_source(config.build())
    }

    /// The scan that the rule makes of a plan's.
    fn made_of(plan: Arc<dyn ExecutionPlan>) -> FileScanConfig {
        let mut node = EvenScans.optimize(plan, &ConfigOptions::new()).unwrap();
        while let Some(input) = node.children().first().copied().cloned() {
            node = input;
        }
        let scan = node.downcast_ref::<DataSourceExec>().expect("a scan");
        scan.data_source().downcast_ref::<FileScanConfig>().expect("of files").clone()
    }

    /// The rows of each of its partitions.
    fn shares(plan: Arc<dyn ExecutionPlan>) -> Vec<Vec<usize>> {
        made_of(plan).file_groups.iter().map(|group| group.files().iter().map(rows).collect()).collect()
    }

    fn grouped(rows: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        let by = PhysicalGroupBy::new_single(vec![(col("user", &schema()).unwrap(), "user".to_owned())]);
        Arc::new(AggregateExec::try_new(AggregateMode::Partial, by, vec![], vec![], rows, schema()).unwrap())
    }

    #[test]
    fn rows_that_are_grouped_are_shared_out_evenly() {
        let half = DAY_ROWS / 2;
        assert_eq!(shares(grouped(scan())), [vec![DAY_ROWS, half], vec![half, DAY_ROWS]]);
    }

    #[test]
    fn any_partition_takes_the_next_file_where_rows_are_grouped() {
        assert!(made_of(scan()).preserve_order);
        let even = made_of(grouped(scan()));
        assert!(!even.preserve_order && even.output_ordering.is_empty());
        // Also where files are dealt out evenly already.
        let in_order = FileScanConfigBuilder::from(even).with_output_ordering(vec![order()]).build();
        assert!(in_order.preserve_order);
        let again = made_of(grouped(DataSourceExec::from_data_source(in_order)));
        assert!(!again.preserve_order && again.output_ordering.is_empty());
    }

    #[test]
    fn rows_whose_order_may_be_seen_stay_where_they_are() {
        let before = vec![vec![DAY_ROWS; 2]; 2];
        assert_eq!(shares(scan()), before);
        assert_eq!(shares(Arc::new(SortPreservingMergeExec::new(order(), scan()))), before);
        assert_eq!(shares(Arc::new(SortExec::new(order(), scan()).with_fetch(Some(5)))), before);
        assert_eq!(shares(Arc::new(CoalescePartitionsExec::new(scan()))), before);
    }
}
