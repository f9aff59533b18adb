//! One of the series that a function with several results gives.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, internal_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// A field of the struct that a call has given whose results are lists of numbers.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct SeriesResult {
    index: usize,
    signature: Signature,
}

impl SeriesResult {
    /// The result with that index, from 0.
    pub fn new(index: usize) -> Self {
        Self { index, signature: Signature::any(1, Volatility::Immutable) }
    }

    /// Which result.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The call as a plan expression.
    pub fn call(self, results: Expr) -> Expr {
        ScalarUDF::from(self).call(vec![results])
    }
}

impl ScalarUDFImpl for SeriesResult {
    fn name(&self) -> &str {
        "kql_series_result"
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let args: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
        Ok(format!("kql_series_result[{}]({})", self.index, args.join(",")))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, args: &[DataType]) -> Result<DataType> {
        match args {
            [DataType::Struct(fields)] if self.index < fields.len() => Ok(fields[self.index].data_type().clone()),
            _ => internal_err!("no series has the index {}", self.index),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(match &args.args[0] {
            ColumnarValue::Array(results) => ColumnarValue::Array(Arc::clone(results.as_struct().column(self.index))),
            ColumnarValue::Scalar(results) => {
                let result = Arc::clone(results.to_array()?.as_struct().column(self.index));
                ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?)
            }
        })
    }
}
