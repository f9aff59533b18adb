//! Walking over the rows of a batch, and vectors with one entry a group.

use arrow::array::{Array, BooleanArray};

/// The rows that pass the filter, with their groups.
pub(super) fn selected<'a>(
    groups: &'a [usize],
    filter: Option<&'a BooleanArray>,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let passes = move |row: usize| filter.is_none_or(|filter| is_true(filter, row));
    groups.iter().copied().enumerate().filter(move |(row, _)| passes(*row))
}

/// Calls `each` with the rows that pass the filter and their groups; without a filter in a loop of its own.
#[inline]
pub(super) fn each_selected(groups: &[usize], filter: Option<&BooleanArray>, mut each: impl FnMut(usize, usize)) {
    match filter {
        None => groups.iter().enumerate().for_each(|(row, group)| each(row, *group)),
        Some(filter) => {
            let passing = groups.iter().enumerate().filter(|(row, _)| is_true(filter, *row));
            passing.for_each(|(row, group)| each(row, *group));
        }
    }
}

/// Whether a row passes.
#[inline]
pub(super) fn is_true(filter: &BooleanArray, row: usize) -> bool {
    filter.is_valid(row) && filter.value(row)
}

/// Makes room for all groups.
pub(super) fn grow<T: Default>(entries: &mut Vec<T>, n_groups: usize) {
    if entries.len() < n_groups {
        entries.resize_with(n_groups, T::default);
    }
}

/// Takes the entries of the first `n` groups out; groups never seen get the default.
pub(super) fn take_first<T: Default>(entries: &mut Vec<T>, n: usize) -> Vec<T> {
    grow(entries, n);
    if n == entries.len() {
        return std::mem::take(entries);
    }
    entries.drain(..n).collect()
}
