//! The operator of a physical plan.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Statistics, internal_err};
use datafusion::config::ConfigOptions;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::execution_plan::{CardinalityEffect, EmissionType};
use datafusion::physical_plan::filter_pushdown::{FilterDescription, FilterPushdownPhase};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
    SendableRecordBatchStream, StatisticsArgs,
};
use futures::future::{ready, try_join_all};
use futures::{StreamExt, TryStreamExt, stream};

use super::side_by_side::side_by_side;
use super::source::{Source, is_chosen, key_columns, without_keys};
use super::table::{Definition, GroupTable, ReadyRows};
use super::two_steps::in_two_steps;

/// Most batches of a partition that wait for the table: then the partition waits, too.
const MOST_WAITING: usize = 8;

/// Fewest rows of a batch by which it is judged how many a filter leaves.
const JUDGED_ROWS: usize = 1024;

/// See the module.
#[derive(Debug)]
pub(crate) struct SharedGroupsExec {
    /// What is computed, as an aggregation in one step over the input.
    whole: Arc<AggregateExec>,
    /// Whether only the number of groups is given, without their keys and results.
    is_counted: bool,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl SharedGroupsExec {
    /// The operator for an aggregation in one step, over as many partitions as its input has.
    pub fn new(whole: AggregateExec) -> Self {
        Self::giving(Arc::new(whole), false)
    }

    /// The same groups as rows without columns, for who only counts them.
    pub fn counted(&self) -> Self {
        Self::giving(Arc::clone(&self.whole), true)
    }

    fn giving(whole: Arc<AggregateExec>, is_counted: bool) -> Self {
        let schema = if is_counted { Arc::new(Schema::empty()) } else { whole.schema() };
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            whole.input().properties().boundedness,
        );
        Self { whole, is_counted, properties: Arc::new(properties), metrics: ExecutionPlanMetricsSet::new() }
    }

    /// The aggregation without its input, in the form of nodes that have a wire format: below a projection to no column where groups are only
    /// counted.
    pub fn bare(&self) -> Result<Arc<dyn ExecutionPlan>> {
        let empty = Arc::new(EmptyExec::new(self.whole.input().schema()));
        let whole = Arc::new(over(&self.whole, vec![empty])?);
        Ok(if self.is_counted {
            Arc::new(ProjectionExec::try_new(Vec::<ProjectionExpr>::new(), whole)?)
        } else {
            whole
        })
    }

    /// The operator over an input, from [`Self::bare`].
    pub fn of_bare(bare: &Arc<dyn ExecutionPlan>, inputs: &[Arc<dyn ExecutionPlan>]) -> Result<Self> {
        let counted = bare.downcast_ref::<ProjectionExec>().map(ProjectionExec::input);
        match counted.unwrap_or(bare).downcast_ref::<AggregateExec>() {
            Some(whole) => Ok(Self::giving(Arc::new(over(whole, inputs.to_vec())?), counted.is_some())),
            None => internal_err!("plan holds the node `{}` where an aggregation is needed", bare.name()),
        }
    }
}

