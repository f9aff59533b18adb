//! What the bounds of all files of a scan prove is not asked of their rows.
//!
//! A query about the last day mostly reads files of that day alone: of each of their rows the time would be read and compared, to find that it
//! passes. A scan knows the bounds of its files from the table's log.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{ColumnStatistics, ScalarValue};
use datafusion::config::ConfigOptions;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{BinaryExpr, Column, Literal};
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{PhysicalExpr, conjunction, split_conjunction};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};

use crate::keyed::is_of_ours;
use crate::scan_filters::{given_columns, moved, refiltered};

/// The rule: a filter of a scan loses the conditions that hold for all rows, and the scan the columns that were read for them alone.
#[derive(Debug)]
pub(crate) struct ProvenConditions;

impl PhysicalOptimizerRule for ProvenConditions {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = plan.transform_up(|node| {
            let changed = node.downcast_ref::<FilterExec>().map(without_proven).transpose()?.flatten();
            Ok(changed.map_or_else(|| Transformed::no(node), Transformed::yes))
        });
        plan.data()
    }

    fn name(&self) -> &str {
        "proven_conditions"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The filter without conditions that hold for all rows; nothing where it has none.
fn without_proven(filter: &FilterExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let scan = filter.input().downcast_ref::<DataSourceExec>();
    let files = scan.and_then(|scan| scan.data_source().downcast_ref::<FileScanConfig>());
    let Some(files) = files.filter(|files| is_of_ours(files)) else { return Ok(None) };
    let (proven, left): (Vec<_>, Vec<_>) =
        split_conjunction(filter.predicate()).into_iter().cloned().partition(|condition| is_proven(condition, files));
    // A filter that takes the first rows alone goes on to do so.
    if proven.is_empty() || left.is_empty() && filter.fetch().is_some() {
        return Ok(None);
    }
    let given = given_columns(filter);
    if left.is_empty() {
        return projected(filter.input(), &given).map(Some);
    }
    let read = left.iter().flat_map(collect_columns).map(|column| column.index());
    let kept: Vec<usize> = read.chain(given.iter().copied()).collect::<BTreeSet<usize>>().into_iter().collect();
    let place = |at: usize| kept.binary_search(&at).unwrap_or_default();
    let left = left.into_iter().map(|condition| moved(condition, &place)).collect::<Result<Vec<_>>>()?;
    let given = given.into_iter().map(place).collect();
    refiltered(filter, conjunction(left), projected(filter.input(), &kept)?, given).map(Some)
}

/// The scan with these columns alone.
fn projected(scan: &Arc<dyn ExecutionPlan>, columns: &[usize]) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = scan.schema();
    if columns.iter().copied().eq(0..schema.fields().len()) {
        return Ok(Arc::clone(scan));
    }
    let column = |at: &usize| {
        let name = schema.field(*at).name();
        ProjectionExpr { expr: Arc::new(Column::new(name, *at)), alias: name.clone() }
    };
    let projection = ProjectionExec::try_new(columns.iter().map(column), Arc::clone(scan))?;
    Ok(scan.try_swapping_with_projection(&projection)?.unwrap_or_else(|| Arc::new(projection)))
}

/// Whether a condition is true of each row of the files.
fn is_proven(condition: &Arc<dyn PhysicalExpr>, files: &FileScanConfig) -> bool {
    let Some((column, operator, value)) = comparison(condition) else { return false };
    let Some(projection) = files.file_source().projection() else { return false };
    let stored = projection.as_ref().get(column).and_then(|column| column.expr.downcast_ref::<Column>());
    let Some(stored) = stored.map(Column::index) else { return false };
    let mut files = files.file_groups.iter().flat_map(FileGroup::files);
    files.all(|file| {
        let column = file.statistics.as_ref().and_then(|known| known.column_statistics.get(stored));
        column.is_some_and(|column| proves(column, operator, value))
    })
}

/// A column that is compared with a value, which stands on the right; of types whose bounds are those of whole values.
fn comparison(condition: &Arc<dyn PhysicalExpr>) -> Option<(usize, Operator, &ScalarValue)> {
    let condition = condition.downcast_ref::<BinaryExpr>()?;
    let column = |side: &Arc<dyn PhysicalExpr>| side.downcast_ref::<Column>().map(Column::index);
    let (left, right) = (condition.left(), condition.right());
    let (column, operator, value) = match (column(left), column(right)) {
        (Some(column), None) => (column, *condition.op(), right),
        (None, Some(column)) => (column, condition.op().swap()?, left),
        _ => return None,
    };
    let value = value.downcast_ref::<Literal>()?.value();
    let is_whole = matches!(value.data_type(), DataType::Timestamp(..) | DataType::Int32 | DataType::Int64);
    is_whole.then_some((column, operator, value))
}

