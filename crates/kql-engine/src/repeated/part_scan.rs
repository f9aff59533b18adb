//! The rows of a part as a leaf of a plan. The leaf names the part only; its rows are found in the session that runs the plan.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{exec_err, internal_err};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
};

/// The rows of each part that has run: an extension of the session that runs the rest.
#[derive(Debug, Clone, Default)]
pub(crate) struct PartRows(pub Vec<Arc<[RecordBatch]>>);

/// See the module.
#[derive(Debug)]
pub(crate) struct PartScanExec {
    part: usize,
    columns: Vec<usize>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl PartScanExec {
    /// Reads these columns of a part; `schema` is theirs.
    pub fn new(part: usize, columns: Vec<usize>, schema: SchemaRef) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { part, columns, schema, properties: Arc::new(properties) }
    }
}

/// The part that a node reads, where it reads one.
pub(crate) fn part_of(plan: &Arc<dyn ExecutionPlan>) -> Option<usize> {
    plan.downcast_ref::<PartScanExec>().map(|scan| scan.part)
}

impl DisplayAs for PartScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartScanExec: part={}, columns={:?}", self.part, self.columns)
    }
}

impl ExecutionPlan for PartScanExec {
    fn name(&self) -> &str {
        "PartScanExec"
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
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

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if partition != 0 {
            return internal_err!("part has no partition {partition}");
        }
        let Some(rows) = context.session_config().get_extension::<PartRows>() else {
            return exec_err!("a plan runs without its parts");
        };
        let Some(rows) = rows.0.get(self.part).cloned() else { return internal_err!("part {} did not run", self.part) };
        let (schema, columns) = (Arc::clone(&self.schema), self.columns.clone());
        let chosen = move |at: usize| {
            let batch = rows.get(at)?;
            let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let arrays = columns.iter().map(|column| Arc::clone(batch.column(*column))).collect();
            let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), arrays, &options);
            Some(batch.map_err(datafusion::error::DataFusionError::from))
        };
        let batches = futures::stream::iter((0..).map_while(chosen));
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches)))
    }
}
