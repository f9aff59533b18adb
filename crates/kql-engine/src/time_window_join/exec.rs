//! The operator of a physical plan.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::utils::memory::get_record_batch_memory_size;
use datafusion::common::{JoinSide, JoinType, Statistics, internal_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, EmissionType, ReplaceChildrenOptions};
use datafusion::physical_plan::joins::utils::ColumnIndex;
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, ExecutionPlanProperties,
    InputDistributionRequirements, Partitioning, PlanProperties, SendableRecordBatchStream, StatisticsArgs,
};
use futures::future::{BoxFuture, FutureExt, Shared};
use futures::{StreamExt, TryStreamExt, stream};

use super::gathered::{Gathered, Rest};
use super::index::{SideValues, TimeIndex};
use super::keys::sides;
use super::stream::{JoinSetup, TimeWindowJoinStream};
use super::window::TimeWindow;

/// The index of a left side that all partitions of the right side are joined with.
type SharedIndex = Shared<BoxFuture<'static, Result<Arc<TimeIndex>, Arc<DataFusionError>>>>;

/// What the partitions share where the side to keep shows while both are read.
type SharedGathered = Shared<BoxFuture<'static, Result<Arc<Gathered>, Arc<DataFusionError>>>>;

/// Properties of a node depend on its inputs.
const RECOMPUTE: ReplaceChildrenOptions = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);

/// An inner hash join whose filter holds a time of each side within a window of the other: see the module.
///
/// Where the plan says which side to keep in memory (`CollectLeft`), that is done. Else the side that ends first is kept, all of it for all
/// partitions, so that the rows of the other need not be spread by their keys; no estimate is needed for that. A side that does not fit
/// fails with an error of resources, as a hash join's does.
#[derive(Debug)]
pub(crate) struct TimeWindowJoinExec {
    join: HashJoinExec,
    window: TimeWindow,
    properties: Arc<PlanProperties>,
    shared_index: Mutex<Option<SharedIndex>>,
    gathered: Mutex<Option<SharedGathered>>,
    metrics: ExecutionPlanMetricsSet,
}

impl TimeWindowJoinExec {
    /// The operator in place of a hash join; nothing where the join is of another kind or its filter has no window.
    pub fn instead_of(join: &HashJoinExec) -> Result<Option<Self>> {
        if join.join_type != JoinType::Inner || join.null_aware || !join.dynamic_expressions_produced().is_empty() {
            return Ok(None);
        }
        let Some(window) = join.filter().and_then(TimeWindow::of) else { return Ok(None) };
        let join = join.builder().build()?;
        // Rows come as the side that is read on has them, and that may be either.
        let known = join.properties();
        let mut equivalences = known.eq_properties.clone();
        equivalences.clear_orderings();
        let partitioning = if join.mode == PartitionMode::CollectLeft {
            known.partitioning.clone()
        } else {
            let partitions = |input: &Arc<dyn ExecutionPlan>| input.output_partitioning().partition_count();
            Partitioning::UnknownPartitioning(partitions(join.left()).max(partitions(join.right())))
        };
        let properties = PlanProperties::new(equivalences, partitioning, EmissionType::Incremental, known.boundedness);
        Ok(Some(Self {
            join,
            window,
            properties: Arc::new(properties),
            shared_index: Mutex::new(None),
            gathered: Mutex::new(None),
            metrics: ExecutionPlanMetricsSet::new(),
        }))
    }

    /// The hash join it stands for.
    pub fn join(&self) -> &HashJoinExec {
        &self.join
    }

    /// The hash join it stands for, without its inputs: what is needed to make it on another node.
    pub fn bare_join(&self) -> Result<Arc<dyn ExecutionPlan>> {
        let bare = |input: &Arc<dyn ExecutionPlan>| Arc::new(EmptyExec::new(input.schema())) as Arc<dyn ExecutionPlan>;
        let inputs = vec![bare(self.join.left()), bare(self.join.right())];
        self.join.builder().recompute_properties().with_new_children(inputs)?.build_exec()
    }

