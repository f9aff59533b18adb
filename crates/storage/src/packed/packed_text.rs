//! The functions of plans that take a text apart and put it together.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StringViewArray, StringViewBuilder, UInt32Array};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, UInt32Type};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::address::{SPACE, number_of, write_text};
use super::packing::Packed;

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// The number of a text; null where it has none.
    Number,
    /// A text without a number; null where it has one.
    Rest,
    /// The text of a number and a rest. Never null.
    Text,
}

/// One of the functions.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct PackedText {
    part: Part,
    signature: Signature,
}

impl PackedText {
    pub(crate) fn new(part: Part) -> Self {
        let arguments = match part {
            Part::Number | Part::Rest => vec![DataType::Utf8View],
            Part::Text => vec![DataType::UInt32, DataType::Utf8View],
        };
        Self { part, signature: Signature::exact(arguments, Volatility::Immutable) }
    }

    pub(crate) fn part(&self) -> Part {
        self.part
    }
}

impl ScalarUDFImpl for PackedText {
    fn name(&self) -> &str {
        match self.part {
            Part::Number => "packed_text_number",
            Part::Rest => "packed_text_rest",
            Part::Text => "packed_text",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.part {
            Part::Number => DataType::UInt32,
            Part::Rest | Part::Text => DataType::Utf8View,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let values: ArrayRef = match (self.part, arrays.as_slice()) {
            (Part::Number, [texts]) => match texts.as_string_view_opt() {
                Some(texts) => Arc::new(texts.iter().map(|text| text.and_then(number_of)).collect::<UInt32Array>()),
                None => return exec_err!("`{}` is of texts", self.name()),
            },
            (Part::Rest, [texts]) => match texts.as_string_view_opt() {
                Some(texts) => Arc::new(Packed::of(texts.iter()).rests),
                None => return exec_err!("`{}` is of texts", self.name()),
            },
            (_, [numbers, rests]) => match (numbers.as_primitive_opt::<UInt32Type>(), rests.as_string_view_opt()) {
                (Some(numbers), Some(rests)) => Arc::new(texts(numbers, rests)?),
                _ => return exec_err!("`{}` is of numbers and texts", self.name()),
            },
            _ => return exec_err!("`{}` has {} arguments", self.name(), arrays.len()),
        };
        Ok(ColumnarValue::Array(values))
    }
}

/// Rows whose texts are written into one buffer at once: as many as have room in one of Arrow's, and far more than a batch has.
const MOST_ROWS: usize = 1 << 26;

fn texts(numbers: &UInt32Array, rests: &StringViewArray) -> Result<StringViewArray> {
    if numbers.null_count() == 0 && numbers.len() <= MOST_ROWS {
        return addresses(numbers.values());
    }
    let mut space = [0; SPACE];
    let mut texts = StringViewBuilder::with_capacity(numbers.len());
    for (number, rest) in numbers.iter().zip(rests) {
        match number {
            Some(number) => {
                let length = write_text(number, &mut space);
                texts.append_value(str::from_utf8(&space[..length]).unwrap_or_default());
            }
            None => texts.append_value(rest.unwrap_or_default()),
        }
    }
    Ok(texts.finish())
}

/// One after the other in one buffer, so that they are found to be text all at once.
fn addresses(numbers: &[u32]) -> Result<StringViewArray> {
    let mut bytes = vec![0; numbers.len() * SPACE];
    let mut ends = Vec::with_capacity(numbers.len() + 1);
    let mut end = 0;
    ends.push(0);
    for number in numbers {
        // There is room: each text before took less than its space.
        if let Some(space) = bytes.get_mut(end..).and_then(<[u8]>::first_chunk_mut) {
            end += write_text(*number, space);
        }
        ends.push(end as i32);
    }
    bytes.truncate(end);
    let texts = StringArray::try_new(OffsetBuffer::new(ends.into()), bytes.into(), None)?;
    Ok(StringViewArray::from(&texts))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn put_together(packed: &Packed) -> Vec<String> {
        let texts = texts(&packed.numbers, &packed.rests).expect("they fit");
        texts.iter().map(|text| text.expect("never null").to_owned()).collect()
    }

    proptest! {
        #[test]
        fn texts_come_back(given in proptest::collection::vec("([0-9]{1,3}\\.){3}[0-9]{1,3}|.*|[0-9a-f:]{3,39}", 0..40)) {
            let packed = Packed::of(given.iter().map(|text| Some(text.as_str())));
            prop_assert_eq!(put_together(&packed), given);
        }
    }

    proptest! {
        #[test]
        fn texts_of_numbers_alone_come_back(numbers in proptest::collection::vec(any::<u32>(), 0..60)) {
            let given: Vec<String> = numbers.iter().map(|number| std::net::Ipv4Addr::from(*number).to_string()).collect();
            let packed = Packed::of(given.iter().map(|text| Some(text.as_str())));
            prop_assert_eq!(packed.numbers.values().as_ref(), numbers.as_slice());
            prop_assert_eq!(put_together(&packed), given);
        }
    }

    #[test]
    fn the_engine_knows_the_function() {
        assert_eq!(PackedText::new(Part::Text).name(), kql_engine::TEXT_OF_NUMBER);
    }

    #[test]
    fn what_is_missing_is_empty() {
        assert_eq!(put_together(&Packed::of([None, Some("1.2.3.4")].into_iter())), ["", "1.2.3.4"]);
    }
}