/// The same aggregation of other rows.
fn over(whole: &AggregateExec, mut inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<AggregateExec> {
    let (Some(input), true) = (inputs.pop(), inputs.is_empty()) else {
        return internal_err!("plan holds groups of several inputs");
    };
    AggregateExec::try_new(
        *whole.mode(),
        whole.group_expr().clone(),
        whole.aggr_expr().to_vec(),
        whole.filter_expr().to_vec(),
        Arc::clone(&input),
        input.schema(),
    )
}

/// Puts the rows of a partition that pass into the table, at once where no other partition has it, else with the next ones.
async fn gather(
    mut rows: SendableRecordBatchStream,
    definition: Arc<Definition>,
    table: Arc<Mutex<GroupTable>>,
    metrics: BaselineMetrics,
) -> Result<()> {
    let mut waiting: Vec<ReadyRows> = Vec::with_capacity(MOST_WAITING);
    while let Some(rows) = rows.next().await.transpose()? {
        let _time = metrics.elapsed_compute().timer();
        waiting.push(definition.ready(&rows)?);
        match table.try_lock() {
            Ok(mut table) => add_all(&mut table, &mut waiting)?,
            Err(TryLockError::WouldBlock) if waiting.len() < MOST_WAITING => {}
            Err(_) => add_all(&mut locked(&table), &mut waiting)?,
        }
    }
    add_all(&mut locked(&table), &mut waiting)
}

/// The groups of all tables in the first one.
fn merged(tables: Vec<Arc<Mutex<GroupTable>>>) -> Result<Arc<Mutex<GroupTable>>> {
    let mut tables = tables.into_iter();
    let Some(first) = tables.next() else { return internal_err!("groups are in no table") };
    for table in tables {
        match Arc::try_unwrap(table) {
            Ok(table) => locked(&first).merge(table.into_inner().unwrap_or_else(PoisonError::into_inner))?,
            Err(_) => return internal_err!("a table of groups is still filled"),
        }
    }
    Ok(first)
}

fn add_all(table: &mut GroupTable, waiting: &mut Vec<ReadyRows>) -> Result<()> {
    waiting.drain(..).try_for_each(|rows| table.add(&rows))
}

/// A partition, of which the first batch may be there.
struct Begun {
    first: Option<RecordBatch>,
    rest: SendableRecordBatchStream,
}

impl Begun {
    async fn of(mut batches: SendableRecordBatchStream) -> Result<Self> {
        Ok(Self { first: batches.next().await.transpose()?, rest: batches })
    }

    fn not_yet(batches: SendableRecordBatchStream) -> Self {
        Self { first: None, rest: batches }
    }

    /// Its rows that pass, with texts as the source has them.
    fn passing(self, source: &Arc<Source>, schema: &SchemaRef) -> SendableRecordBatchStream {
        let source = Arc::clone(source);
        let batches = stream::iter(self.first.map(Ok)).chain(self.rest);
        let passing = batches.try_filter_map(move |batch| ready(source.passing(batch)));
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(schema), passing))
    }

    /// The same with texts as they are.
    fn passing_texts(self, source: &Arc<Source>, schema: &SchemaRef) -> SendableRecordBatchStream {
        let planned = Arc::clone(schema);
        let passing = self.passing(source, schema).and_then(move |batch| ready(without_keys(batch, &planned)));
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(schema), passing))
    }
}

/// Whether a filter leaves most rows, judged by the first batches.
fn leaves_most(partitions: &[Begun], source: &Source) -> Result<bool> {
    let (mut rows, mut left) = (0, 0);
    for batch in partitions.iter().filter_map(|partition| partition.first.as_ref()) {
        rows += batch.num_rows();
        left += source.passing(batch.clone())?.map_or(0, |passing| passing.num_rows());
    }
    Ok(rows >= JUDGED_ROWS && left > rows / 2)
}

/// A partition that panicked ends the query, whatever it left.
fn locked(table: &Mutex<GroupTable>) -> MutexGuard<'_, GroupTable> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As many rows, of which nothing is told.
fn rows_without_columns(schema: &SchemaRef, rows: usize) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), Vec::new(), &options)?)
}

fn without_columns(rows: SendableRecordBatchStream, schema: SchemaRef) -> SendableRecordBatchStream {
    let empty = Arc::clone(&schema);
    let rows = rows.and_then(move |batch| ready(rows_without_columns(&empty, batch.num_rows())));
    Box::pin(RecordBatchStreamAdapter::new(schema, rows))
}

fn slices(batch: &RecordBatch, rows: usize) -> Vec<Result<RecordBatch>> {
    let slice = |from: usize| Ok(batch.slice(from, rows.min(batch.num_rows() - from)));
    (0..batch.num_rows()).step_by(rows.max(1)).map(slice).collect()
}

impl DisplayAs for SharedGroupsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.whole.group_expr().expr().iter().map(|(key, _)| key.to_string()).collect();
        let calls: Vec<&str> = self.whole.aggr_expr().iter().map(|call| call.name()).collect();
        write!(f, "SharedGroupsExec: by=[{}], calls=[{}]", keys.join(", "), calls.join(", "))?;
        if self.is_counted { write!(f, ", counted") } else { Ok(()) }
    }
}

