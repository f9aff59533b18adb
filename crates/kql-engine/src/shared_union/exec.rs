//! Of each batch the rows of each leg.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, BooleanArray, RecordBatch};
use arrow::compute::{and, filter_record_batch, prep_null_mask_filter};
use arrow::datatypes::SchemaRef;
use datafusion::common::cast::as_boolean_array;
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
    SendableRecordBatchStream,
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::wide_union_exec::{Slot, padded};

/// The rows of a leg: those of the input for which all tests are true.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct RowsOfLeg {
    /// Columns of the input that are true or false.
    tests: Vec<usize>,
    /// Columns of the input that it hands on.
    columns: Vec<usize>,
    /// What the columns of the result are, over those.
    slots: Vec<Slot>,
}

impl RowsOfLeg {
    /// The rows that pass these tests, with slots over the columns of the input.
    pub fn new(tests: Vec<usize>, slots: Vec<Slot>) -> Self {
        let mut columns: Vec<usize> = Vec::new();
        let slots = slots.into_iter().map(|slot| match slot {
            Slot::Column(index) => {
                let at = columns.iter().position(|column| *column == index).unwrap_or_else(|| {
                    columns.push(index);
                    columns.len() - 1
                });
                Slot::Column(at)
            }
            constant => constant,
        });
        let slots = slots.collect();
        Self { tests, columns, slots }
    }

    /// The leg's rows of a batch; nothing where it has none.
    fn of(&self, batch: &RecordBatch, schema: &SchemaRef) -> Result<Option<RecordBatch>> {
        let passing = self.passing(batch)?;
        let count = passing.as_ref().map_or(batch.num_rows(), BooleanArray::true_count);
        if count == 0 {
            return Ok(None);
        }
        let read = batch.project(&self.columns)?;
        let rows = match passing {
            Some(passing) if count < batch.num_rows() => filter_record_batch(&read, &passing)?,
            _ => read,
        };
        padded(&rows, schema, &self.slots).map(Some)
    }

    /// Which rows pass all tests; nothing where there are none.
    fn passing(&self, batch: &RecordBatch) -> Result<Option<BooleanArray>> {
        let mut passing: Option<BooleanArray> = None;
        for test in &self.tests {
            let said = as_boolean_array(batch.column(*test))?;
            let said = if said.null_count() > 0 { prep_null_mask_filter(said) } else { said.clone() };
            passing = Some(match passing {
                Some(before) => and(&before, &said)?,
                None => said,
            });
        }
        Ok(passing)
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct SharedUnionExec {
    input: Arc<dyn ExecutionPlan>,
    legs: Arc<[RowsOfLeg]>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl SharedUnionExec {
    /// The legs over the input.
    pub fn new(input: Arc<dyn ExecutionPlan>, legs: impl Into<Arc<[RowsOfLeg]>>, schema: SchemaRef) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(input.output_partitioning().partition_count()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { input, legs: legs.into(), schema, properties: Arc::new(properties) }
    }

    /// Whether each leg leaves out rows of the input.
    pub fn chooses(&self) -> bool {
        self.legs.iter().all(|leg| !leg.tests.is_empty())
    }

    /// The legs, to send them to another node with a plan of the schema.
    pub fn parts(&self) -> (&[RowsOfLeg], Arc<dyn ExecutionPlan>) {
        (&self.legs, Arc::new(EmptyExec::new(Arc::clone(&self.schema))))
    }

    /// The node out of its parts.
    pub fn of_parts(
        legs: Vec<RowsOfLeg>,
        schema: &Arc<dyn ExecutionPlan>,
        inputs: &[Arc<dyn ExecutionPlan>],
    ) -> Result<Self> {
        let [input] = inputs else { return internal_err!("the legs of a shared union have one input") };
        Ok(Self::new(Arc::clone(input), legs, schema.schema()))
    }
}

impl DisplayAs for SharedUnionExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedUnionExec: legs={}", self.legs.len())
    }
}

impl ExecutionPlan for SharedUnionExec {
    fn name(&self) -> &str {
        "SharedUnionExec"
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    /// Nobody is told of an order, but a result is read with pleasure where files follow one another.
    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        match <[Arc<dyn ExecutionPlan>; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(Self::new(input, Arc::clone(&self.legs), Arc::clone(&self.schema)))),
            Err(_) => internal_err!("the legs of a shared union have one input"),
        }
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (schema, legs) = (Arc::clone(&self.schema), Arc::clone(&self.legs));
        let rows = self.input.execute(partition, context)?.map(move |batch| {
            let rows = |batch: RecordBatch| {
                let rows = legs.iter().filter_map(|leg| leg.of(&batch, &schema).transpose());
                stream::iter(rows.collect::<Vec<Result<RecordBatch>>>())
            };
            batch.map(rows)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows.try_flatten())))
    }
}
