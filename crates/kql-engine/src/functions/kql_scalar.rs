//! A KQL scalar function as DataFusion runs it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewBuilder, StructArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kql_functions::{ALL_RESULTS, Arg, DistinctTexts, EvalContext, Resolved, ScalarFunction, SeriesNumbers, Type};

use super::geo_database_option::GeoDatabaseOption;

/// One use of a KQL function: the function by name, the types its arguments were matched to, and `now()`.
#[derive(Debug)]
pub struct KqlScalarUdf {
    function: &'static dyn ScalarFunction,
    resolved: Resolved,
    now: i64,
    /// Which of several results are read.
    wanted: u64,
    /// The results come as lists of numbers, fields of a struct.
    as_lists: bool,
    /// The name in plans where not all results are read, or as lists.
    own_name: Option<String>,
    signature: Signature,
}

impl PartialEq for KqlScalarUdf {
    fn eq(&self, other: &Self) -> bool {
        self.function.name() == other.function.name()
            && self.resolved == other.resolved
            && (self.now, self.wanted, self.as_lists) == (other.now, other.wanted, other.as_lists)
    }
}

impl Eq for KqlScalarUdf {}

impl Hash for KqlScalarUdf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name().hash(state);
        self.resolved.parameters.hash(state);
        self.resolved.result.hash(state);
        self.now.hash(state);
        self.wanted.hash(state);
        self.as_lists.hash(state);
    }
}

impl KqlScalarUdf {
    /// A use of `function` with arguments that are already of the types of `resolved`.
    pub fn new(function: &'static dyn ScalarFunction, resolved: Resolved, now: i64) -> Self {
        let volatility = if function.is_deterministic() { Volatility::Immutable } else { Volatility::Volatile };
        let signature = if resolved.parameters.is_empty() {
            Signature::nullary(volatility)
        } else {
            Signature::variadic_any(volatility)
        };
        Self { function, resolved, now, wanted: ALL_RESULTS, as_lists: false, own_name: None, signature }
    }

    /// The same, of which only some results are read: see [`EvalContext::wanted`].
    #[must_use]
    pub fn with_wanted(self, wanted: u64) -> Self {
        Self { wanted, ..self }.named()
    }

    /// The same with results as lists of numbers, fields of a struct: see [`ScalarFunction::eval_series`].
    #[must_use]
    pub fn with_lists(self, as_lists: bool) -> Self {
        Self { as_lists: as_lists && !self.function.series_results().is_empty(), ..self }.named()
    }

    fn named(self) -> Self {
        let name = self.function.name();
        let own_name = match (self.wanted, self.as_lists) {
            (ALL_RESULTS, false) => None,
            (wanted, false) => Some(format!("{name}[{wanted:b}]")),
            (wanted, true) => Some(format!("{name}[{wanted:b}] as lists")),
        };
        Self { own_name, ..self }
    }

    /// Whether results come as lists.
    pub fn as_lists(&self) -> bool {
        self.as_lists
    }

    /// Whether the same arguments give the same result.
    pub fn is_deterministic(&self) -> bool {
        self.function.is_deterministic()
    }

    /// Whether it costs no more than finding out which texts repeat.
    pub fn is_cheap(&self) -> bool {
        self.function.is_cheap()
    }

    /// Whether its first argument may be a list of numbers.
    pub fn takes_series(&self) -> bool {
        self.function.takes_series()
    }

    /// What its results can be as lists.
    pub fn series_results(&self) -> &'static [SeriesNumbers] {
        self.function.series_results()
    }

    fn result_fields(&self) -> Fields {
        let results = self.function.results().iter().zip(self.function.series_results());
        results.map(|((name, _), numbers)| Field::new(*name, numbers.arrow(), true)).collect()
    }

    /// Which results are read.
    pub fn wanted(&self) -> u64 {
        self.wanted
    }

    /// Whether it gives several results.
    pub fn has_results(&self) -> bool {
        !self.function.results().is_empty()
    }

    /// What it was made with: the function's name, the types and `now()`.
    pub fn parts(&self) -> (&'static str, &Resolved, i64) {
        (self.function.name(), &self.resolved, self.now)
    }

    /// The call as a plan expression.
    pub fn call(self, args: Vec<Expr>) -> Expr {
        ScalarUDF::from(self).call(args)
    }

    /// The argument on which alone the result depends from row to row, where it is text that repeats: the function is then computed once a
    /// text.
    fn repeating_argument(&self, args: &[Arg]) -> Option<(usize, DistinctTexts)> {
        if self.function.is_cheap() || !self.function.is_deterministic() {
            return None;
        }
        let mut arrays = args.iter().enumerate().filter(|(_, arg)| !arg.is_scalar());
        let (place, arg) = arrays.next().filter(|_| arrays.next().is_none())?;
        Some((place, DistinctTexts::of(arg.array().as_string_view_opt()?)?))
    }
}

