//! The function by which a plan writes a text of its number.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::error::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};

/// The name of a function of a number (`UInt32`) and a text (`Utf8View`), of which a row has one: the text that is written of the number, or the
/// text. No two pairs give the same text. Storages may put it into plans in place of a text column; groups are then found by the numbers, and
/// only the texts of groups are written.
pub const TEXT_OF_NUMBER: &str = "packed_text";

/// A call of that function.
#[derive(Debug, Clone)]
pub(crate) struct TextOfNumber {
    call: Arc<dyn PhysicalExpr>,
}

impl TextOfNumber {
    /// The call, and the columns of its number and its text; nothing where an expression is no such call of two columns.
    pub fn of(expr: &Arc<dyn PhysicalExpr>) -> Option<(Self, [Arc<dyn PhysicalExpr>; 2])> {
        let call = expr.downcast_ref::<ScalarFunctionExpr>().filter(|call| call.fun().name() == TEXT_OF_NUMBER)?;
        let [number, text] = call.args() else { return None };
        if ![number, text].iter().all(|column| column.downcast_ref::<Column>().is_some()) {
            return None;
        }
        let arguments = [Arc::clone(number), Arc::clone(text)];
        let call = Arc::clone(expr).with_new_children(vec![column("number", 0), column("text", 1)]).ok()?;
        Some((Self { call }, arguments))
    }

    /// The call over these columns, both of that name.
    pub fn of_columns(&self, name: &str, number: usize, text: usize) -> Result<Arc<dyn PhysicalExpr>> {
        Arc::clone(&self.call).with_new_children(vec![column(name, number), column(name, text)])
    }

    /// The texts of numbers and texts.
    pub fn of_parts(&self, numbers: ArrayRef, texts: ArrayRef) -> Result<ArrayRef> {
        let fields = [Field::new("number", DataType::UInt32, true), Field::new("text", DataType::Utf8View, true)];
        let parts = RecordBatch::try_new(Arc::new(Schema::new(fields.to_vec())), vec![numbers, texts])?;
        self.call.evaluate(&parts)?.into_array(parts.num_rows())
    }
}

fn column(name: &str, at: usize) -> Arc<dyn PhysicalExpr> {
    Arc::new(Column::new(name, at))
}
