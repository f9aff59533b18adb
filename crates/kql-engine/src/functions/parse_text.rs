//! The pattern of `parse`, applied to texts.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanBuilder, StringViewBuilder, StructArray};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kql_functions::{Arg, Type};
use regex::Regex;

use super::kql_scalar::kernel_arg;

/// Applies a regular expression with groups `p0`, `p1`, …; gives a struct of their texts and of whether it matched.
pub struct ParseText {
    regex: Regex,
    groups: usize,
    signature: Signature,
}

impl ParseText {
    /// The field that says whether the pattern matched.
    pub const MATCHED: &'static str = "matched";

    /// A parser with that many groups.
    pub fn new(regex: Regex, groups: usize) -> Self {
        Self { regex, groups, signature: Signature::any(1, Volatility::Immutable) }
    }

    /// The name of a group and of its field.
    pub fn group(index: usize) -> String {
        format!("p{index}")
    }

    /// The call as a plan expression.
    pub fn call(self, text: Expr) -> Expr {
        ScalarUDF::from(self).call(vec![text])
    }

    /// The pattern and the number of groups.
    pub fn parts(&self) -> (&str, usize) {
        (self.regex.as_str(), self.groups)
    }

    fn fields(&self) -> Fields {
        let mut fields: Vec<Field> =
            (0..self.groups).map(|index| Field::new(Self::group(index), DataType::Utf8View, false)).collect();
        fields.push(Field::new(Self::MATCHED, DataType::Boolean, false));
        fields.into()
    }
}

impl fmt::Debug for ParseText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParseText").field("regex", &self.regex.as_str()).finish_non_exhaustive()
    }
}

impl PartialEq for ParseText {
    fn eq(&self, other: &Self) -> bool {
        self.regex.as_str() == other.regex.as_str() && self.groups == other.groups
    }
}

impl Eq for ParseText {}

impl Hash for ParseText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.regex.as_str().hash(state);
        self.groups.hash(state);
    }
}

impl ScalarUDFImpl for ParseText {
    fn name(&self) -> &str {
        "kql_parse"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(self.fields()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let (array, is_scalar) = match kernel_arg(&args.args[0], Type::String)? {
            Arg::Array(array) => (array, false),
            Arg::Scalar(array) => (array, true),
        };
        let texts = array.as_string_view();
        let mut columns: Vec<StringViewBuilder> = (0..self.groups).map(|_| StringViewBuilder::new()).collect();
        let mut matched = BooleanBuilder::with_capacity(rows);
        let names: Vec<String> = (0..self.groups).map(Self::group).collect();
        for text in texts {
            let found = text.and_then(|text| self.regex.captures(text));
            matched.append_value(found.is_some());
            for (column, name) in columns.iter_mut().zip(&names) {
                let text = found.as_ref().and_then(|found| found.name(name)).map_or("", |found| found.as_str());
                column.append_value(text);
            }
        }
        let mut arrays: Vec<ArrayRef> =
            columns.into_iter().map(|mut column| Arc::new(column.finish()) as ArrayRef).collect();
        arrays.push(Arc::new(matched.finish()));
        let parsed: ArrayRef = Arc::new(StructArray::try_new(self.fields(), arrays, None)?);
        if is_scalar {
            return Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&parsed, 0)?));
        }
        Ok(ColumnarValue::Array(parsed))
    }
}
