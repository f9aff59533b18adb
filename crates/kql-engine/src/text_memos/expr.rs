//! The expression of a physical plan.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, FieldRef, Schema, SchemaRef};
use datafusion::common::internal_err;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::collect_columns;

use super::memo::{Memo, Memos};
use super::shared_memos::SharedMemos;

/// Bytes that the results of a memo may take before it is dropped.
const RESULT_BYTES: usize = 8 << 20;

/// From how many buffers on the texts of results are put together into one: each batch names all of them.
const MANY_BUFFERS: usize = 8;

/// An expression over one column of texts, computed once for each text.
pub(crate) struct PerText {
    /// Over the columns of the plan.
    whole: Arc<dyn PhysicalExpr>,
    /// The same over its column alone.
    alone: Arc<dyn PhysicalExpr>,
    column: usize,
    /// What it was for texts so far; no part of what the expression is. The same expression over other columns, as each file of a scan has
    /// it, goes on with them.
    memos: Arc<Memos>,
}

impl PerText {
    /// An expression that reads one column.
    pub fn new(whole: Arc<dyn PhysicalExpr>) -> Result<Self> {
        let columns = collect_columns(&whole);
        let mut columns = columns.iter();
        let (Some(column), None) = (columns.next(), columns.next()) else {
            return internal_err!("the expression `{whole}` does not read one column");
        };
        let alone: Arc<dyn PhysicalExpr> = Arc::new(Column::new(column.name(), 0));
        let alone = Arc::clone(&whole).transform_up(|part| {
            let is_column = part.downcast_ref::<Column>().is_some();
            Ok(if is_column { Transformed::yes(Arc::clone(&alone)) } else { Transformed::no(part) })
        });
        let (alone, column) = (alone?.data, column.index());
        Ok(Self { whole, alone, column, memos: Arc::default() })
    }

    /// The same with the memos that it has in common with other plans over the rows of these selections.
    #[must_use]
    pub fn sharing(&self, shared: &Arc<SharedMemos>, selections: &[usize]) -> Self {
        let (whole, alone) = (Arc::clone(&self.whole), Arc::clone(&self.alone));
        Self { memos: shared.of(&alone, selections), whole, alone, column: self.column }
    }

    /// The expression that is computed.
    #[cfg(test)]
    pub fn whole(&self) -> &Arc<dyn PhysicalExpr> {
        &self.whole
    }

    /// The result for all rows; nothing where texts seldom repeat.
    fn remembered(&self, batch: &RecordBatch, memo: &mut Memo) -> Result<Option<ArrayRef>> {
        // Planning tries expressions on a batch without columns, to see which are constants.
        let Some(column) = batch.columns().get(self.column) else { return Ok(None) };
        let Some(texts) = column.as_string_view_opt() else { return Ok(None) };
        let Some(coded) = memo.codes.of(texts) else { return Ok(None) };
        if coded.is_anew {
            memo.results = None;
        }
        if !coded.fresh.is_empty() {
            let fresh = take(column, &UInt32Array::from(coded.fresh), None)?;
            let count = fresh.len();
            let schema: SchemaRef = Arc::new(Schema::new(vec![batch.schema().field(self.column).clone()]));
            let fresh = self.alone.evaluate(&RecordBatch::try_new(schema, vec![fresh])?)?.into_array(count)?;
            memo.results = Some(match memo.results.take() {
                None => fresh,
                Some(known) => in_few_buffers(concat(&[known.as_ref(), fresh.as_ref()])?),
            });
        }
        let Some(results) = &memo.results else { return Ok(None) };
        Ok(Some(take(results, &UInt32Array::from(coded.codes), None)?))
    }
}

/// The same texts, with few buffers to point into.
fn in_few_buffers(array: ArrayRef) -> ArrayRef {
    match array.as_string_view_opt() {
        Some(texts) if texts.data_buffers().len() > MANY_BUFFERS => Arc::new(texts.gc()),
        _ => array,
    }
}

impl fmt::Debug for PerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PerText").field(&self.whole).finish()
    }
}

impl fmt::Display for PerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "per_text({})", self.whole)
    }
}

impl PartialEq for PerText {
    fn eq(&self, other: &Self) -> bool {
        self.whole.as_ref() == other.whole.as_ref()
    }
}

impl Eq for PerText {}

impl Hash for PerText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.whole.hash(state);
    }
}

impl PhysicalExpr for PerText {
    fn data_type(&self, schema: &Schema) -> Result<DataType> {
        self.whole.data_type(schema)
    }

    fn nullable(&self, schema: &Schema) -> Result<bool> {
        self.whole.nullable(schema)
    }

    fn return_field(&self, schema: &Schema) -> Result<FieldRef> {
        self.whole.return_field(schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let mut memo = self.memos.take();
        // A memo whose results failed or became large is dropped: its numbers stand for nothing.
        let Some(result) = self.remembered(batch, &mut memo)? else {
            self.memos.keep(memo);
            return self.whole.evaluate(batch);
        };
        if memo.result_bytes() <= RESULT_BYTES {
            self.memos.keep(memo);
        }
        Ok(ColumnarValue::Array(result))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.whole]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        let [whole] = <[_; 1]>::try_from(children).or_else(|_| internal_err!("an expression per text is of one"))?;
        let Ok(mut expr) = PerText::new(Arc::clone(&whole)) else { return Ok(whole) };
        if expr.alone.as_ref() == self.alone.as_ref() {
            expr.memos = Arc::clone(&self.memos);
        }
        Ok(Arc::new(expr))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.whole.fmt_sql(f)
    }
}