impl ScalarUDFImpl for KqlScalarUdf {
    fn name(&self) -> &str {
        self.own_name.as_deref().unwrap_or(self.function.name())
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(if self.as_lists { DataType::Struct(self.result_fields()) } else { self.resolved.result.arrow() })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let all_scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = args.number_rows;
        let kernel_args = args
            .args
            .iter()
            .zip(&self.resolved.parameters)
            .map(|(arg, ty)| kernel_arg(arg, *ty))
            .collect::<Result<Vec<Arg>>>()?;
        let scalar_result = all_scalar && self.function.is_deterministic();
        let context = EvalContext {
            rows: if scalar_result { 1 } else { rows },
            now: self.now,
            geo_database: GeoDatabaseOption::find(&args.config_options),
            wanted: self.wanted,
        };
        if self.as_lists {
            let lists = self.function.eval_series(&kernel_args, &context);
            let result = Arc::new(StructArray::try_new(self.result_fields(), lists, None)?);
            return columnar(result, Type::Dynamic, scalar_result, rows);
        }
        let result = match self.repeating_argument(&kernel_args) {
            Some((place, distinct)) => {
                let mut once = kernel_args.clone();
                once[place] = Arg::Array(distinct.gather(kernel_args[place].array())?);
                let context = EvalContext { rows: distinct.count(), ..context };
                distinct.spread(&self.function.eval(&once, &self.resolved, &context))?
            }
            None => self.function.eval(&kernel_args, &self.resolved, &context),
        };
        columnar(result, self.resolved.result, scalar_result, rows)
    }
}

/// An argument in the form that kernels take. The optimizer probes with untyped nulls.
pub(crate) fn kernel_arg(arg: &ColumnarValue, ty: Type) -> Result<Arg> {
    let wanted = ty.arrow();
    let typed = |array: ArrayRef| -> Result<ArrayRef> {
        if *array.data_type() == wanted {
            Ok(array)
        } else if ty == Type::Dynamic && SeriesNumbers::of(array.data_type()).is_some() {
            // Lists stand for dynamic arrays before functions that take them.
            Ok(array)
        } else if *array.data_type() == DataType::Null {
            Ok(new_null_array(&wanted, array.len()))
        } else {
            Ok(cast(&array, &wanted)?)
        }
    };
    Ok(match arg {
        ColumnarValue::Array(array) => Arg::Array(typed(Arc::clone(array))?),
        ColumnarValue::Scalar(scalar) => Arg::Scalar(typed(scalar.to_array()?)?),
    })
}

/// A kernel's result for DataFusion: of the right length, and strings without nulls.
pub(crate) fn columnar(result: ArrayRef, ty: Type, is_scalar: bool, rows: usize) -> Result<ColumnarValue> {
    let result = if ty == Type::String { without_nulls(result) } else { result };
    if is_scalar && result.len() == 1 {
        return Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&result, 0)?));
    }
    if result.len() == 1 && rows != 1 {
        let scalar = datafusion::common::ScalarValue::try_from_array(&result, 0)?;
        return Ok(ColumnarValue::Array(scalar.to_array_of_size(rows)?));
    }
    Ok(ColumnarValue::Array(result))
}

/// KQL's strings are never null: absent is the empty string.
fn without_nulls(array: ArrayRef) -> ArrayRef {
    if array.null_count() == 0 {
        return array;
    }
    let strings = array.as_string_view();
    let mut builder = StringViewBuilder::with_capacity(strings.len());
    for value in strings {
        builder.append_value(value.unwrap_or_default());
    }
    Arc::new(builder.finish())
}
