//! The rows of several inputs in one wider schema: columns of an input, texts that are the same in all its rows, and nulls.
//!
//! DataFusion's `UnionExec` compares each column of each input with the same column of all others whenever a rule rebuilds it,
//! which for a hundred tables of a hundred columns takes seconds. Here the schema is known beforehand.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StringViewArray, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
    SendableRecordBatchStream,
};
use futures::StreamExt;
use kql_functions::Type;
use serde::{Deserialize, Serialize};

use crate::functions::ticks::{stored_datetime, ticks};

/// Where a column of the result comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Slot {
    /// A column of the input, as the type of the result's column; a string that is absent is empty.
    Column(usize),
    /// The same text in all rows.
    Text(String),
    /// Null in all rows.
    Null,
}

/// A slot for each column of the result.
pub(crate) type Slots = Arc<[Slot]>;

/// See the module.
#[derive(Debug)]
pub(crate) struct WideUnionExec {
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    /// For each input.
    slots: Vec<Slots>,
    schema: SchemaRef,
    /// Rows stay in the order of the only input. Not said where a rule may still move a sort below: those take columns to stand
    /// where they stood.
    keeps_order: bool,
    properties: Arc<PlanProperties>,
}

impl WideUnionExec {
    /// The rows of the inputs in that schema.
    pub fn new(inputs: Vec<(Arc<dyn ExecutionPlan>, Slots)>, schema: SchemaRef) -> Self {
        let (inputs, slots): (Vec<_>, Vec<_>) = inputs.into_iter().unzip();
        let partitions = inputs.iter().map(|input| input.output_partitioning().partition_count()).sum();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { inputs, slots, schema, keeps_order: false, properties: Arc::new(properties) }
    }

    /// The same with the order of rows of a single input being part of the result.
    pub fn in_order(self) -> Self {
        Self { keeps_order: self.inputs.len() == 1, ..self }
    }

    /// All but the inputs, to send to another node.
    pub fn data(&self) -> Result<WideUnionData> {
        let columns = self.schema.fields().iter().map(|field| Column::of(field)).collect::<Result<_>>()?;
        let slots = self.slots.iter().map(|slots| slots.to_vec()).collect();
        Ok(WideUnionData { columns, slots, keeps_order: self.keeps_order })
    }
}

/// A [`WideUnionExec`] as data.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WideUnionData {
    columns: Vec<Column>,
    slots: Vec<Vec<Slot>>,
    keeps_order: bool,
}

impl WideUnionData {
    /// The node over its inputs.
    pub fn over(self, inputs: &[Arc<dyn ExecutionPlan>]) -> WideUnionExec {
        let fields: Vec<Field> = self.columns.into_iter().map(Column::field).collect();
        let slots = self.slots.into_iter().map(Slots::from);
        let union = WideUnionExec::new(inputs.iter().cloned().zip(slots).collect(), Arc::new(Schema::new(fields)));
        if self.keeps_order { union.in_order() } else { union }
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
pub(crate) fn padded(batch: &RecordBatch, schema: &SchemaRef, slots: &[Slot]) -> Result<RecordBatch> {
    let rows = batch.num_rows();
    let mut texts: HashMap<&str, ArrayRef> = HashMap::new();
    let mut nulls: HashMap<&DataType, ArrayRef> = HashMap::new();
    let mut columns = Vec::with_capacity(slots.len());
    for (slot, field) in slots.iter().zip(schema.fields()) {
        columns.push(match slot {
            Slot::Column(index) => fitted(batch.column(*index), field)?,
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

/// A column in the form that the field says.
fn fitted(column: &ArrayRef, field: &Field) -> Result<ArrayRef> {
    let column = match (column.data_type(), field.data_type()) {
        (found, wanted) if found == wanted => Arc::clone(column),
        // A stored datetime; a number that is one is ticks.
        (DataType::Timestamp(..), DataType::Int64) => ticks(column)?,
        (_, wanted) => arrow::compute::cast(column, wanted)?,
    };
    match column.as_string_view_opt() {
        Some(texts) if !field.is_nullable() && texts.null_count() > 0 => {
            let filled = texts.iter().map(|text| text.unwrap_or_default());
            Ok(Arc::new(StringViewArray::from_iter_values(filled)))
        }
        _ => Ok(column),
    }
}

impl DisplayAs for WideUnionExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WideUnionExec: inputs={}, columns={}", self.inputs.len(), self.schema.fields().len())
    }
}

impl ExecutionPlan for WideUnionExec {
    fn name(&self) -> &str {
        "WideUnionExec"
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.inputs.iter().collect()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![self.keeps_order; self.inputs.len()]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false; self.inputs.len()]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let slots = self.slots.iter().cloned();
        let union = Self::new(children.into_iter().zip(slots).collect(), Arc::clone(&self.schema));
        Ok(Arc::new(if self.keeps_order { union.in_order() } else { union }))
    }

    fn execute(&self, mut partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        for (input, slots) in self.inputs.iter().zip(&self.slots) {
            let partitions = input.output_partitioning().partition_count();
            if partition >= partitions {
                partition -= partitions;
                continue;
            }
            let input = input.execute(partition, context)?;
            let (schema, slots) = (Arc::clone(&self.schema), Arc::clone(slots));
            let batches = input.map(move |batch| batch.and_then(|batch: RecordBatch| padded(&batch, &schema, &slots)));
            return Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches)));
        }
        internal_err!("union has no partition {partition}")
    }
}

impl TryFrom<&dyn ExecutionPlan> for WideUnionData {
    type Error = DataFusionError;

    fn try_from(node: &dyn ExecutionPlan) -> Result<Self> {
        match node.downcast_ref::<WideUnionExec>() {
            Some(union) => union.data(),
            None => internal_err!("node `{}` has no wire format", node.name()),
        }
    }
}
