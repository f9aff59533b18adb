//! `a.b.c[0]` on a dynamic column.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray, StringViewBuilder, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExpressionPlacement, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kql_functions::DistinctTexts;
use kql_functions::dynamic::{Step, get_path};

/// Reads the value at a fixed path of a JSON text, as JSON text; null where there is none.
///
/// It is moved towards the scan, where storage may find the path in a column of its own: see [`JsonPath::path`].
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct JsonPath {
    path: Vec<Step>,
    signature: Signature,
}

impl JsonPath {
    /// The function's name in plans.
    pub const NAME: &'static str = "json_path";

    /// A reader of that path.
    pub fn new(path: Vec<Step>) -> Self {
        Self { path, signature: Signature::any(1, Volatility::Immutable) }
    }

    /// The path, outermost step first.
    pub fn path(&self) -> &[Step] {
        &self.path
    }

    /// The call as a plan expression; a path of a path becomes one path.
    pub(crate) fn call(step: Step, base: Expr) -> Expr {
        if let Expr::ScalarFunction(function) = &base
            && let Some(inner) = function.func.inner().downcast_ref::<JsonPath>()
            && let [column] = function.args.as_slice()
        {
            let mut path = inner.path.clone();
            path.push(step);
            return ScalarUDF::from(Self::new(path)).call(vec![column.clone()]);
        }
        ScalarUDF::from(Self::new(vec![step])).call(vec![base])
    }

    fn read(&self, array: &ArrayRef) -> Result<ArrayRef> {
        if *array.data_type() == DataType::Null {
            return Ok(new_null_array(&DataType::Utf8View, array.len()));
        }
        let array = cast(array, &DataType::Utf8View)?;
        if let Some(distinct) = DistinctTexts::of(array.as_string_view()) {
            let once = self.read_each(distinct.gather(&array)?.as_string_view());
            return Ok(distinct.spread(&once)?);
        }
        Ok(self.read_each(array.as_string_view()))
    }

    fn read_each(&self, texts: &StringViewArray) -> ArrayRef {
        let mut builder = StringViewBuilder::with_capacity(texts.len());
        for text in texts {
            builder.append_option(text.and_then(|text| get_path(text, &self.path)).filter(|value| *value != "null"));
        }
        Arc::new(builder.finish())
    }
}

impl ScalarUDFImpl for JsonPath {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let mut name = String::from(Self::NAME);
        for arg in args {
            let _ = write!(name, "({})", arg.schema_name());
        }
        for step in &self.path {
            let _ = match step {
                Step::Key(key) => write!(name, "[{key:?}]"),
                Step::Index(index) => write!(name, "[{index}]"),
            };
        }
        Ok(name)
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match &args.args[0] {
            ColumnarValue::Array(array) => Ok(ColumnarValue::Array(self.read(array)?)),
            ColumnarValue::Scalar(scalar) => {
                let array = self.read(&scalar.to_array()?)?;
                Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&array, 0)?))
            }
        }
    }

    fn placement(&self, args: &[ExpressionPlacement]) -> ExpressionPlacement {
        match args {
            [ExpressionPlacement::Column | ExpressionPlacement::MoveTowardsLeafNodes] => {
                ExpressionPlacement::MoveTowardsLeafNodes
            }
            _ => ExpressionPlacement::KeepInPlace,
        }
    }
}
