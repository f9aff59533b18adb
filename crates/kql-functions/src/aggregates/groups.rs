//! Walking over the rows of a batch, and vectors with one entry a group.

use arrow::array::{Array, BooleanArray};

/// The rows that pass the filter, with their groups.
pub(super) fn selected<'a>(
    groups: &'a [usize],
    filter: Option<&'a BooleanArray>,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let passes = move |row: usize| filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
    groups.iter().copied().enumerate().filter(move |(row, _)| passes(*row))
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
