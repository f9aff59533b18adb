//! Dynamic values as lists, for `mv-expand`.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, Float64Array, Int64Builder, ListArray, ListBuilder, PrimitiveBuilder,
    StringViewBuilder, UInt32Array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kql_functions::convert::{self, kept};
use kql_functions::dynamic::{ArrayWriter, BagWriter, Kind, elements, entries, kind, unquote};
use kql_functions::{Arg, SeriesNumbers, Type, Value};
use serde::{Deserialize, Serialize};

use super::kernel::conform;
use super::kql_scalar::kernel_arg;

/// What a row's list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Expansion {
    /// Elements of an array; one bag for each property of a bag; any other value by itself.
    Elements {
        /// A property becomes `[name, value]` instead of `{name: value}`.
        bag_as_arrays: bool,
        /// Elements of this type, as `mv-expand .. to typeof(..)` conforms them; dynamic where there is none.
        to: Option<Type>,
    },
    /// The numbers from 0, as many as the longest of the arguments has elements.
    Indexes,
}

impl Expansion {
    /// The type of the elements, where a list of numbers can stand for the dynamic array: it is expanded without being written as JSON.
    pub fn of_series(self) -> Option<Type> {
        match self {
            Expansion::Elements { to, .. } => to.filter(|to| matches!(to, Type::Int | Type::Long | Type::Real)),
            Expansion::Indexes => None,
        }
    }
}

/// A dynamic as a list: null for null, at most `limit` elements.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct ExpandUdf {
    expansion: Expansion,
    limit: usize,
    signature: Signature,
}

impl ExpandUdf {
    /// The function.
    pub fn new(expansion: Expansion, limit: usize) -> Self {
        Self { expansion, limit, signature: Signature::variadic_any(Volatility::Immutable) }
    }

    /// The call as a plan expression.
    pub fn call(self, args: Vec<Expr>) -> Expr {
        ScalarUDF::from(self).call(args)
    }

    /// What it was made with.
    pub fn parts(&self) -> (Expansion, usize) {
        (self.expansion, self.limit)
    }

    fn item(&self) -> DataType {
        match self.expansion {
            Expansion::Elements { to, .. } => to.map_or(DataType::Utf8View, Type::arrow),
            Expansion::Indexes => DataType::Int64,
        }
    }
}

