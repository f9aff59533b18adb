//! 64-bit hashes of rows, equal for values that KQL calls equal.

use arrow::array::ArrayRef;
use xxhash_rust::xxh3::xxh3_64;

use crate::column::{Bools, Strings, decimals, ints, longs, reals};
use crate::dynamic::compact;
use crate::{Arg, Type};

/// Calls `each` with the rows that are not null and their hashes.
pub(super) fn each_hash(
    array: &ArrayRef,
    ty: Type,
    rows: impl Iterator<Item = (usize, usize)>,
    mut each: impl FnMut(usize, u64),
) {
    let arg = Arg::Array(array.clone());
    let hash: Box<dyn Fn(usize) -> Option<u64>> = match ty {
        Type::Bool => {
            let values = Bools::of(&arg);
            Box::new(move |row| values.get(row).map(|value| xxh3_64(&[u8::from(value)])))
        }
        Type::Int => {
            let values = ints(&arg);
            Box::new(move |row| values.get(row).map(|value| xxh3_64(&value.to_le_bytes())))
        }
        Type::Real => {
            let values = reals(&arg);
            // Adding 0 makes -0 positive.
            Box::new(move |row| values.get(row).map(|value| xxh3_64(&(value + 0.0).to_le_bytes())))
        }
        Type::Decimal => {
            let values = decimals(&arg);
            Box::new(move |row| values.get(row).map(|value| xxh3_64(&value.to_le_bytes())))
        }
        Type::String => {
            let values = Strings::of(&arg);
            Box::new(move |row| Some(xxh3_64(values.text(row).as_bytes())))
        }
        Type::Guid => {
            let values = Strings::of(&arg);
            Box::new(move |row| values.get(row).map(|text| xxh3_64(text.as_bytes())))
        }
        Type::Dynamic => {
            let values = Strings::of(&arg);
            Box::new(move |row| values.get(row).map(|json| xxh3_64(compact(json).as_bytes())))
        }
        Type::Long | Type::DateTime | Type::TimeSpan => {
            let values = longs(&arg);
            Box::new(move |row| values.get(row).map(|value| xxh3_64(&value.to_le_bytes())))
        }
    };
    for (row, group) in rows {
        if let Some(hash) = hash(row) {
            each(group, hash);
        }
    }
}
