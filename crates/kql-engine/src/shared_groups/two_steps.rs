//! The aggregation as DataFusion runs it, for rows that a filter did not thin out.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::datatypes::SchemaRef;
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};

/// Groups the rows of each stream, spreads the groups by their keys and groups them again, which is what `whole` asks for.
pub(super) fn in_two_steps(
    whole: &AggregateExec,
    rows: Vec<SendableRecordBatchStream>,
    context: Arc<TaskContext>,
) -> Result<SendableRecordBatchStream> {
    let schema = whole.input().schema();
    let partitions = rows.len();
    let given = Arc::new(GivenRows::new(Arc::clone(&schema), rows));
    let step = |mode, keys, input| {
        let (calls, filters) = (whole.aggr_expr().to_vec(), whole.filter_expr().to_vec());
        AggregateExec::try_new(mode, keys, calls, filters, input, Arc::clone(&schema)).map(Arc::new)
    };
    let first = step(AggregateMode::Partial, whole.group_expr().clone(), given as _)?;
    let (keys, last_keys) = (first.output_group_expr(), first.group_expr().as_final());
    let spread = RepartitionExec::try_new(first, Partitioning::Hash(keys, partitions))?;
    let last = step(AggregateMode::FinalPartitioned, last_keys, Arc::new(spread))?;
    CoalescePartitionsExec::new(last).execute(0, context)
}

/// Rows that are there already, each partition once.
struct GivenRows {
    partitions: Mutex<Vec<Option<SendableRecordBatchStream>>>,
    properties: Arc<PlanProperties>,
}

impl GivenRows {
    fn new(schema: SchemaRef, rows: Vec<SendableRecordBatchStream>) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(rows.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { partitions: Mutex::new(rows.into_iter().map(Some).collect()), properties: Arc::new(properties) }
    }
}

impl fmt::Debug for GivenRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenRows").finish_non_exhaustive()
    }
}

impl DisplayAs for GivenRows {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GivenRows")
    }
}

impl ExecutionPlan for GivenRows {
    fn name(&self) -> &str {
        "GivenRows"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let mut partitions = self.partitions.lock().unwrap_or_else(PoisonError::into_inner);
        match partitions.get_mut(partition).and_then(Option::take) {
            Some(rows) => Ok(rows),
            None => internal_err!("the rows of partition {partition} are not there, or taken"),
        }
    }
}
