//! The rows of a selection within a window, as a leaf of a plan.
//!
//! The leaf names the selection only. Which rows that are is found in the session that runs the plan, so that one plan serves
//! all windows.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
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

use super::held_rows::Piece;

/// The rows that a window shows of each selection: an extension of the session that runs a plan over it.
#[derive(Debug)]
pub(crate) struct WindowRows(HashMap<usize, Vec<Piece>>);

impl WindowRows {
    /// The rows by selection.
    pub fn new(pieces: impl IntoIterator<Item = (usize, Vec<Piece>)>) -> Self {
        Self(pieces.into_iter().collect())
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct WindowScanExec {
    selection: usize,
    /// Positions in the stored table.
    columns: Vec<usize>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl WindowScanExec {
    /// Reads these columns of a selection; `schema` is theirs.
    pub fn new(selection: usize, columns: Vec<usize>, schema: SchemaRef) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { selection, columns, schema, properties: Arc::new(properties) }
    }

    /// What it reads.
    pub fn selection(&self) -> usize {
        self.selection
    }
}

/// These columns of pieces as batches of at most so many rows; `schema` is that of the columns.
pub(crate) fn batches(
    pieces: &[Piece],
    columns: &[usize],
    schema: &SchemaRef,
    most_rows: usize,
) -> Result<Vec<RecordBatch>> {
    let mut batches = Vec::new();
    for piece in pieces {
        for from in (piece.from..piece.to).step_by(most_rows.max(1)) {
            let rows = most_rows.min(piece.to - from);
            let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len());
            for column in columns {
                match piece.rows.column(*column) {
                    Some(array) => arrays.push(array.slice(from, rows)),
                    None => return internal_err!("column {column} of a selection is not held"),
                }
            }
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            batches.push(RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)?);
        }
    }
    Ok(batches)
}

/// The selections that a plan reads, each once, in order.
pub(crate) fn selections_of(plan: &Arc<dyn ExecutionPlan>) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    let mut open = vec![plan];
    while let Some(node) = open.pop() {
        found.extend(node.downcast_ref::<WindowScanExec>().map(|scan| scan.selection));
        open.extend(node.children());
    }
    found.sort_unstable();
    found.dedup();
    found
}

impl DisplayAs for WindowScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WindowScanExec: selection={}, columns={:?}", self.selection, self.columns)
    }
}

impl ExecutionPlan for WindowScanExec {
    fn name(&self) -> &str {
        "WindowScanExec"
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
            return internal_err!("selection has no partition {partition}");
        }
        let Some(window) = context.session_config().get_extension::<WindowRows>() else {
            return exec_err!("a plan over windows runs without a window");
        };
        let Some(pieces) = window.0.get(&self.selection) else {
            return internal_err!("window has no rows of selection {}", self.selection);
        };
        let batches = batches(pieces, &self.columns, &self.schema, context.session_config().batch_size())?;
        let batches = futures::stream::iter(batches.into_iter().map(Ok));
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches)))
    }
}
