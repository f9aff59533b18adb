//! The operator of a physical plan.

use std::fmt;
use std::sync::Arc;

use arrow::array::{BooleanArray, BooleanBufferBuilder, RecordBatch};
use arrow::compute::{BatchCoalescer, filter_record_batch};
use arrow::datatypes::{Field, Schema};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Statistics, internal_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_expr::{Distribution, Partitioning, PhysicalExpr};
use datafusion::physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use datafusion::physical_plan::aggregates::order::GroupOrdering;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::execution_plan::{CardinalityEffect, EmissionType};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, InputDistributionRequirements, PlanProperties,
    SendableRecordBatchStream, StatisticsArgs, apply_expression_roots,
};
use futures::{StreamExt, stream};

/// Rows after which it is seen whether dropping rows within a partition pays.
const TRIAL_ROWS: usize = 100_000;
/// With more keys than this in a hundred rows it does not.
const MOST_KEYS_PERCENT: usize = 80;

/// See the module.
#[derive(Debug)]
pub(crate) struct FirstRowsExec {
    input: Arc<dyn ExecutionPlan>,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    /// Of all rows; else of those of a partition, and not all other rows need be dropped.
    is_final: bool,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl FirstRowsExec {
    /// The first row of each key of all rows.
    pub fn of_all(input: Arc<dyn ExecutionPlan>, keys: Vec<Arc<dyn PhysicalExpr>>) -> Self {
        Self::new(input, keys, true)
    }

    /// Drops rows whose key an earlier row of the partition has, to have less to spread.
    pub fn of_partition(input: Arc<dyn ExecutionPlan>, keys: Vec<Arc<dyn PhysicalExpr>>) -> Self {
        Self::new(input, keys, false)
    }

    fn new(input: Arc<dyn ExecutionPlan>, keys: Vec<Arc<dyn PhysicalExpr>>, is_final: bool) -> Self {
        let known = input.properties();
        let properties = PlanProperties::new(
            known.eq_properties.clone(),
            known.partitioning.clone(),
            EmissionType::Incremental,
            known.boundedness,
        );
        let (properties, metrics) = (Arc::new(properties), ExecutionPlanMetricsSet::new());
        Self { input, keys, is_final, properties, metrics }
    }

    /// Whether it is the first row of all rows.
    pub fn is_final(&self) -> bool {
        self.is_final
    }

    /// The keys in the form of a node that has a wire format.
    pub fn bare(&self) -> Result<Arc<dyn ExecutionPlan>> {
        let empty = Arc::new(EmptyExec::new(self.input.schema()));
        Ok(Arc::new(RepartitionExec::try_new(empty, Partitioning::Hash(self.keys.clone(), 1))?))
    }

    /// The operator over an input, from [`Self::bare`].
    pub fn of_bare(bare: &Arc<dyn ExecutionPlan>, inputs: &[Arc<dyn ExecutionPlan>], is_final: bool) -> Result<Self> {
        let keys = match bare.downcast_ref::<RepartitionExec>().map(RepartitionExec::partitioning) {
            Some(Partitioning::Hash(keys, _)) => keys.clone(),
            _ => return internal_err!("plan holds the node `{}` where keys are needed", bare.name()),
        };
        match inputs {
            [input] => Ok(Self::new(Arc::clone(input), keys, is_final)),
            _ => internal_err!("plan holds first rows of {} inputs", inputs.len()),
        }
    }
}

/// The keys of a partition that have come.
struct Seen {
    keys: Vec<Arc<dyn PhysicalExpr>>,
    /// Nothing where all rows pass.
    values: Option<Box<dyn GroupValues>>,
    groups: Vec<usize>,
    rows: usize,
    is_final: bool,
    memory: MemoryReservation,
}

impl Seen {
    fn new(input: &Schema, keys: &[Arc<dyn PhysicalExpr>], is_final: bool, memory: MemoryReservation) -> Result<Self> {
        let field = |(at, key): (usize, &Arc<dyn PhysicalExpr>)| {
            Ok(Field::new(at.to_string(), key.data_type(input)?, key.nullable(input)?))
        };
        let schema = Schema::new(keys.iter().enumerate().map(field).collect::<Result<Vec<Field>>>()?);
        let values = Some(new_group_values(Arc::new(schema), &GroupOrdering::None)?);
        Ok(Self { keys: keys.to_vec(), values, groups: Vec::new(), rows: 0, is_final, memory })
    }

