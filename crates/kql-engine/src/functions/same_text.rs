//! Whether a text is one constant text, byte for byte.

use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, StringViewArray, make_view};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::DataType;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// Longest text that a view holds in itself, in bytes. Source: Arrow columnar format, "Variable-size Binary View Layout".
const INLINE_BYTES: usize = 12;

/// `text == "constant"` of a `Utf8View`, or `!=`; null where the text is null. Arrow's comparison looks at length, prefix and rest of each
/// pair in turn; a short constant is in whole in its view, so that two numbers are compared.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct SameText {
    text: String,
    /// It is asked whether they differ.
    is_negated: bool,
    signature: Signature,
}

impl SameText {
    /// The function.
    pub fn new(text: String, is_negated: bool) -> Self {
        Self { text, is_negated, signature: Signature::exact(vec![DataType::Utf8View], Volatility::Immutable) }
    }

    /// The constant, and whether it is asked for other texts.
    pub fn parts(&self) -> (&str, bool) {
        (&self.text, self.is_negated)
    }

    fn eval(&self, texts: &StringViewArray) -> BooleanArray {
        let (views, bytes) = (texts.views(), self.text.as_bytes());
        // Of a long text its length and first bytes, as they are in each view of it.
        let view = make_view(bytes, 0, 0);
        let negated = self.is_negated;
        let values = if bytes.len() <= INLINE_BYTES {
            BooleanBuffer::collect_bool(views.len(), |row| (views[row] == view) != negated)
        } else {
            let begins = view as u64;
            let is_same = |row: usize| views[row] as u64 == begins && texts.value(row).as_bytes() == bytes;
            BooleanBuffer::collect_bool(views.len(), |row| is_same(row) != negated)
        };
        BooleanArray::new(values, texts.nulls().cloned())
    }
}

impl ScalarUDFImpl for SameText {
    fn name(&self) -> &str {
        "kql_same_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [texts] = args.args.as_slice() else { return exec_err!("a text is compared with one constant") };
        let texts = texts.to_array(args.number_rows)?;
        let Some(texts) = texts.as_string_view_opt() else { return exec_err!("what is compared is no text") };
        Ok(ColumnarValue::Array(Arc::new(self.eval(texts))))
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::Scalar;
    use arrow::compute::kernels::cmp::{eq, neq};

    use super::*;

    #[test]
    fn answers_are_those_of_arrow() {
        let mut texts = vec![None, Some(String::new()), Some("\0".to_owned()), Some("é".repeat(6))];
        for length in 0..20 {
            let text = "abcdefghijklmnopqrstuvwxyz"[..length].to_owned();
            // Texts of one length, some of which differ in their last byte only.
            texts.extend([
                Some(text.clone()),
                Some(text.to_uppercase()),
                Some(format!("{text}0")),
                Some(format!("{text}1")),
            ]);
        }
        let whole = StringViewArray::from_iter(texts.iter());
        for array in [whole.slice(0, whole.len()), whole.slice(7, 31), whole.slice(3, 0)] {
            for text in texts.iter().flatten() {
                let constant = Scalar::new(StringViewArray::from_iter_values([text.as_str()]));
                assert_eq!(SameText::new(text.clone(), false).eval(&array), eq(&array, &constant).unwrap(), "{text}");
                assert_eq!(SameText::new(text.clone(), true).eval(&array), neq(&array, &constant).unwrap(), "{text}");
            }
        }
    }
}