impl ExecutionPlan for SharedGroupsExec {
    fn name(&self) -> &str {
        "SharedGroupsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![self.whole.input()]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.whole.apply_expressions(f)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::giving(Arc::new(over(&self.whole, children)?), self.is_counted)))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if partition != 0 {
            return internal_err!("groups are in one partition, not in number {partition}");
        }
        let memory = MemoryConsumer::new("SharedGroupsExec").register(context.memory_pool());
        let source = Source::of(self.whole.input()).with_texts_as_keys(&key_columns(&self.whole), &context)?;
        let partitions = self.whole.input().output_partitioning().partition_count();
        let batches = (0..partitions).map(|partition| source.execute(partition, &context));
        let batches = batches.collect::<Result<Vec<_>>>()?;
        let (schema, whole) = (self.schema(), Arc::clone(&self.whole));
        let is_counted = self.is_counted;
        let metrics = self.metrics.clone();
        let takes_all = !is_chosen(self.whole.input());
        let groups = async move {
            let is_parallel = batches.len() > 1;
            let is_judged = is_parallel && source.filters();
            let begun = if is_judged {
                side_by_side(batches.into_iter().map(Begun::of)).await?
            } else {
                batches.into_iter().map(Begun::not_yet).collect()
            };
            let in_steps =
                is_judged && leaves_most(&begun, &source)? || is_parallel && takes_all && !source.gives_keys(&whole);
            if in_steps {
                let (source, input) = (Arc::new(source), whole.input().schema());
                let rows = begun.into_iter().map(|partition| partition.passing_texts(&source, &input));
                let groups = in_two_steps(&whole, rows.collect(), context)?;
                return Ok(if is_counted { without_columns(groups, schema) } else { groups });
            }
            let (source, input, keys) = source.with_keys_apart(&whole);
            let source = Arc::new(source);
            // Who takes all rows has a table of its own, and would wait for others all the time.
            let tables = if takes_all { partitions } else { 1 };
            let tables = (0..tables).map(|_| {
                let table = GroupTable::new(&whole, &keys, memory.new_empty())?;
                Ok(Arc::new(Mutex::new(table)))
            });
            let tables = tables.collect::<Result<Vec<_>>>()?;
            let definition = Arc::new(Definition::of(&whole, keys));
            let rows = begun.into_iter().map(|partition| partition.passing(&source, &input));
            let gathered = rows.enumerate().map(|(partition, rows)| {
                let metrics = BaselineMetrics::new(&metrics, partition);
                gather(rows, Arc::clone(&definition), Arc::clone(&tables[partition % tables.len()]), metrics)
            });
            if is_parallel {
                side_by_side(gathered.collect::<Vec<_>>().into_iter()).await?;
            } else {
                try_join_all(gathered).await?;
            }
            let table = merged(tables)?;
            let groups = {
                let mut table = locked(&table);
                if is_counted { rows_without_columns(&schema, table.len())? } else { table.take(&schema)? }
            };
            // The table goes with its memory once the last batch is gone.
            let batches = slices(&groups, context.session_config().batch_size());
            let batches = stream::iter(batches).map(move |batch| (batch, &table).0);
            Ok::<_, DataFusionError>(Box::pin(RecordBatchStreamAdapter::new(schema, batches)) as _)
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream::once(groups).try_flatten())))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn child_stats_requests(&self, _: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(None)]
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], args: &StatisticsArgs) -> Result<Arc<Statistics>> {
        let mut groups = self.whole.statistics_from_inputs(inputs, args)?;
        if self.is_counted {
            Arc::make_mut(&mut groups).column_statistics.clear();
        }
        Ok(groups)
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::LowerEqual
    }

    fn gather_filters_for_pushdown(
        &self,
        phase: FilterPushdownPhase,
        parent_filters: Vec<Arc<dyn PhysicalExpr>>,
        config: &ConfigOptions,
    ) -> Result<FilterDescription> {
        self.whole.gather_filters_for_pushdown(phase, parent_filters, config)
    }
}
