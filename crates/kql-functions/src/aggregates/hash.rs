//! 64-bit hashes of rows, equal for values that KQL calls equal.

use arrow::array::{ArrayRef, BooleanArray};
use xxhash_rust::xxh3::xxh3_64;

use super::groups::each_selected;
use crate::column::{Bools, Strings, decimals, ints, longs, reals};
use crate::dynamic::compact;
use crate::{Arg, Type};

/// Calls `each` with the groups of the rows that pass the filter and are not null, and with the hashes of their values.
pub(super) fn each_hash(
    array: &ArrayRef,
    ty: Type,
    groups: &[usize],
    filter: Option<&BooleanArray>,
    mut each: impl FnMut(usize, u64),
) {
    let arg = Arg::Array(array.clone());
    match ty {
        Type::Bool => {
            let values = Bools::of(&arg);
            let hash = |row| values.get(row).map(|value| xxh3_64(&[u8::from(value)]));
            each_some(groups, filter, hash, each);
        }
        Type::Int => {
            let values = ints(&arg);
            each_some(groups, filter, |row| values.get(row).map(|value| xxh3_64(&value.to_le_bytes())), each);
        }
        Type::Real => {
            let values = reals(&arg);
            // Adding 0 makes -0 positive.
            let hash = |row| values.get(row).map(|value| xxh3_64(&(value + 0.0).to_le_bytes()));
            each_some(groups, filter, hash, each);
        }
        Type::Decimal => {
            let values = decimals(&arg);
            each_some(groups, filter, |row| values.get(row).map(|value| xxh3_64(&value.to_le_bytes())), each);
        }
        Type::Long | Type::DateTime | Type::TimeSpan => {
            let values = longs(&arg);
            each_some(groups, filter, |row| values.get(row).map(|value| xxh3_64(&value.to_le_bytes())), each);
        }
        Type::String => {
            let values = Strings::of(&arg);
            each_selected(groups, filter, |row, group| each(group, xxh3_64(values.text(row).as_bytes())));
        }
        Type::Guid => {
            let values = Strings::of(&arg);
            each_some(groups, filter, |row| values.get(row).map(|text| xxh3_64(text.as_bytes())), each);
        }
        Type::Dynamic => {
            let values = Strings::of(&arg);
            let hash = |row| values.get(row).map(|json| xxh3_64(compact(json).as_bytes()));
            each_some(groups, filter, hash, each);
        }
    }
}

/// One loop for each type, in which the hash is no call through a pointer.
fn each_some(
    groups: &[usize],
    filter: Option<&BooleanArray>,
    hash: impl Fn(usize) -> Option<u64>,
    mut each: impl FnMut(usize, u64),
) {
    each_selected(groups, filter, |row, group| {
        if let Some(hash) = hash(row) {
            each(group, hash);
        }
    });
}