impl ScalarUDFImpl for ExpandUdf {
    fn name(&self) -> &str {
        "kql_expand"
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let args: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
        Ok(format!("kql_expand[{:?}, {}]({})", self.expansion, self.limit, args.join(",")))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(Arc::new(Field::new_list_field(self.item(), true))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        if let (Some(to), [series]) = (self.expansion.of_series(), args.args.as_slice())
            && SeriesNumbers::of(&series.data_type()).is_some()
        {
            let series = series.clone().into_array(rows)?;
            return Ok(ColumnarValue::Array(numbers_of_series(series.as_list::<i32>(), to, self.limit)?));
        }
        let columns = args
            .args
            .iter()
            .map(|arg| {
                Ok(match kernel_arg(arg, Type::Dynamic)? {
                    Arg::Array(array) => array,
                    Arg::Scalar(_) => kernel_array(arg, rows)?,
                })
            })
            .collect::<Result<Vec<ArrayRef>>>()?;
        let lists = match self.expansion {
            Expansion::Elements { bag_as_arrays, to: None } => {
                Arc::new(elements_of(&columns[0], bag_as_arrays, self.limit))
            }
            Expansion::Elements { to: Some(Type::Long), .. } if is_arrays(&columns[0]) => {
                numbers_of::<Int64Type>(&columns[0], self.limit, long_of)
            }
            Expansion::Elements { to: Some(Type::Real), .. } if is_arrays(&columns[0]) => {
                numbers_of::<Float64Type>(&columns[0], self.limit, real_of)
            }
            Expansion::Elements { bag_as_arrays, to: Some(to) } => {
                let (_, offsets, elements, nulls) = elements_of(&columns[0], bag_as_arrays, self.limit).into_parts();
                let field = Arc::new(Field::new_list_field(self.item(), true));
                Arc::new(ListArray::try_new(field, offsets, conform(&elements, to), nulls)?)
            }
            Expansion::Indexes => indexes_of(&columns, self.limit),
        };
        Ok(ColumnarValue::Array(lists))
    }
}

fn kernel_array(arg: &ColumnarValue, rows: usize) -> Result<ArrayRef> {
    let Arg::Scalar(one) = kernel_arg(arg, Type::Dynamic)? else { return arg.clone().into_array(rows) };
    datafusion::common::ScalarValue::try_from_array(&one, 0)?.to_array_of_size(rows)
}

/// What expanding the dynamic arrays gives that the lists stand for.
fn numbers_of_series(lists: &ListArray, to: Type, limit: usize) -> Result<ArrayRef> {
    let (_, offsets, items, nulls) = lists.clone().into_parts();
    let items = match items.as_primitive_opt::<Float64Type>() {
        // JSON has no numbers for those that are not finite, and texts don't conform to numbers.
        Some(reals) => {
            let finite: Float64Array = reals.iter().map(|real| real.filter(|real| real.is_finite())).collect();
            convert::cast(&(Arc::new(finite) as ArrayRef), Type::Real, to)
        }
        None => convert::cast(&items, Type::Long, to),
    };
    let field = Arc::new(Field::new_list_field(to.arrow(), true));
    let is_within = (0..lists.len()).all(|row| length_at(&offsets, row) <= limit);
    if is_within {
        return Ok(Arc::new(ListArray::try_new(field, offsets, items, nulls)?));
    }
    let kept = |row: usize| length_at(&offsets, row).min(limit);
    let places = (0..lists.len()).flat_map(|row| (0..kept(row)).map(move |at| (row, at)));
    let places: UInt32Array = places.map(|(row, at)| offsets[row] as u32 + at as u32).collect();
    let lengths = OffsetBuffer::from_lengths((0..lists.len()).map(kept));
    Ok(Arc::new(ListArray::try_new(field, lengths, take(&items, &places, None)?, nulls)?))
}

fn length_at(offsets: &OffsetBuffer<i32>, row: usize) -> usize {
    usize::try_from(offsets[row + 1] - offsets[row]).unwrap_or(0)
}

/// Whether all rows are arrays or null.
fn is_arrays(array: &ArrayRef) -> bool {
    array.as_string_view().iter().flatten().all(|json| kind(json) == Kind::Array)
}

/// Numbers of arrays, read without a text of each in between.
fn numbers_of<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    limit: usize,
    number: impl Fn(&str) -> Option<T::Native>,
) -> ArrayRef {
    let mut builder = ListBuilder::new(PrimitiveBuilder::<T>::new());
    for row in array.as_string_view() {
        for element in row.into_iter().flat_map(elements).take(limit) {
            builder.values().append_option(number(element));
        }
        builder.append(row.is_some());
    }
    Arc::new(builder.finish())
}

/// Most digits of a whole number that is read without a look at its size.
const PLAIN_DIGITS: usize = 18;

/// A whole number written in digits alone, as most are.
fn plain_number(json: &str) -> Option<i64> {
    let digits = json.strip_prefix('-').unwrap_or(json).as_bytes();
    if digits.is_empty() || digits.len() > PLAIN_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0_i64, |number, digit| number * 10 + i64::from(digit - b'0'));
    Some(if digits.len() < json.len() { -number } else { number })
}

/// An element as `conform` makes it a long.
fn long_of(json: &str) -> Option<i64> {
    plain_number(json).or_else(|| match kept(json, Type::Long) {
        Value::Long(number) => Some(number),
        _ => None,
    })
}

/// An element as `conform` makes it a real.
fn real_of(json: &str) -> Option<f64> {
    plain_number(json).map(|number| number as f64).or_else(|| match kept(json, Type::Real) {
        Value::Real(number) => Some(number),
        _ => None,
    })
}