/// Whether all values between these bounds, of which none is null, compare so.
fn proves(column: &ColumnStatistics, operator: Operator, value: &ScalarValue) -> bool {
    let (Some(least), Some(greatest)) = (column.min_value.get_value(), column.max_value.get_value()) else {
        return false;
    };
    // Neither is there where one is of another type.
    let (Some(least), Some(greatest)) = (least.partial_cmp(value), greatest.partial_cmp(value)) else { return false };
    let holds = match operator {
        Operator::GtEq => least.is_ge(),
        Operator::Gt => least.is_gt(),
        Operator::LtEq => greatest.is_le(),
        Operator::Lt => greatest.is_lt(),
        Operator::Eq => least.is_eq() && greatest.is_eq(),
        _ => false,
    };
    // Of a part of a file no more are null than of the file.
    holds && column.null_count.get_value() == Some(&0)
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{Field, Schema, SchemaRef};
    use datafusion::common::Statistics;
    use datafusion::common::stats::Precision;
    use datafusion::datasource::listing::PartitionedFile;
    use datafusion::datasource::physical_plan::{FileScanConfigBuilder, ParquetSource};
    use datafusion::execution::object_store::ObjectStoreUrl;
    use datafusion::physical_expr::expressions::{binary, col, lit};
    use datafusion::physical_plan::displayable;
    use datafusion::physical_plan::filter::FilterExecBuilder;

    use super::*;
    use crate::data_file;

    fn schema() -> SchemaRef {
        let fields = ["time", "user", "app"].map(|name| Field::new(name, DataType::Int64, name != "time"));
        Arc::new(Schema::new(fields.to_vec()))
    }

    /// A file with times from the first to the last of these, and users 7 of which so many are null.
    fn file(times: [i64; 2], nulls: Option<usize>) -> PartitionedFile {
        let column = |[least, greatest]: [i64; 2], nulls| {
            let bound = |value: i64| Precision::Inexact(ScalarValue::from(value));
            let statistics = ColumnStatistics::new_unknown().with_min_value(bound(least));
            statistics.with_max_value(bound(greatest)).with_null_count(nulls)
        };
        let mut statistics = Statistics::new_unknown(&schema());
        let nulls = nulls.map_or(Precision::Absent, Precision::Exact);
        statistics.column_statistics =
            vec![column(times, Precision::Exact(0)), column([7, 7], nulls), ColumnStatistics::new_unknown()];
        PartitionedFile::new(data_file::file_name(3), 1000).with_statistics(Arc::new(statistics))
    }

    fn is(column: &str, operator: Operator, value: i64) -> Arc<dyn PhysicalExpr> {
        binary(col(column, &schema()).unwrap(), operator, lit(value), &schema()).unwrap()
    }

    /// The plan that the rule makes of a filter that gives the app.
    fn made(conditions: &[Arc<dyn PhysicalExpr>], files: Vec<PartitionedFile>, fetch: Option<usize>) -> String {
        let source = Arc::new(ParquetSource::new(schema()));
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_groups(files.into_iter().map(|file| FileGroup::new(vec![file])).collect());
        let filter =
            FilterExecBuilder::new(conjunction(conditions.to_vec()), DataSourceExec::from_data_source(config.build()));
        let filter = filter.apply_projection(Some(vec![2])).unwrap().with_fetch(fetch).build().unwrap();
        let plan = ProvenConditions.optimize(Arc::new(filter), &ConfigOptions::new()).unwrap();
        assert_eq!(plan.schema().fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), ["app"]);
        let plan = displayable(plan.as_ref()).indent(false).to_string();
        let filter = plan.split_once("FilterExec: ").map_or("", |(_, filter)| filter.split('\n').next().unwrap_or(""));
        let columns = plan.split_once("projection=[").and_then(|_| plan.rsplit_once("projection=["));
        let columns = columns.and_then(|(_, columns)| columns.split(']').next()).unwrap_or("");
        format!("{filter} of {columns}")
    }

    #[test]
    fn what_the_bounds_of_all_files_prove_is_not_asked() {
        let files = || vec![file([10, 19], Some(0)), file([20, 29], Some(0))];
        let user = || is("user", Operator::NotEq, 3);
        assert_eq!(
            made(&[is("time", Operator::GtEq, 10), user()], files(), None),
            "user@0 != 3, projection=[app@1] of user, app"
        );
        assert_eq!(made(&[is("time", Operator::GtEq, 10)], files(), None), " of app");
        for (operator, value) in [(Operator::Gt, 9), (Operator::LtEq, 29), (Operator::Lt, 30)] {
            assert_eq!(made(&[is("time", operator, value)], files(), None), " of app", "{operator} {value}");
        }
        assert_eq!(made(&[is("user", Operator::Eq, 7)], files(), None), " of app");
        let swapped = binary(lit(10_i64), Operator::LtEq, col("time", &schema()).unwrap(), &schema()).unwrap();
        assert_eq!(made(&[swapped], files(), None), " of app");
        let mut part = file([10, 19], Some(0));
        part.statistics = part.statistics.map(|known| Arc::new(known.as_ref().clone().to_inexact()));
        assert_eq!(made(&[is("user", Operator::Eq, 7)], vec![part], None), " of app", "a part of a file");
    }

    #[test]
    fn what_one_file_leaves_open_is_asked_of_all() {
        let files = || vec![file([10, 19], Some(0)), file([20, 29], Some(0))];
        for (operator, value) in [
            (Operator::GtEq, 11),
            (Operator::Gt, 10),
            (Operator::LtEq, 28),
            (Operator::Lt, 29),
            (Operator::Eq, 10),
            (Operator::NotEq, 9),
        ] {
            let condition = is("time", operator, value);
            assert_eq!(
                made(&[Arc::clone(&condition)], files(), None),
                format!("{condition}, projection=[app@2] of time, user, app")
            );
        }
        let open = |file: PartitionedFile| made(&[is("user", Operator::Eq, 7)], vec![file], None);
        for nulls in [Some(1), None] {
            assert!(open(file([10, 19], nulls)).starts_with("user"), "{nulls:?}");
        }
        assert!(open(PartitionedFile::new(data_file::file_name(4), 1000)).starts_with("user"), "without statistics");
        let foreign = PartitionedFile {
            object_meta: PartitionedFile::new("part-0.parquet", 9).object_meta,
            ..file([10, 19], Some(0))
        };
        assert!(open(foreign).starts_with("user"), "bounds of another writer may be rounded");
    }

    #[test]
    fn the_first_rows_are_still_counted() {
        let files = vec![file([10, 19], Some(0))];
        assert!(made(&[is("time", Operator::GtEq, 10)], files, Some(5)).starts_with("time"));
    }
}
