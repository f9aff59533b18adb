//! Rows in a wider schema: columns of the input, texts that are the same in all rows, and nulls.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringViewArray, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
    SendableRecordBatchStream,
};
use futures::StreamExt;
use kql_functions::Type;
use serde::{Deserialize, Serialize};

use crate::functions::ticks::stored_datetime;

/// Where a column of the result comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Slot {
    /// A column of the input.
    Column(usize),
    /// The same text in all rows.
    Text(String),
    /// Null in all rows.
    Null,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct PaddedExec {
    input: Arc<dyn ExecutionPlan>,
    schema: SchemaRef,
    slots: Arc<[Slot]>,
    properties: Arc<PlanProperties>,
}

impl PaddedExec {
    /// The rows of `input` in that schema, a slot for each of its columns.
    pub fn new(input: Arc<dyn ExecutionPlan>, schema: SchemaRef, slots: Vec<Slot>) -> Self {
        let partitions = input.output_partitioning().partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(partitions),
            input.pipeline_behavior(),
            input.boundedness(),
        );
        Self { input, schema, slots: slots.into(), properties: Arc::new(properties) }
    }

    /// All but the input, to send to another node.
    pub fn data(&self) -> Result<PaddedData> {
        let columns = self.schema.fields().iter().map(|field| Column::of(field)).collect::<Result<_>>()?;
        Ok(PaddedData { columns, slots: self.slots.to_vec() })
    }
}

/// A [`PaddedExec`] as data.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PaddedData {
    columns: Vec<Column>,
    slots: Vec<Slot>,
}

impl PaddedData {
    /// The node over its input.
    pub fn over(self, input: Arc<dyn ExecutionPlan>) -> PaddedExec {
        let fields: Vec<Field> = self.columns.into_iter().map(Column::field).collect();
        PaddedExec::new(input, Arc::new(Schema::new(fields)), self.slots)
    }
}

/// A column of the schema as data.
#[derive(Debug, Serialize, Deserialize)]
struct Column {
    name: String,
    /// Nothing for a stored datetime.
    ty: Option<Type>,
    is_nullable: bool,
}

impl Column {
    fn of(field: &Field) -> Result<Self> {
        let types = [Type::Bool, Type::Int, Type::Long, Type::Real, Type::Decimal, Type::String];
        let ty = types.into_iter().find(|ty| ty.arrow() == *field.data_type());
        if ty.is_none() && *field.data_type() != stored_datetime() {
            return internal_err!("column `{}` has the unexpected type {}", field.name(), field.data_type());
        }
        Ok(Self { name: field.name().clone(), ty, is_nullable: field.is_nullable() })
    }

    fn field(self) -> Field {
        let ty = self.ty.map_or_else(stored_datetime, Type::arrow);
        Field::new(self.name, ty, self.is_nullable)
    }
}

/// A batch in the wider schema. Columns of one type that are absent share one array.
fn padded(batch: &RecordBatch, schema: &SchemaRef, slots: &[Slot]) -> Result<RecordBatch> {
    let rows = batch.num_rows();
    let mut texts: HashMap<&str, ArrayRef> = HashMap::new();
    let mut nulls: HashMap<&DataType, ArrayRef> = HashMap::new();
    let mut columns = Vec::with_capacity(slots.len());
    for (slot, field) in slots.iter().zip(schema.fields()) {
        columns.push(match slot {
            Slot::Column(index) => Arc::clone(batch.column(*index)),
            Slot::Text(text) => {
                let same = || Arc::new(StringViewArray::from_iter_values(std::iter::repeat_n(text, rows))) as ArrayRef;
                Arc::clone(texts.entry(text).or_insert_with(same))
            }
            Slot::Null => {
                let ty = field.data_type();
                Arc::clone(nulls.entry(ty).or_insert_with(|| new_null_array(ty, rows)))
            }
        });
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

impl DisplayAs for PaddedExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PaddedExec: columns={}", self.slots.len())
    }
}

impl ExecutionPlan for PaddedExec {
    fn name(&self) -> &str {
        "PaddedExec"
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

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(input) = children.into_iter().next() else { return Ok(self) };
        Ok(Arc::new(Self::new(input, Arc::clone(&self.schema), self.slots.to_vec())))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, context)?;
        let (schema, slots) = (Arc::clone(&self.schema), Arc::clone(&self.slots));
        let batches = input.map(move |batch| batch.and_then(|batch: RecordBatch| padded(&batch, &schema, &slots)));
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches)))
    }
}

impl TryFrom<&dyn ExecutionPlan> for PaddedData {
    type Error = DataFusionError;

    fn try_from(node: &dyn ExecutionPlan) -> Result<Self> {
        match node.downcast_ref::<PaddedExec>() {
            Some(padded) => padded.data(),
            None => internal_err!("node `{}` has no wire format", node.name()),
        }
    }
}
