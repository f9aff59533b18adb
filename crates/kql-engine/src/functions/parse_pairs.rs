//! The values of keys in texts, for `parse-kv`.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, StringViewBuilder, StructArray};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kql_functions::key_values::PairReader;
use kql_functions::{Arg, Type};

use super::kql_scalar::kernel_arg;

/// Gives a struct of the values of the keys, fields `p0`, `p1`, …; a value that is absent is empty.
pub struct ParsePairs {
    reader: PairReader,
    signature: Signature,
}

impl ParsePairs {
    /// The function.
    pub fn new(reader: PairReader) -> Self {
        Self { reader, signature: Signature::any(1, Volatility::Immutable) }
    }

    /// The name of a key's field.
    pub fn field(index: usize) -> String {
        format!("p{index}")
    }

    /// The call as a plan expression.
    pub fn call(self, text: Expr) -> Expr {
        ScalarUDF::from(self).call(vec![text])
    }

    /// How it reads.
    pub fn reader(&self) -> &PairReader {
        &self.reader
    }

    fn fields(&self) -> Fields {
        (0..self.reader.parts().1.len())
            .map(|index| Field::new(Self::field(index), DataType::Utf8View, false))
            .collect()
    }
}

impl fmt::Debug for ParsePairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParsePairs").field("keys", &self.reader.parts().1).finish_non_exhaustive()
    }
}

impl PartialEq for ParsePairs {
    fn eq(&self, other: &Self) -> bool {
        self.reader.parts() == other.reader.parts()
    }
}

impl Eq for ParsePairs {}

impl Hash for ParsePairs {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.reader.parts().hash(state);
    }
}

impl ScalarUDFImpl for ParsePairs {
    fn name(&self) -> &str {
        "kql_parse_kv"
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let args: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
        Ok(format!("kql_parse_kv[{:?}]({})", self.reader.parts(), args.join(",")))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(self.fields()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (array, is_scalar) = match kernel_arg(&args.args[0], Type::String)? {
            Arg::Array(array) => (array, false),
            Arg::Scalar(array) => (array, true),
        };
        let mut columns: Vec<StringViewBuilder> =
            self.reader.parts().1.iter().map(|_| StringViewBuilder::new()).collect();
        for text in array.as_string_view() {
            let values = self.reader.values(text.unwrap_or_default());
            for (column, value) in columns.iter_mut().zip(values) {
                column.append_value(value.unwrap_or_default());
            }
        }
        let arrays = columns.into_iter().map(|mut column| Arc::new(column.finish()) as ArrayRef).collect();
        let parsed: ArrayRef = Arc::new(StructArray::try_new(self.fields(), arrays, None)?);
        if is_scalar {
            return Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&parsed, 0)?));
        }
        Ok(ColumnarValue::Array(parsed))
    }
}
