//! The function that marks a text in plans whose rows are wanted as keys.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, StringViewArray, UInt32Array};
use arrow::datatypes::{DataType, UInt32Type};
use datafusion::common::{ScalarValue, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// A text as a key into texts: where a file gives no keys, each row has its own.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyedText {
    signature: Signature,
}

impl Default for KeyedText {
    fn default() -> Self {
        Self { signature: Signature::exact(vec![DataType::Utf8View], Volatility::Immutable) }
    }
}

/// Keys into texts as plans have them.
pub(super) fn keyed_text_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8View))
}

/// Each of the texts with a key of its own.
pub(super) fn with_own_keys(texts: StringViewArray) -> Result<ArrayRef> {
    let keys = (0..texts.len() as u32).collect::<UInt32Array>();
    Ok(Arc::new(DictionaryArray::<UInt32Type>::try_new(keys, Arc::new(texts))?))
}

impl ScalarUDFImpl for KeyedText {
    fn name(&self) -> &'static str {
        "keyed_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(keyed_text_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Scalar(text)] => {
                let text = ScalarValue::Dictionary(Box::new(DataType::UInt32), Box::new(text.clone()));
                Ok(ColumnarValue::Scalar(text))
            }
            [ColumnarValue::Array(texts)] => match texts.as_string_view_opt() {
                Some(texts) => with_own_keys(texts.clone()).map(ColumnarValue::Array),
                None => exec_err!("`{}` is of texts, not of the type {}", self.name(), texts.data_type()),
            },
            args => exec_err!("`{}` is of one text, not {}", self.name(), args.len()),
        }
    }
}
