//! Fresh rows as DataFusion scans them.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, TimestampMicrosecondArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column as NamedColumn, ScalarValue};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_expr::expressions::{CastExpr, Column};
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use schema::Table;

use super::FreshTable;
use super::run::{Run, in_columns};

/// What a scan asks of fresh rows.
pub(crate) struct FreshScan<'a> {
    pub(crate) table: &'static Table,
    /// As queries see the table.
    pub(crate) schema: &'a SchemaRef,
    pub(crate) projection: Option<&'a Vec<usize>>,
    /// Rows that do not pass may be given all the same.
    pub(crate) filter: Option<&'a Arc<dyn PhysicalExpr>>,
    pub(crate) limit: Option<usize>,
    pub(crate) partitions: usize,
}

impl FreshScan<'_> {
    /// The rows, in order of time within each partition where the order is declared; nothing where none can pass.
    pub(crate) fn plan(&self, fresh: &FreshTable) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let runs = self.matching(fresh);
        if runs.is_empty() {
            return Ok(None);
        }
        let stored = Arc::new(self.table.arrow_schema().project(&self.columns())?);
        let (groups, is_ordered) = groups(&runs, self.partitions);
        let partitions = groups
            .iter()
            .map(|group| group.iter().map(|run| in_columns(&run.batch, &stored)).collect())
            .collect::<std::result::Result<Vec<Vec<RecordBatch>>, _>>()?;
        let mut source = MemorySourceConfig::try_new(&partitions, Arc::clone(&stored), None)?.with_limit(self.limit);
        if let Some(ordering) = self.ordering(&stored).filter(|_| is_ordered) {
            source = source.try_with_sort_information(vec![ordering])?;
        }
        let plan: Arc<dyn ExecutionPlan> = DataSourceExec::from_data_source(source);
        self.as_queries_see(plan, &stored).map(Some)
    }

    fn columns(&self) -> Vec<usize> {
        self.projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect())
    }

    /// Runs whose times can pass.
    fn matching<'f>(&self, fresh: &'f FreshTable) -> Vec<&'f Arc<Run>> {
        let all = || fresh.runs.iter().collect();
        let Some(filter) = self.filter else { return all() };
        let predicate = PruningPredicateBuilder::new().with_file_schema(Arc::clone(self.schema));
        let Ok(predicate) = predicate.try_build(Arc::clone(filter)) else { return all() };
        match predicate.prune(&RunTimes { runs: &fresh.runs, time_column: &self.table.time_column }) {
            Ok(keep) => fresh.runs.iter().zip(keep).filter_map(|(run, keep)| keep.then_some(run)).collect(),
            Err(_) => all(),
        }
    }

    fn ordering(&self, stored: &Schema) -> Option<LexOrdering> {
        let time = stored.index_of(&self.table.time_column).ok()?;
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(&self.table.time_column, time));
        LexOrdering::new([PhysicalSortExpr::new_default(column).asc().nulls_first()])
    }

    /// Text is kept as decoders give it; queries see views.
    fn as_queries_see(&self, plan: Arc<dyn ExecutionPlan>, stored: &Schema) -> Result<Arc<dyn ExecutionPlan>> {
        let is_text = |field: &Arc<Field>| *field.data_type() == DataType::Utf8;
        if !stored.fields().iter().any(is_text) {
            return Ok(plan);
        }
        let columns = stored.fields().iter().enumerate().map(|(index, field)| {
            let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), index));
            let expr = if is_text(field) { Arc::new(CastExpr::new(column, DataType::Utf8View, None)) } else { column };
            ProjectionExpr { expr, alias: field.name().clone() }
        });
        Ok(Arc::new(ProjectionExec::try_new(columns, plan)?))
    }
}

/// Runs for each partition, and whether those of each follow one another in time.
fn groups<'r>(runs: &[&'r Arc<Run>], partitions: usize) -> (Vec<Vec<&'r Arc<Run>>>, bool) {
    let mut runs = runs.to_vec();
    runs.sort_by_key(|run| run.first);
    let partitions = partitions.clamp(1, runs.len());
    let mut ordered: Vec<Vec<&Arc<Run>>> = vec![Vec::new(); partitions];
    let rows = |group: &Vec<&Arc<Run>>| group.iter().map(|run| run.rows()).sum::<usize>();
    let is_ordered = runs.iter().all(|run| {
        let follows = |group: &&mut Vec<&Arc<Run>>| group.last().is_none_or(|last| last.last <= run.first);
        let group = ordered.iter_mut().filter(follows).min_by_key(|group| rows(group));
        group.map(|group| group.push(run)).is_some()
    });
    if is_ordered {
        ordered.retain(|group| !group.is_empty());
        return (ordered, true);
    }
    let mut balanced: Vec<Vec<&Arc<Run>>> = vec![Vec::new(); partitions];
    for run in runs {
        if let Some(group) = balanced.iter_mut().min_by_key(|group| rows(group)) {
            group.push(run);
        }
    }
    (balanced, false)
}

/// What is known of each run: its times.
struct RunTimes<'a> {
    runs: &'a [Arc<Run>],
    time_column: &'a str,
}

impl RunTimes<'_> {
    fn times(&self, column: &NamedColumn, time: impl Fn(&Run) -> i64) -> Option<ArrayRef> {
        let times = || self.runs.iter().map(|run| time(run)).collect::<Vec<i64>>();
        (column.name == self.time_column)
            .then(|| Arc::new(TimestampMicrosecondArray::from(times()).with_timezone("UTC")) as ArrayRef)
    }
}

impl PruningStatistics for RunTimes<'_> {
    fn min_values(&self, column: &NamedColumn) -> Option<ArrayRef> {
        self.times(column, |run| run.first)
    }

    fn max_values(&self, column: &NamedColumn) -> Option<ArrayRef> {
        self.times(column, |run| run.last)
    }

    fn num_containers(&self) -> usize {
        self.runs.len()
    }

    fn null_counts(&self, column: &NamedColumn) -> Option<ArrayRef> {
        (column.name == self.time_column).then(|| Arc::new(UInt64Array::from(vec![0; self.runs.len()])) as ArrayRef)
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(self.runs.iter().map(|run| Some(run.rows() as u64)).collect::<UInt64Array>()))
    }

    fn contained(&self, _column: &NamedColumn, _values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
