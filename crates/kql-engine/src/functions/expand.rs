//! Dynamic values as lists, for `mv-expand`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Builder, ListBuilder, StringViewBuilder};
use arrow::datatypes::{DataType, Field};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kql_functions::dynamic::{ArrayWriter, BagWriter, Kind, elements, entries, kind, unquote};
use kql_functions::{Arg, Type};

use serde::{Deserialize, Serialize};

use super::kql_scalar::kernel_arg;

/// What a row's list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Expansion {
    /// Elements of an array; one bag for each property of a bag; any other value by itself.
    Elements {
        /// A property becomes `[name, value]` instead of `{name: value}`.
        bag_as_arrays: bool,
    },
    /// The numbers from 0, as many as the longest of the arguments has elements.
    Indexes,
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
            Expansion::Elements { .. } => DataType::Utf8View,
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
            Expansion::Elements { bag_as_arrays } => elements_of(&columns[0], bag_as_arrays, self.limit),
            Expansion::Indexes => indexes_of(&columns, self.limit),
        };
        Ok(ColumnarValue::Array(lists))
    }
}

fn kernel_array(arg: &ColumnarValue, rows: usize) -> Result<ArrayRef> {
    let Arg::Scalar(one) = kernel_arg(arg, Type::Dynamic)? else { return arg.clone().into_array(rows) };
    datafusion::common::ScalarValue::try_from_array(&one, 0)?.to_array_of_size(rows)
}

fn elements_of(array: &ArrayRef, bag_as_arrays: bool, limit: usize) -> ArrayRef {
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
    Arc::new(builder.finish())
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
