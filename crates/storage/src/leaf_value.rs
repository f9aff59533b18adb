//! A leaf column as the value that a query reads.

use std::fmt::{self, Display, Formatter, Write};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringViewBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, Schema};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use json_text::write_quoted;

/// The values of a leaf column in another form, mostly printed. Made when a file is opened, so that it needs no wire format.
#[derive(Debug, Eq)]
pub(crate) struct LeafValue {
    leaf: Arc<dyn PhysicalExpr>,
    form: Form,
}

/// Which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// JSON text, null where there is nothing; whether `""` is nothing.
    Json {
        /// In a leaf of text.
        empty_is_absent: bool,
    },
    /// Text, `""` where there is nothing.
    Text,
    /// A whole number within 32 bits, null beyond.
    Int,
}

// Not derived: the derived form moves the expression out of its reference.
impl PartialEq for LeafValue {
    fn eq(&self, other: &Self) -> bool {
        self.form == other.form && self.leaf.eq(&other.leaf)
    }
}

impl Hash for LeafValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.leaf.hash(state);
        self.form.hash(state);
    }
}

impl LeafValue {
    pub(crate) fn new(leaf: Arc<dyn PhysicalExpr>, form: Form) -> Self {
        Self { leaf, form }
    }

    fn print(&self, array: &ArrayRef) -> Result<ArrayRef> {
        if self.form == Form::Int {
            return Ok(cast(array, &DataType::Int32)?);
        }
        let mut builder = StringViewBuilder::with_capacity(array.len());
        let mut text = String::new();
        for row in 0..array.len() {
            text.clear();
            let is_value = array.is_valid(row) && self.write(array, row, &mut text)?;
            match self.form {
                Form::Json { .. } if !is_value => builder.append_null(),
                _ => builder.append_value(&text),
            }
        }
        Ok(Arc::new(builder.finish()))
    }

    /// Appends a row's value; false where there is none.
    fn write(&self, array: &ArrayRef, row: usize, out: &mut String) -> Result<bool> {
        match array.data_type() {
            DataType::Utf8View => {
                let value = array.as_string_view().value(row);
                match self.form {
                    Form::Json { empty_is_absent } if empty_is_absent && value.is_empty() => return Ok(false),
                    Form::Json { .. } => write_quoted(out, value),
                    Form::Text | Form::Int => out.push_str(value),
                }
            }
            DataType::Int64 => write!(out, "{}", array.as_primitive::<Int64Type>().value(row))?,
            DataType::Boolean => out.push_str(if array.as_boolean().value(row) { "true" } else { "false" }),
            other => return internal_err!("no leaf column is of the type {other}"),
        }
        Ok(true)
    }
}

impl Display for LeafValue {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = match self.form {
            Form::Json { .. } => "leaf_json",
            Form::Text => "leaf_text",
            Form::Int => "leaf_int",
        };
        write!(f, "{name}({})", self.leaf)
    }
}

impl PhysicalExpr for LeafValue {
    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(if self.form == Form::Int { DataType::Int32 } else { DataType::Utf8View })
    }

    fn nullable(&self, _: &Schema) -> Result<bool> {
        Ok(self.form != Form::Text)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        match self.leaf.evaluate(batch)? {
            ColumnarValue::Array(array) => Ok(ColumnarValue::Array(self.print(&array)?)),
            ColumnarValue::Scalar(scalar) => {
                let printed = self.print(&scalar.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&printed, 0)?))
            }
        }
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.leaf]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        match <[_; 1]>::try_from(children) {
            Ok([leaf]) => Ok(Arc::new(Self { leaf, form: self.form })),
            Err(_) => internal_err!("a leaf value has one child"),
        }
    }

    fn fmt_sql(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}
