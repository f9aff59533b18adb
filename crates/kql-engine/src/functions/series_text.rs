//! Series of numbers as dynamic arrays.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kql_functions::series_as_json;

/// Lists of numbers as the dynamic arrays that they are to a query.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct SeriesText {
    signature: Signature,
}

impl SeriesText {
    /// The function.
    pub fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }

    /// The call as a plan expression.
    pub fn call(series: Expr) -> Expr {
        ScalarUDF::from(Self::new()).call(vec![series])
    }
}

impl ScalarUDFImpl for SeriesText {
    fn name(&self) -> &str {
        "kql_series_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(match &args.args[0] {
            ColumnarValue::Array(series) => ColumnarValue::Array(series_as_json(series)),
            ColumnarValue::Scalar(series) => {
                let text = series_as_json(&series.to_array()?);
                ColumnarValue::Scalar(ScalarValue::try_from_array(&text, 0)?)
            }
        })
    }
}
