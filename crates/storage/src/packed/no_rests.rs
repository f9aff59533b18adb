//! The rests of a file whose texts all have numbers.

use std::fmt::{self, Display, Formatter};
use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, RecordBatch, StringViewArray};
use arrow::datatypes::{DataType, Schema};
use datafusion::error::Result;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;

use crate::keyed::TESTED_ROWS;

/// Rows of the array that all batches take their nulls from; those of scans have no more.
const SHARED_ROWS: usize = TESTED_ROWS;

static NULLS: LazyLock<StringViewArray> = LazyLock::new(|| StringViewArray::new_null(SHARED_ROWS));

/// Nulls for each row. A literal null would be written out anew for each batch, into memory that is touched for nothing else. Made when a
/// file is opened, so that it needs no wire format.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NoRests;

impl NoRests {
    fn rows(count: usize) -> ArrayRef {
        if count > SHARED_ROWS {
            return Arc::new(StringViewArray::new_null(count));
        }
        Arc::new(NULLS.slice(0, count))
    }
}

impl Display for NoRests {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("no_rests")
    }
}

impl PhysicalExpr for NoRests {
    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn nullable(&self, _: &Schema) -> Result<bool> {
        Ok(true)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Array(Self::rows(batch.num_rows())))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        Vec::new()
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(self)
    }

    fn fmt_sql(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::Array;

    use super::*;

    #[test]
    fn any_number_of_rows_is_null() {
        for count in [0, 1, SHARED_ROWS, SHARED_ROWS + 1] {
            let rows = NoRests::rows(count);
            assert_eq!((rows.len(), rows.null_count()), (count, count));
        }
    }
}
