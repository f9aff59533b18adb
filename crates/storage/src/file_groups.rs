//! Which files a partition of a scan reads.
//!
//! Each partition gets about as many rows as the others. Files do not hold the same number of rows: an ingest leaves a day in a large
//! file and a small one, so that dealing them out by count would leave one partition with most rows. A file that holds much of what is read
//! is read by several partitions, each its part of the rows; so is one file where whole files would leave one partition with more than its
//! share.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::ScalarValue;
use datafusion::common::stats::Precision;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::FileGroup;
use datafusion::datasource::physical_plan::parquet::{ParquetAccessPlan, ParquetRowSelection};
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};

/// Partitions are uneven where one has at least so many of a hundred rows more than its share.
const UNEVEN: usize = 50;

/// Fewest rows of a file's part: each reads the dictionaries of its columns anew.
const LEAST_PART_ROWS: usize = 16 * 1024;

/// Files with the rows that they hold together.
#[derive(Default)]
struct Group {
    files: Vec<PartitionedFile>,
    rows: usize,
    last: Option<ScalarValue>,
}

/// A file and the bounds of its times; without them where files may come in any order.
struct Dealt<'f> {
    times: Option<(ScalarValue, ScalarValue)>,
    file: &'f PartitionedFile,
}

/// At most `partitions` groups within which files follow one another in time; nothing where they cannot, as too many overlap or the
/// bounds of one are not known, and where one group would have most rows of a file that can be read in parts out of order.
pub(crate) fn ordered(
    files: &[PartitionedFile],
    time_column: &str,
    schema: &SchemaRef,
    partitions: usize,
) -> Option<Vec<FileGroup>> {
    let time = schema.index_of(time_column).ok()?;
    let mut timed: Vec<Dealt> = Vec::with_capacity(files.len());
    for file in files {
        let column = file.statistics.as_ref()?.column_statistics.get(time)?;
        let (first, last) = (column.min_value.get_value()?.clone(), column.max_value.get_value()?.clone());
        timed.push(Dealt { times: Some((first, last)), file });
    }
    let first = |dealt: &Dealt| dealt.times.as_ref().map(|(first, _)| first.clone());
    timed.sort_by(|left, right| first(left).partial_cmp(&first(right)).unwrap_or(Ordering::Equal));
    let total = files.iter().map(rows).sum();
    // Parts of one file have the same bounds, and each needs a group of its own.
    let in_parts = dealt_in_parts(&timed, total, partitions);
    let groups = in_parts.or_else(|| {
        let most = files.iter().filter(|file| parts(file, total, partitions).len() > 1).map(rows).max().unwrap_or(0);
        let is_even = most * partitions * 100 < total * (100 + UNEVEN);
        if is_even { in_whole_files(&timed, partitions) } else { None }
    });
    groups.map(finished)
}

/// At most `partitions` groups, in no order.
pub(crate) fn balanced(files: &[PartitionedFile], partitions: usize) -> Vec<FileGroup> {
    let total = files.iter().map(rows).sum();
    let mut dealt: Vec<Dealt> = files.iter().map(|file| Dealt { times: None, file }).collect();
    dealt.sort_by_key(|dealt| Reverse(rows(dealt.file)));
    finished(dealt_in_parts(&dealt, total, partitions).unwrap_or_default())
}