fn elements_of(array: &ArrayRef, bag_as_arrays: bool, limit: usize) -> ListArray {
    let texts = array.as_string_view();
    let mut builder = ListBuilder::new(StringViewBuilder::new());
    let mut pair = String::new();
    for row in 0..texts.len() {
        if texts.is_null(row) {
            builder.append(false);
            continue;
        }
        let json = texts.value(row);
        match kind(json) {
            Kind::Array => {
                for element in elements(json).take(limit) {
                    builder.values().append_option((element != "null").then_some(element));
                }
            }
            Kind::Bag => {
                for (name, value) in entries(json).take(limit) {
                    pair.clear();
                    if bag_as_arrays {
                        let mut writer = ArrayWriter::new(&mut pair);
                        writer.push_text(&unquote(name));
                        writer.push(value);
                        writer.end();
                    } else {
                        let mut writer = BagWriter::new(&mut pair);
                        writer.push_quoted(name, value);
                        writer.end();
                    }
                    builder.values().append_value(&pair);
                }
            }
            _ => builder.values().append_value(json),
        }
        builder.append(true);
    }
    builder.finish()
}

fn indexes_of(arrays: &[ArrayRef], limit: usize) -> ArrayRef {
    let rows = arrays.first().map_or(0, |array| array.len());
    let mut builder = ListBuilder::new(Int64Builder::new());
    for row in 0..rows {
        let longest = arrays.iter().map(|array| length(array, row)).max().unwrap_or(0).min(limit);
        for index in (0_i64..).take(longest) {
            builder.values().append_value(index);
        }
        builder.append(true);
    }
    Arc::new(builder.finish())
}

fn length(array: &ArrayRef, row: usize) -> usize {
    if array.is_null(row) {
        return 1;
    }
    let json = array.as_string_view().value(row);
    match kind(json) {
        Kind::Array => elements(json).count(),
        Kind::Bag => entries(json).count(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::StringViewArray;
    use arrow::datatypes::Float64Type;

    fn expanded(array: &ArrayRef, to: Option<Type>, limit: usize) -> ArrayRef {
        let udf = ExpandUdf::new(Expansion::Elements { bag_as_arrays: false, to }, limit);
        let args = ScalarFunctionArgs {
            args: vec![ColumnarValue::Array(Arc::clone(array))],
            arg_fields: vec![Arc::new(Field::new("x", array.data_type().clone(), true))],
            number_rows: array.len(),
            return_field: Arc::new(Field::new("y", udf.return_type(&[array.data_type().clone()]).unwrap(), true)),
            config_options: Arc::default(),
        };
        udf.invoke_with_args(args).unwrap().into_array(array.len()).unwrap()
    }

    #[test]
    fn elements_of_a_type_are_what_they_conform_to_afterwards() {
        let rows = [
            Some(r#"[1, -20, 1.5, 123456789012345678901, -0, null, "7", true, [1], 999999999999999999, 1e3]"#),
            None,
            Some("[]"),
        ];
        let arrays: ArrayRef = Arc::new(StringViewArray::from_iter(rows));
        let mixed: ArrayRef =
            Arc::new(StringViewArray::from_iter(rows.into_iter().chain([Some(r#"{"a": 1}"#), Some("5")])));
        for to in [Type::Long, Type::Real, Type::Int, Type::Bool, Type::Decimal, Type::DateTime] {
            for (array, limit) in [(&arrays, 100), (&arrays, 3), (&mixed, 100)] {
                let (found, texts) = (expanded(array, Some(to), limit), expanded(array, None, limit));
                let (found, texts) = (found.as_list::<i32>(), texts.as_list::<i32>());
                assert_eq!(found.values(), &conform(texts.values(), to), "{to:?}");
                assert_eq!(found.offsets(), texts.offsets());
                assert_eq!(found.nulls(), texts.nulls());
            }
        }
    }

    #[test]
    fn lists_of_numbers_give_what_their_json_gives() {
        let reals: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>([
            Some(vec![Some(1.5), Some(-2.0), None, Some(f64::NAN), Some(f64::INFINITY), Some(1e19)]),
            None,
            Some(vec![Some(3.0)]),
        ]));
        let whole: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([
            Some(vec![Some(1), None, Some(i64::MAX)]),
            Some(vec![]),
        ]));
        for series in [&reals, &whole] {
            let json = kql_functions::series_as_json(series);
            for (to, limit) in [(Type::Long, 9), (Type::Real, 9), (Type::Int, 9), (Type::Real, 2)] {
                assert_eq!(&expanded(series, Some(to), limit), &expanded(&json, Some(to), limit), "{to:?}");
            }
        }
    }
}
