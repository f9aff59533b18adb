//! The operator of a physical plan.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use datafusion::common::runtime::SpawnedTask;
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
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
    SendableRecordBatchStream, StatisticsArgs,
};
use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt, stream};

use super::source::Source;
use super::table::{Definition, GroupTable};

/// See the module.
#[derive(Debug)]
pub(crate) struct SharedGroupsExec {
    /// What is computed, as an aggregation in one step over the input.
    whole: Arc<AggregateExec>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl SharedGroupsExec {
    /// The operator for an aggregation in one step, over as many partitions as its input has.
    pub fn new(whole: AggregateExec) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(whole.schema()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            whole.input().properties().boundedness,
        );
        Self { whole: Arc::new(whole), properties: Arc::new(properties), metrics: ExecutionPlanMetricsSet::new() }
    }

    /// The aggregation without its input, in the form of a node that has a wire format.
    pub fn bare(&self) -> Result<Arc<dyn ExecutionPlan>> {
        let empty = Arc::new(EmptyExec::new(self.whole.input().schema()));
        Ok(Arc::new(over(&self.whole, vec![empty])?))
    }

    /// The operator over an input, from [`Self::bare`].
    pub fn of_bare(bare: &Arc<dyn ExecutionPlan>, inputs: &[Arc<dyn ExecutionPlan>]) -> Result<Self> {
        match bare.downcast_ref::<AggregateExec>() {
            Some(whole) => Ok(Self::new(over(whole, inputs.to_vec())?)),
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

/// Puts the rows of a partition into the table.
async fn gather(
    mut batches: SendableRecordBatchStream,
    source: Arc<Source>,
    definition: Arc<Definition>,
    table: Arc<Mutex<GroupTable>>,
    metrics: BaselineMetrics,
) -> Result<()> {
    while let Some(batch) = batches.next().await.transpose()? {
        let _time = metrics.elapsed_compute().timer();
        if let Some(batch) = source.passing(batch)? {
            let rows = definition.ready(&batch)?;
            locked(&table).add(&rows)?;
        }
    }
    Ok(())
}

/// A partition that panicked ends the query, whatever it left.
fn locked(table: &Mutex<GroupTable>) -> MutexGuard<'_, GroupTable> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A task for each partition, which ends when its future is dropped.
async fn run(task: SpawnedTask<Result<()>>) -> Result<()> {
    task.join_unwind().await.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))?
}

fn slices(batch: &RecordBatch, rows: usize) -> Vec<Result<RecordBatch>> {
    let slice = |from: usize| Ok(batch.slice(from, rows.min(batch.num_rows() - from)));
    (0..batch.num_rows()).step_by(rows.max(1)).map(slice).collect()
}

impl DisplayAs for SharedGroupsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.whole.group_expr().expr().iter().map(|(key, _)| key.to_string()).collect();
        let calls: Vec<&str> = self.whole.aggr_expr().iter().map(|call| call.name()).collect();
        write!(f, "SharedGroupsExec: by=[{}], calls=[{}]", keys.join(", "), calls.join(", "))
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
        Ok(Arc::new(Self::new(over(&self.whole, children)?)))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if partition != 0 {
            return internal_err!("groups are in one partition, not in number {partition}");
        }
        let memory = MemoryConsumer::new("SharedGroupsExec").register(context.memory_pool());
        let table = Arc::new(Mutex::new(GroupTable::new(&self.whole, memory)?));
        let definition = Arc::new(Definition::of(&self.whole));
        let source = Arc::new(Source::of(self.whole.input()));
        let partitions = self.whole.input().output_partitioning().partition_count();
        let gathered = (0..partitions).map(|partition| {
            let rows = source.execute(partition, &context)?;
            let metrics = BaselineMetrics::new(&self.metrics, partition);
            Ok(gather(rows, Arc::clone(&source), Arc::clone(&definition), Arc::clone(&table), metrics))
        });
        let mut gathered = gathered.collect::<Result<Vec<_>>>()?;
        let (schema, batch_rows) = (self.schema(), context.session_config().batch_size());
        let groups = async move {
            match (gathered.pop(), gathered.is_empty()) {
                (Some(only), true) => only.await?,
                (last, _) => {
                    let tasks = gathered.into_iter().chain(last).map(|rows| run(SpawnedTask::spawn(rows)));
                    try_join_all(tasks).await?;
                }
            }
            let groups = locked(&table).take(&schema)?;
            // The table goes with its memory once the last batch is gone.
            let batches = stream::iter(slices(&groups, batch_rows)).map(move |batch| (batch, &table).0);
            Ok::<_, DataFusionError>(batches)
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
        self.whole.statistics_from_inputs(inputs, args)
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