fn dealt_in_parts(files: &[Dealt<'_>], total: usize, partitions: usize) -> Option<Vec<Group>> {
    let mut groups = no_groups(partitions);
    for dealt in files {
        let parts = parts(dealt.file, total, partitions);
        parts.iter().try_for_each(|part| deal(&mut groups, dealt, part))?;
    }
    let most = groups.iter().map(|group| group.rows).max().unwrap_or(0);
    if most <= total.div_ceil(partitions.max(1)) + LEAST_PART_ROWS {
        return Some(groups);
    }
    let fewer = evened(files, total, partitions).filter(|even| even.iter().all(|group| group.rows < most));
    Some(fewer.unwrap_or(groups))
}

fn in_whole_files(files: &[Dealt<'_>], partitions: usize) -> Option<Vec<Group>> {
    let mut groups = no_groups(partitions);
    files.iter().try_for_each(|dealt| deal(&mut groups, dealt, dealt.file))?;
    Some(groups)
}

/// Whole files, but for the last large one, of which each group gets the rows that it lacks.
fn evened(files: &[Dealt<'_>], total: usize, partitions: usize) -> Option<Vec<Group>> {
    let is_large = |dealt: &Dealt| exact_rows(dealt.file).is_some_and(|rows| rows >= 2 * LEAST_PART_ROWS);
    let split = files.iter().rposition(is_large)?;
    let mut groups = no_groups(partitions);
    files[..split].iter().try_for_each(|dealt| deal(&mut groups, dealt, dealt.file))?;
    let share = total.div_ceil(partitions.max(1));
    let lacked = |group: &Group| Some(share.saturating_sub(group.rows)).filter(|rows| *rows >= LEAST_PART_ROWS);
    let lacked: Vec<usize> = groups.iter().map(|group| lacked(group).unwrap_or(0)).collect();
    let (rows, all_lacked) = (exact_rows(files[split].file)?, lacked.iter().sum::<usize>());
    let (mut first, mut before) = (0, 0);
    for (group, lacked) in groups.iter_mut().zip(lacked).filter(|(_, lacked)| *lacked > 0) {
        before += lacked;
        let end = (rows * before).checked_div(all_lacked)?;
        deal(std::slice::from_mut(group), &files[split], &part(files[split].file, first, end)?)?;
        first = end;
    }
    // Groups that lack nothing have no part; where none lacks anything the file would be lost.
    if first != rows {
        return None;
    }
    files[split + 1..].iter().try_for_each(|dealt| deal(&mut groups, dealt, dealt.file))?;
    Some(groups)
}

fn no_groups(partitions: usize) -> Vec<Group> {
    (0..partitions.max(1)).map(|_| Group::default()).collect()
}

/// Gives a file, or a part of it, to the group with the fewest rows of those whose files end before it begins; nothing where there is none.
fn deal(groups: &mut [Group], dealt: &Dealt<'_>, part: &PartitionedFile) -> Option<()> {
    let follows = |group: &&mut Group| match (&group.last, &dealt.times) {
        (Some(end), Some((first, _))) => end <= first,
        _ => true,
    };
    let group = groups.iter_mut().filter(follows).min_by_key(|group| group.rows)?;
    group.last = dealt.times.as_ref().map(|(_, last)| last.clone());
    group.take(part);
    Some(())
}

/// The rows of a file that may be read in parts.
fn exact_rows(file: &PartitionedFile) -> Option<usize> {
    // What is read of it was chosen already.
    if file.extension::<ParquetAccessPlan>().is_some() {
        return None;
    }
    match file.statistics.as_ref()?.num_rows {
        Precision::Exact(rows) => Some(rows),
        _ => None,
    }
}

/// A file in the parts that it is read in: several where it holds three quarters of a partition's share of all rows or more, at most one
/// a partition.
fn parts(file: &PartitionedFile, total: usize, partitions: usize) -> Vec<Cow<'_, PartitionedFile>> {
    let whole = || vec![Cow::Borrowed(file)];
    let Some(rows) = exact_rows(file) else { return whole() };
    let halves_of_shares = (2 * rows * partitions + total / 2).checked_div(total).unwrap_or(1);
    let count = halves_of_shares.min(partitions).min(rows / LEAST_PART_ROWS).max(1);
    if count == 1 {
        return whole();
    }
    let bound = |part: usize| rows * part / count;
    let parts = (0..count).map(|at| part(file, bound(at), bound(at + 1)).map(Cow::Owned));
    parts.collect::<Option<_>>().unwrap_or_else(whole)
}

/// Some rows of a file.
fn part(file: &PartitionedFile, first: usize, end: usize) -> Option<PartitionedFile> {
    let rows = exact_rows(file)?;
    let selection = [RowSelector::skip(first), RowSelector::select(end - first), RowSelector::skip(rows - end)];
    let mut statistics = file.statistics.as_ref()?.as_ref().clone().to_inexact();
    statistics.num_rows = Precision::Exact(end - first);
    let selection = ParquetRowSelection::new(RowSelection::from(selection.to_vec()));
    Some(file.clone().with_statistics(Arc::new(statistics)).with_extension(selection))
}

impl Group {
    fn take(&mut self, file: &PartitionedFile) {
        self.rows += rows(file);
        self.files.push(file.clone());
    }
}

/// A file whose rows are not known counts by its size.
pub(crate) fn rows(file: &PartitionedFile) -> usize {
    /// Bytes of a row of a wide table, compressed.
    const ROW_BYTES: u64 = 100;
    let known = file.statistics.as_ref().and_then(|statistics| statistics.num_rows.get_value().copied());
    known.unwrap_or_else(|| usize::try_from(file.object_meta.size / ROW_BYTES).unwrap_or(usize::MAX))
}

fn finished(groups: Vec<Group>) -> Vec<FileGroup> {
    let filled = groups.into_iter().filter(|group| !group.files.is_empty());
    filled.map(|group| FileGroup::new(group.files)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::common::stats::Precision;
    use datafusion::common::{ColumnStatistics, Statistics};

    use super::*;

    fn file(name: &str, first: i64, last: i64, rows: usize) -> PartitionedFile {
        let mut column = ColumnStatistics::new_unknown();
        column.min_value = Precision::Inexact(ScalarValue::Int64(Some(first)));
        column.max_value = Precision::Inexact(ScalarValue::Int64(Some(last)));
        let statistics = Statistics {
            num_rows: Precision::Exact(rows),
            total_byte_size: Precision::Absent,
            column_statistics: vec![column],
        };
        PartitionedFile::new(name, 1).with_statistics(Arc::new(statistics))
    }

    fn names(groups: &[FileGroup]) -> Vec<Vec<String>> {
        let name = |file: &PartitionedFile| file.object_meta.location.to_string();
        groups.iter().map(|group| group.files().iter().map(name).collect()).collect()
    }

    fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new("t", DataType::Int64, false)]))
    }

    #[test]
    fn large_and_small_files_in_turn_are_shared_out_by_rows() {
        let files: Vec<PartitionedFile> =
            (0..8).map(|day| file(&format!("{day}"), day * 10, day * 10 + 9, [100, 30][day as usize % 2])).collect();
        for groups in [ordered(&files, "t", &schema(), 2).unwrap(), balanced(&files, 2)] {
            assert!(groups.iter().flat_map(|group| group.files()).all(|file| selected(file).is_none()));
            let shared: Vec<usize> = groups.iter().map(|group| group.files().iter().map(rows).sum()).collect();
            assert!(shared.iter().all(|rows| (200..=320).contains(rows)), "{shared:?}");
        }
    }

    #[test]
    fn a_file_that_is_much_of_what_is_read_is_read_in_parts() {
        let rows_of = |groups: Vec<FileGroup>| -> Vec<Vec<usize>> {
            groups.iter().map(|group| group.files().iter().map(rows).collect()).collect()
        };
        let files = [file("small", 0, 9, 3_000), file("large", 10, 19, 130_001)];
        let time_ordered = ordered(&files, "t", &schema(), 2).unwrap();
        let selections: Vec<RowSelection> = time_ordered
            .iter()
            .flat_map(|group| group.files())
            .filter_map(|file| file.extension::<ParquetRowSelection>())
            .map(|part| part.selection().clone())
            .collect();
        assert_eq!(selections[0], vec![RowSelector::skip(65_000), RowSelector::select(65_001)].into());
        assert_eq!(selections[1], vec![RowSelector::select(65_000), RowSelector::skip(65_001)].into());
        assert_eq!(rows_of(time_ordered), [vec![3_000, 65_001], vec![65_000]]);
        assert_eq!(rows_of(balanced(&files, 2)), [vec![65_000, 3_000], vec![65_001]]);
        // Where parts would break the order of times, in one piece, unless one group had most rows.
        let overlap = [file("a", 0, 99, 60_000), file("b", 50, 150, 130_000)];
        assert_eq!(rows_of(ordered(&overlap, "t", &schema(), 2).unwrap()), [vec![60_000], vec![130_000]]);
        let uneven = [file("a", 0, 99, 20_000), file("b", 50, 150, 130_000)];
        assert!(ordered(&uneven, "t", &schema(), 2).is_none());
        assert_eq!(rows_of(balanced(&uneven, 2)), [vec![65_000, 20_000], vec![65_000]]);
        // Neither the small nor those that are many and even.
        assert_eq!(rows_of(balanced(&[file("a", 0, 9, 30_000)], 2)), [vec![30_000]]);
        let many: Vec<PartitionedFile> = (0..12).map(|day| file("day", day, day, 130_000)).collect();
        assert_eq!(rows_of(balanced(&many, 2)), [vec![130_000; 6], vec![130_000; 6]]);
    }

    fn selected(file: &PartitionedFile) -> Option<Vec<RowSelector>> {
        let part = file.extension::<ParquetRowSelection>()?;
        Some(part.selection().iter().copied().collect())
    }

    #[test]
    fn one_file_of_many_is_split_where_whole_ones_are_uneven() {
        let mut files: Vec<PartitionedFile> = (0..15).map(|day| file("day", day * 10, day * 10 + 8, 130_000)).collect();
        files.push(file("late", 149, 150, 2_000));
        for groups in [ordered(&files, "t", &schema(), 2).unwrap(), balanced(&files, 2)] {
            let sums: Vec<usize> = groups.iter().map(|group| group.files().iter().map(rows).sum()).collect();
            assert_eq!(sums.iter().sum::<usize>(), 15 * 130_000 + 2_000);
            assert!(sums.iter().all(|sum| sum.abs_diff(976_000) <= 2_000), "{sums:?}");
            let parts: Vec<_> = groups.iter().flat_map(|group| group.files()).filter_map(selected).collect();
            let [first, second] = parts.as_slice() else { panic!("{parts:?}") };
            assert_eq!((first[0].skip, second[0].skip), (false, true), "each row is read once");
            assert_eq!(first[0].row_count, second[0].row_count);
            assert_eq!(second[0].row_count + second[1].row_count, 130_000);
        }
        // What each lacks is too little for a part.
        let few = [(0, 100_000), (1, 100_000), (2, 100_000), (3, 100_000), (4, 40_000)];
        let few: Vec<PartitionedFile> = few.map(|(day, rows)| file("day", day, day, rows)).to_vec();
        let sums: Vec<usize> = balanced(&few, 4).iter().map(|group| group.files().iter().map(rows).sum()).collect();
        assert_eq!(sums.iter().sum::<usize>(), 440_000);
        assert_eq!(sums.iter().max(), Some(&140_000), "{sums:?}");
    }

    #[test]
    fn files_of_a_group_follow_one_another() {
        let files = [file("c", 20, 29, 1), file("a", 0, 9, 9), file("b", 5, 12, 1), file("d", 12, 15, 1)];
        assert_eq!(names(&ordered(&files, "t", &schema(), 2).unwrap()), [vec!["a"], vec!["b", "d", "c"]]);
        assert!(ordered(&files, "t", &schema(), 1).is_none(), "two of them overlap");
        assert!(ordered(&[PartitionedFile::new("x", 1)], "t", &schema(), 1).is_none(), "its bounds are not known");
    }
}
