//! Typed views of arguments and results, so that kernels read rows without expanding scalars.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, Decimal128Array, PrimitiveArray, StringViewArray,
    StringViewBuilder, new_null_array,
};
use arrow::buffer::ScalarBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int32Type, Int64Type};

use crate::{Arg, DECIMAL_SCALE, EvalContext, Type};

impl Arg {
    /// Its array: of one row for a scalar.
    pub fn array(&self) -> &ArrayRef {
        match self {
            Arg::Array(array) | Arg::Scalar(array) => array,
        }
    }

    /// The same value in all rows.
    pub fn is_scalar(&self) -> bool {
        matches!(self, Arg::Scalar(_))
    }
}

/// How many rows a kernel must compute: one when all arguments are scalars.
pub(crate) fn result_rows(args: &[Arg], ctx: &EvalContext) -> usize {
    rows_of(args, ctx.rows)
}

pub(crate) fn rows_of(args: &[Arg], rows: usize) -> usize {
    if args.iter().all(Arg::is_scalar) { 1 } else { rows }
}

/// An argument's rows in one concrete array type.
pub(crate) struct Column<A> {
    array: A,
    is_scalar: bool,
}

pub(crate) type Strings = Column<StringViewArray>;
pub(crate) type Longs = Column<PrimitiveArray<Int64Type>>;
pub(crate) type Reals = Column<PrimitiveArray<Float64Type>>;
pub(crate) type Bools = Column<BooleanArray>;

impl<A: Array + Clone + 'static> Column<A> {
    fn new(arg: &Arg, ty: &DataType) -> Self {
        let array = arg.array();
        Column { array: concrete(array, ty), is_scalar: arg.is_scalar() }
    }

    /// The row of the array that holds the value of a result row.
    fn at(&self, row: usize) -> Option<usize> {
        let row = if self.is_scalar { 0 } else { row };
        self.array.is_valid(row).then_some(row)
    }
}

/// The array as its concrete type; other forms (`Null`, `Utf8`) are cast first.
pub(crate) fn concrete<A: Array + Clone + 'static>(array: &ArrayRef, ty: &DataType) -> A {
    if let Some(found) = array.as_any().downcast_ref::<A>() {
        return found.clone();
    }
    let converted = cast(array, ty).unwrap_or_else(|_| new_null_array(ty, array.len()));
    match converted.as_any().downcast_ref::<A>() {
        Some(found) => found.clone(),
        None => unreachable_form(ty, array.len()),
    }
}

/// `ty` names the Arrow type of `A`, so a null array of it always is an `A`.
fn unreachable_form<A: Array + Clone + 'static>(ty: &DataType, rows: usize) -> A {
    new_null_array(ty, rows).as_any().downcast_ref::<A>().expect("the caller names the type of its array").clone()
}

impl Strings {
    pub(crate) fn of(arg: &Arg) -> Self {
        Column::new(arg, &DataType::Utf8View)
    }

    /// The text of a row; null reads as `""`, as KQL strings have no null.
    pub(crate) fn text(&self, row: usize) -> &str {
        self.at(row).map_or("", |row| self.array.value(row))
    }

    /// The text of a row of a type that has null: guid and dynamic.
    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        self.at(row).map(|row| self.array.value(row))
    }

    /// The text, when it is the same in all rows.
    pub(crate) fn constant(&self) -> Option<&str> {
        self.is_scalar.then(|| self.text(0))
    }
}

impl<P: ArrowPrimitiveType> Column<PrimitiveArray<P>> {
    /// The values of its array, null or not.
    pub(crate) fn values(&self) -> &ScalarBuffer<P::Native> {
        self.array.values()
    }

    pub(crate) fn get(&self, row: usize) -> Option<P::Native> {
        self.at(row).map(|row| self.array.value(row))
    }
}

impl Bools {
    pub(crate) fn of(arg: &Arg) -> Self {
        Column::new(arg, &DataType::Boolean)
    }

    pub(crate) fn get(&self, row: usize) -> Option<bool> {
        self.at(row).map(|row| self.array.value(row))
    }
}

pub(crate) fn ints(arg: &Arg) -> Column<PrimitiveArray<Int32Type>> {
    Column::new(arg, &DataType::Int32)
}

pub(crate) fn longs(arg: &Arg) -> Longs {
    Column::new(arg, &DataType::Int64)
}

pub(crate) fn reals(arg: &Arg) -> Reals {
    Column::new(arg, &DataType::Float64)
}

pub(crate) fn decimals(arg: &Arg) -> Column<PrimitiveArray<Decimal128Type>> {
    Column::new(arg, &Type::Decimal.arrow())
}

pub(crate) fn string_results<'a>(rows: usize, f: impl FnMut(usize) -> &'a str) -> ArrayRef {
    Arc::new((0..rows).map(f).map(Some).collect::<StringViewArray>())
}

/// A string result written row by row into one buffer that is reused.
pub(crate) fn written_strings(rows: usize, mut write: impl FnMut(usize, &mut String)) -> ArrayRef {
    let mut builder = StringViewBuilder::with_capacity(rows);
    let mut text = String::new();
    for row in 0..rows {
        text.clear();
        write(row, &mut text);
        builder.append_value(&text);
    }
    Arc::new(builder.finish())
}

/// The same for types that have null (dynamic, guid); `write` says whether there is a value.
pub(crate) fn written_nullable(rows: usize, mut write: impl FnMut(usize, &mut String) -> bool) -> ArrayRef {
    let mut builder = StringViewBuilder::with_capacity(rows);
    let mut text = String::new();
    for row in 0..rows {
        text.clear();
        if write(row, &mut text) {
            builder.append_value(&text);
        } else {
            builder.append_null();
        }
    }
    Arc::new(builder.finish())
}

pub(crate) fn bool_results(rows: usize, f: impl FnMut(usize) -> Option<bool>) -> ArrayRef {
    Arc::new((0..rows).map(f).collect::<BooleanArray>())
}

pub(crate) fn int_results(rows: usize, f: impl FnMut(usize) -> Option<i32>) -> ArrayRef {
    Arc::new((0..rows).map(f).collect::<PrimitiveArray<Int32Type>>())
}

pub(crate) fn long_results(rows: usize, f: impl FnMut(usize) -> Option<i64>) -> ArrayRef {
    Arc::new((0..rows).map(f).collect::<PrimitiveArray<Int64Type>>())
}

pub(crate) fn real_results(rows: usize, f: impl FnMut(usize) -> Option<f64>) -> ArrayRef {
    Arc::new((0..rows).map(f).collect::<PrimitiveArray<Float64Type>>())
}

pub(crate) fn decimal_results(rows: usize, f: impl FnMut(usize) -> Option<i128>) -> ArrayRef {
    Arc::new(as_decimal((0..rows).map(f).collect::<Decimal128Array>()))
}

/// An array of unscaled decimals in the engine's precision and scale.
pub(crate) fn as_decimal(array: Decimal128Array) -> Decimal128Array {
    array.with_data_type(DataType::Decimal128(38, DECIMAL_SCALE))
}

/// Rows of nulls of a type; of `""` for strings.
pub(crate) fn absent(ty: Type, rows: usize) -> ArrayRef {
    if ty == Type::String { string_results(rows, |_| "") } else { new_null_array(&ty.arrow(), rows) }
}
