//! Keys of `arg_max` and `arg_min` as numbers of which the greater is the better.

use arrow::array::{Array, ArrayRef};
use arrow::buffer::{NullBuffer, ScalarBuffer};

use crate::column::{Bools, Strings, decimals, ints, longs, reals};
use crate::{Arg, Type};

/// The keys of a batch. Numbers of which neither is greater stand for equal keys, unless [`Ranks::is_exact`] says no.
pub(super) struct Ranks {
    numbers: ScalarBuffer<i64>,
    nulls: Option<NullBuffer>,
    /// Decimals and texts have a part that the numbers leave out.
    pub is_exact: bool,
}

/// What Kusto takes for the greatest and for the least. No other real has this rank.
const NOT_A_NUMBER: i64 = i64::MAX;

impl Ranks {
    /// The ranks of keys in the form of a type; where the least key wins, the lower ones are the greater.
    pub(super) fn of(keys: &ArrayRef, ty: Type, is_max: bool) -> Self {
        let arg = Arg::Array(keys.clone());
        let rows = 0..keys.len();
        // `!` turns the order of whole numbers around, and none of them overflows.
        let side = |number: i64| if is_max { number } else { !number };
        let numbers: ScalarBuffer<i64> = match ty {
            Type::Bool => {
                let values = Bools::of(&arg);
                rows.map(|row| side(i64::from(values.get(row) == Some(true)))).collect()
            }
            Type::Int => ints(&arg).values().iter().map(|value| side(i64::from(*value))).collect(),
            Type::Real => {
                let rank = |value: f64| if value.is_nan() { NOT_A_NUMBER } else { side(ordered(value)) };
                reals(&arg).values().iter().map(|value| rank(*value)).collect()
            }
            Type::Decimal => decimals(&arg).values().iter().map(|value| side((value >> 64) as i64)).collect(),
            Type::Long | Type::DateTime | Type::TimeSpan if is_max => longs(&arg).values().clone(),
            Type::Long | Type::DateTime | Type::TimeSpan => longs(&arg).values().iter().map(|value| !value).collect(),
            Type::String | Type::Guid | Type::Dynamic => {
                let texts = Strings::of(&arg);
                rows.map(|row| side(prefix(texts.text(row)))).collect()
            }
        };
        let nulls = keys.logical_nulls();
        let is_exact = !matches!(ty, Type::Decimal | Type::String | Type::Guid | Type::Dynamic);
        Ranks { numbers, nulls: nulls.filter(|nulls| nulls.null_count() > 0), is_exact }
    }

    /// A row's rank.
    #[inline]
    pub(super) fn number(&self, row: usize) -> i64 {
        self.numbers[row]
    }

    /// Whether a row has no key.
    #[inline]
    pub(super) fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }
}

/// A whole number in the order of the reals; both zeros are the same.
fn ordered(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits().cast_signed();
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// The first eight bytes of a text as a number in the order of the texts.
fn prefix(text: &str) -> i64 {
    let mut bytes = [0; 8];
    let length = text.len().min(8);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    (u64::from_be_bytes(bytes) ^ (1 << 63)).cast_signed()
}
