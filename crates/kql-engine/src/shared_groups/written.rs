//! A function of a number and a text, and the rows of plans that call it, for tests.

use std::sync::Arc;

use arrow::array::{AsArray, StringViewArray};
use arrow::datatypes::{DataType, Field, UInt32Type};
use arrow::util::pretty::pretty_format_batches;
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_plan::{ExecutionPlan, collect};

use super::TEXT_OF_NUMBER;

/// The text written of the first, or else the second.
pub(crate) fn written(number: Arc<dyn PhysicalExpr>, rest: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
    let function = Arc::new(ScalarUDF::from(Written(Signature::any(2, Volatility::Immutable))));
    let field = Arc::new(Field::new("text", DataType::Utf8View, true));
    Arc::new(ScalarFunctionExpr::new("text", function, vec![number, rest], field, Arc::new(ConfigOptions::new())))
}

/// The rows of a plan as lines of text, sorted.
pub(crate) async fn sorted_lines(plan: Arc<dyn ExecutionPlan>) -> Vec<String> {
    let batches = collect(plan, Arc::default()).await.unwrap();
    let table = pretty_format_batches(&batches).unwrap().to_string();
    let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// `n` and the number, or the rest.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Written(Signature);

impl ScalarUDFImpl for Written {
    fn name(&self) -> &str {
        TEXT_OF_NUMBER
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let (numbers, rests) = (arrays[0].as_primitive::<UInt32Type>(), arrays[1].as_string_view());
        let texts = numbers.iter().zip(rests).map(|(number, rest)| match number {
            Some(number) => Some(format!("n{number}")),
            None => rest.map(str::to_owned),
        });
        Ok(ColumnarValue::Array(Arc::new(texts.collect::<StringViewArray>())))
    }
}