    /// The operator over inputs, from [`Self::bare_join`].
    pub fn of_bare_join(bare: &Arc<dyn ExecutionPlan>, inputs: &[Arc<dyn ExecutionPlan>]) -> Result<Self> {
        let Some(join) = bare.downcast_ref::<HashJoinExec>() else {
            return internal_err!("plan holds the node `{}` where a join is needed", bare.name());
        };
        let join = join.builder().recompute_properties().with_new_children(inputs.to_vec())?.build()?;
        Self::instead_of(&join)?.map_or_else(|| internal_err!("plan holds a join by time without a window"), Ok)
    }

    /// A plan that a method of the hash join made, with this operator instead.
    fn again(plan: Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
            return Ok(Self::instead_of(join)?.map(|join| Arc::new(join) as Arc<dyn ExecutionPlan>));
        }
        let Some(projection) = plan.downcast_ref::<ProjectionExec>() else { return Ok(None) };
        match Self::again(Arc::clone(projection.input()))? {
            Some(join) => Ok(Some(plan.replace_children(vec![join], RECOMPUTE)?)),
            None => Ok(None),
        }
    }

    fn setup(&self, context: &TaskContext) -> Result<Arc<JoinSetup>> {
        let Some(filter) = self.join.filter() else { return internal_err!("a join by time has no filter") };
        let (left, right) = sides(&self.join.on);
        let nulls = self.join.null_equality;
        let left_width = self.join.left().schema().fields().len();
        let column = |index: usize| {
            let side = if index < left_width { JoinSide::Left } else { JoinSide::Right };
            ColumnIndex { index: if index < left_width { index } else { index - left_width }, side }
        };
        let columns = match &self.join.projection {
            Some(projection) => projection.iter().map(|index| column(*index)).collect(),
            None => (0..self.join.join_schema().fields().len()).map(column).collect(),
        };
        Ok(Arc::new(JoinSetup {
            left: SideValues { keys: left, time: Arc::clone(&self.window.left), nulls },
            right: SideValues { keys: right, time: Arc::clone(&self.window.right), nulls },
            low: self.window.low,
            high: self.window.high,
            filter: filter.clone(),
            columns,
            schema: self.schema(),
            batch_size: context.session_config().batch_size(),
            partitions: self.properties.partitioning.partition_count(),
        }))
    }

    /// The index of all rows of the left side, made once for all partitions.
    fn shared_index(&self, setup: &Arc<JoinSetup>, context: &Arc<TaskContext>) -> Result<SharedIndex> {
        let mut shared = self.shared_index.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = shared.as_ref() {
            return Ok(index.clone());
        }
        let left = self.join.left().execute(0, Arc::clone(context))?;
        let memory = MemoryConsumer::new("TimeWindowJoinExec").register(context.memory_pool());
        let setup = Arc::clone(setup);
        let index = async move { left_index(left, &setup, memory).await.map(Arc::new).map_err(Arc::new) };
        Ok(shared.insert(index.boxed().shared()).clone())
    }
}

impl TimeWindowJoinExec {
    /// Both sides as far as they are read until one ends, read once for all partitions.
    fn gathered(&self, setup: &Arc<JoinSetup>, context: &Arc<TaskContext>) -> Result<SharedGathered> {
        let mut shared = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gathered) = shared.as_ref() {
            return Ok(gathered.clone());
        }
        let streams = |input: &Arc<dyn ExecutionPlan>| {
            let partitions = 0..input.output_partitioning().partition_count();
            partitions.map(|partition| input.execute(partition, Arc::clone(context))).collect::<Result<Vec<_>>>()
        };
        let (left, right) = (streams(self.join.left())?, streams(self.join.right())?);
        let reservation =
            |what: &str| MemoryConsumer::new(format!("TimeWindowJoinExec {what}")).register(context.memory_pool());
        let memory = (reservation("index"), reservation("read"));
        let setup = Arc::clone(setup);
        let gathered = async move { Gathered::of(&setup, left, right, memory).await.map(Arc::new).map_err(Arc::new) };
        Ok(shared.insert(gathered.boxed().shared()).clone())
    }
}