    /// The rows whose key has not come before.
    fn first_rows(&mut self, batch: RecordBatch) -> Result<RecordBatch> {
        let Some(values) = &mut self.values else { return Ok(batch) };
        let keys = self.keys.iter().map(|key| key.evaluate(&batch)?.into_array(batch.num_rows()));
        let keys = keys.collect::<Result<Vec<_>>>()?;
        let before = values.len();
        values.intern(&keys, &mut self.groups)?;
        self.memory.try_resize(values.size())?;
        // New keys are numbered from there, in any order.
        let mut is_known = vec![false; values.len() - before];
        let mut firsts = BooleanBufferBuilder::new(batch.num_rows());
        for group in &self.groups {
            let is_first = *group >= before && !is_known[*group - before];
            if is_first {
                is_known[*group - before] = true;
            }
            firsts.append(is_first);
        }
        self.rows += batch.num_rows();
        let keys = values.len();
        if !self.is_final && self.rows >= TRIAL_ROWS && keys > self.rows / 100 * MOST_KEYS_PERCENT {
            self.values = None;
            self.memory.free();
        }
        Ok(filter_record_batch(&batch, &BooleanArray::from(firsts.finish()))?)
    }
}

/// The state of a partition.
struct FirstRowsStream {
    input: SendableRecordBatchStream,
    seen: Seen,
    output: BatchCoalescer,
    is_done: bool,
    metrics: BaselineMetrics,
}

impl FirstRowsStream {
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.output.next_completed_batch() {
                self.metrics.record_output(batch.num_rows());
                return Ok(Some(batch));
            }
            if self.is_done {
                return Ok(None);
            }
            match self.input.next().await.transpose()? {
                Some(batch) => {
                    let compute = self.metrics.elapsed_compute().clone();
                    let _time = compute.timer();
                    self.output.push_batch(self.seen.first_rows(batch)?)?;
                }
                None => {
                    self.is_done = true;
                    self.output.finish_buffered_batch()?;
                }
            }
        }
    }
}

impl DisplayAs for FirstRowsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
        let scope = if self.is_final { "all" } else { "partition" };
        write!(f, "FirstRowsExec: of={scope}, by=[{}]", keys.join(", "))
    }
}

impl ExecutionPlan for FirstRowsExec {
    fn name(&self) -> &str {
        "FirstRowsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        let needed = if self.is_final {
            Distribution::KeyPartitioned(self.keys.clone())
        } else {
            Distribution::UnspecifiedDistribution
        };
        InputDistributionRequirements::new(vec![needed])
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![self.is_final]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        apply_expression_roots(self.keys.iter().cloned(), f)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        match <[Arc<dyn ExecutionPlan>; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(Self::new(input, self.keys.clone(), self.is_final))),
            Err(inputs) => internal_err!("plan holds first rows of {} inputs", inputs.len()),
        }
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, Arc::clone(&context))?;
        let memory = MemoryConsumer::new("FirstRowsExec").register(context.memory_pool());
        let seen = Seen::new(&self.input.schema(), &self.keys, self.is_final, memory)?;
        let batch_size = context.session_config().batch_size();
        let output =
            BatchCoalescer::new(self.schema(), batch_size).with_biggest_coalesce_batch_size(Some(batch_size / 2));
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let rows = FirstRowsStream { input, seen, output, is_done: false, metrics };
        let next = |mut rows: FirstRowsStream| async move {
            Ok::<_, DataFusionError>(rows.next().await?.map(|batch| (batch, rows)))
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream::try_unfold(rows, next))))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        // At most as many rows, whose values are among those of all.
        let known = inputs.first().map(|known| Arc::unwrap_or_clone(Arc::clone(known)));
        Ok(Arc::new(known.map_or_else(|| Statistics::new_unknown(&self.schema()), Statistics::to_inexact)))
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::LowerEqual
    }
}
