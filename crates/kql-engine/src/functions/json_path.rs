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
use kql_functions::dynamic::{Step, get_path};
use kql_functions::{DistinctTexts, Type};

use super::kernel::{Kernel, KernelUdf};
use super::kql_scalar::KqlScalarUdf;

/// Reads the value at a fixed path of a JSON text, as JSON text; null where there is none.
///
/// Where the table keeps the path as a column of its own, it is moved towards the scan, which recognizes it: see
/// [`JsonPath::path`]. Other paths stay behind the filters, as reading a document costs more than what comes with its row.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct JsonPath {
    path: Vec<Step>,
    /// Read by the table without the document. Only the optimizer asks.
    is_stored: bool,
    signature: Signature,
}

impl JsonPath {
    /// The function's name in plans.
    pub const NAME: &'static str = "json_path";

    /// A reader of that path.
    pub fn new(path: Vec<Step>, is_stored: bool) -> Self {
        Self { path, is_stored, signature: Signature::any(1, Volatility::Immutable) }
    }

    /// The path, outermost step first.
    pub fn path(&self) -> &[Step] {
        &self.path
    }

    /// Whether the table keeps what is there.
    pub(crate) fn is_stored(&self) -> bool {
        self.is_stored
    }

    /// The call as a plan expression; a path of a path becomes one path. `is_stored` knows the paths that tables keep.
    pub(crate) fn call(step: Step, base: Expr, is_stored: impl Fn(&[Step]) -> bool) -> Expr {
        let mut whole = Vec::new();
        let is_stored = path_from_column(&base, &mut whole) && {
            whole.push(step.clone());
            is_stored(&whole)
        };
        if let Expr::ScalarFunction(function) = &base
            && let Some(inner) = function.func.inner().downcast_ref::<JsonPath>()
            && let [column] = function.args.as_slice()
        {
            let mut path = inner.path.clone();
            path.push(step);
            return ScalarUDF::from(Self::new(path, is_stored)).call(vec![column.clone()]);
        }
        ScalarUDF::from(Self::new(vec![step], is_stored)).call(vec![base])
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

    fn placement(&self, _: &[ExpressionPlacement]) -> ExpressionPlacement {
        if self.is_stored { ExpressionPlacement::MoveTowardsLeafNodes } else { ExpressionPlacement::KeepInPlace }
    }
}

/// Whether an expression reads a column's document, the parts of it printed and parsed again on the way included; appends the
/// path that it has read.
fn path_from_column(expr: &Expr, path: &mut Vec<Step>) -> bool {
    let call = match expr {
        Expr::Column(_) => return true,
        Expr::ScalarFunction(call) => call,
        _ => return false,
    };
    let [arg] = call.args.as_slice() else { return false };
    let inner = call.func.inner();
    if let Some(steps) = inner.downcast_ref::<JsonPath>() {
        let is_read = path_from_column(arg, path);
        path.extend(steps.path.iter().cloned());
        return is_read;
    }
    let is_printed = inner
        .downcast_ref::<KernelUdf>()
        .is_some_and(|kernel| matches!(kernel.kernel(), Kernel::Cast { from: Type::Dynamic, to: Type::String }));
    let is_parsed = inner.downcast_ref::<KqlScalarUdf>().is_some_and(|function| function.parts().0 == "parse_json");
    (is_printed || is_parsed) && path_from_column(arg, path)
}