/// Reads all of the left side.
async fn left_index(
    mut left: SendableRecordBatchStream,
    setup: &JoinSetup,
    memory: MemoryReservation,
) -> Result<TimeIndex> {
    let mut batches = Vec::new();
    while let Some(batch) = left.next().await.transpose()? {
        memory.try_grow(get_record_batch_memory_size(&batch))?;
        batches.push(batch);
    }
    TimeIndex::new(&left.schema(), batches, &setup.left, memory)
}

impl DisplayAs for TimeWindowJoinExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on: Vec<String> = self.join.on.iter().map(|(left, right)| format!("({left}, {right})")).collect();
        write!(f, "TimeWindowJoinExec: mode={:?}, on=[{}], window={}", self.join.mode, on.join(", "), self.window)?;
        if let Some(filter) = self.join.filter() {
            write!(f, ", filter={filter}")?;
        }
        match &self.join.projection {
            Some(columns) => write!(f, ", projection={columns:?}"),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for TimeWindowJoinExec {
    fn name(&self) -> &str {
        "TimeWindowJoinExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        match self.join.mode {
            PartitionMode::CollectLeft => self.join.input_distribution_requirements(),
            _ => InputDistributionRequirements::new(vec![Distribution::UnspecifiedDistribution; 2]),
        }
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false, false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![self.join.left(), self.join.right()]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.join.apply_expressions(f)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let join = self.join.builder().recompute_properties().with_new_children(children)?.build()?;
        Ok(match Self::instead_of(&join)? {
            Some(join) => Arc::new(join),
            None => Arc::new(join),
        })
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, RECOMPUTE)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let setup = self.setup(&context)?;
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let right = self.join.right();
        let joining: BoxFuture<'static, Result<TimeWindowJoinStream>> =
            if self.join.mode == PartitionMode::CollectLeft && right.output_partitioning().partition_count() > 1 {
                let index = self.shared_index(&setup, &context)?;
                let rest = right.execute(partition, Arc::clone(&context))?;
                let memory = MemoryConsumer::new("TimeWindowJoinExec read").register(context.memory_pool());
                let rest = Rest { read: Vec::new(), memory, stream: rest };
                let joining = async move {
                    let index = index.await.map_err(DataFusionError::Shared)?;
                    Ok(TimeWindowJoinStream::new(setup, index, JoinSide::Left, rest, metrics))
                };
                joining.boxed()
            } else {
                let gathered = self.gathered(&setup, &context)?;
                let joining = async move {
                    let gathered = gathered.await.map_err(DataFusionError::Shared)?;
                    let rest = gathered.rest(partition)?;
                    Ok(TimeWindowJoinStream::new(setup, Arc::clone(&gathered.index), gathered.indexed, rest, metrics))
                };
                joining.boxed()
            };
        let batches = stream::once(joining).and_then(|joined| async move {
            let next = |mut joined: TimeWindowJoinStream| async move {
                Ok::<_, DataFusionError>(joined.next().await?.map(|batch| (batch, joined)))
            };
            Ok(stream::try_unfold(joined, next))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches.try_flatten())))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        self.join.child_stats_requests(partition)
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], args: &StatisticsArgs) -> Result<Arc<Statistics>> {
        self.join.statistics_from_inputs(inputs, args)
    }

    fn try_swapping_with_projection(&self, projection: &ProjectionExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        match self.join.try_swapping_with_projection(projection)? {
            Some(plan) => Self::again(plan),
            None => Ok(None),
        }
    }
}
