//! Bits of whole numbers.

mod bits;
mod tohex;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![
        &bits::BINARY_AND,
        &bits::BINARY_OR,
        &bits::BINARY_XOR,
        &bits::BINARY_NOT,
        &bits::BINARY_SHIFT_LEFT,
        &bits::BINARY_SHIFT_RIGHT,
        &bits::BITSET_COUNT_ONES,
        &tohex::TOHEX,
    ]
}
