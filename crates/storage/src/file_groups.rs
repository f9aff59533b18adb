//! Which files a partition of a scan reads.
//!
//! Each partition gets about as many rows as the others. Files do not hold the same number of rows: an ingest leaves a day in a large
//! file and a small one, so that dealing them out by count would leave one partition with most rows. A file that holds much of what is read
//! is read by several partitions, each its part of the rows.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::ScalarValue;
use datafusion::common::stats::Precision;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::FileGroup;
use datafusion::datasource::physical_plan::parquet::{ParquetAccessPlan, ParquetRowSelection};
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};

/// Fewest rows of a file's part: each reads the dictionaries of its columns anew.
const LEAST_PART_ROWS: usize = 16 * 1024;

/// Files with the rows that they hold together.
#[derive(Default)]
struct Group {
    files: Vec<PartitionedFile>,
    rows: usize,
    last: Option<ScalarValue>,
}

/// At most `partitions` groups within which files follow one another in time; nothing where they cannot, as too many overlap or the
/// bounds of one are not known.
pub(crate) fn ordered(
    files: &[PartitionedFile],
    time_column: &str,
    schema: &SchemaRef,
    partitions: usize,
) -> Option<Vec<FileGroup>> {
    let time = schema.index_of(time_column).ok()?;
    let mut timed: Vec<Timed> = Vec::with_capacity(files.len());
    for file in files {
        let column = file.statistics.as_ref()?.column_statistics.get(time)?;
        let (first, last) = (column.min_value.get_value()?.clone(), column.max_value.get_value()?.clone());
        timed.push(Timed { first, last, file });
    }
    timed.sort_by(|left, right| left.first.partial_cmp(&right.first).unwrap_or(std::cmp::Ordering::Equal));
    let total = files.iter().map(rows).sum();
    // Parts of one file have the same bounds, and each needs a group of its own.
    let in_parts = following(&timed, partitions, |file| parts(file, total, partitions));
    in_parts.or_else(|| following(&timed, partitions, |file| vec![Cow::Borrowed(file)]))
}

/// A file and the bounds of its times.
struct Timed<'f> {
    first: ScalarValue,
    last: ScalarValue,
    file: &'f PartitionedFile,
}

/// Files in the order of their times, dealt out so that none in a group begins before the one before it ends.
fn following<'f>(
    timed: &[Timed<'f>],
    partitions: usize,
    parts: impl Fn(&'f PartitionedFile) -> Vec<Cow<'f, PartitionedFile>>,
) -> Option<Vec<FileGroup>> {
    let mut groups: Vec<Group> = (0..partitions.max(1)).map(|_| Group::default()).collect();
    for Timed { first, last, file } in timed {
        for part in parts(file) {
            let follows = |group: &&mut Group| group.last.as_ref().is_none_or(|end| end <= first);
            let group = groups.iter_mut().filter(follows).min_by_key(|group| group.rows)?;
            group.last = Some(last.clone());
            group.take(&part);
        }
    }
    Some(finished(groups))
}

/// At most `partitions` groups, in no order.
pub(crate) fn balanced(files: &[PartitionedFile], partitions: usize) -> Vec<FileGroup> {
    let mut groups: Vec<Group> = (0..partitions.max(1)).map(|_| Group::default()).collect();
    let total = files.iter().map(rows).sum();
    let mut files: Vec<Cow<PartitionedFile>> = files.iter().flat_map(|file| parts(file, total, partitions)).collect();
    files.sort_by_key(|file| std::cmp::Reverse(rows(file)));
    for file in files {
        if let Some(group) = groups.iter_mut().min_by_key(|group| group.rows) {
            group.take(&file);
        }
    }
    finished(groups)
}

/// A file in the parts that it is read in: several where it holds three quarters of a partition's share of all rows or more, at most one
/// a partition.
fn parts(file: &PartitionedFile, total: usize, partitions: usize) -> Vec<Cow<'_, PartitionedFile>> {
    let known = file.statistics.as_ref().and_then(|statistics| match statistics.num_rows {
        Precision::Exact(rows) => Some((rows, statistics)),
        _ => None,
    });
    let whole = || vec![Cow::Borrowed(file)];
    let Some((rows, statistics)) = known else { return whole() };
    // What is read of it was chosen already.
    if file.extension::<ParquetAccessPlan>().is_some() {
        return whole();
    }
    let halves_of_shares = (2 * rows * partitions + total / 2).checked_div(total).unwrap_or(1);
    let count = halves_of_shares.min(partitions).min(rows / LEAST_PART_ROWS).max(1);
    if count == 1 {
        return whole();
    }
    let bound = |part: usize| rows * part / count;
    let part = |part: usize| {
        let (first, end) = (bound(part), bound(part + 1));
        let selection = [RowSelector::skip(first), RowSelector::select(end - first), RowSelector::skip(rows - end)];
        let mut statistics = statistics.as_ref().clone().to_inexact();
        statistics.num_rows = Precision::Exact(end - first);
        let selection = ParquetRowSelection::new(RowSelection::from(selection.to_vec()));
        Cow::Owned(file.clone().with_statistics(Arc::new(statistics)).with_extension(selection))
    };
    (0..count).map(part).collect()
}

impl Group {
    fn take(&mut self, file: &PartitionedFile) {
        self.rows += rows(file);
        self.files.push(file.clone());
    }
}

/// A file whose rows are not known counts by its size.
fn rows(file: &PartitionedFile) -> usize {
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
        assert_eq!(rows_of(balanced(&files, 2)), [vec![65_001], vec![65_000, 3_000]]);
        // Where parts would break the order of times, in one piece.
        let overlap = [file("a", 0, 99, 20_000), file("b", 50, 150, 130_000)];
        assert_eq!(rows_of(ordered(&overlap, "t", &schema(), 2).unwrap()), [vec![20_000], vec![130_000]]);
        // Neither the small nor those that are many.
        assert_eq!(rows_of(balanced(&[file("a", 0, 9, 30_000)], 2)), [vec![30_000]]);
        let many: Vec<PartitionedFile> = (0..12).map(|day| file("day", day, day, 130_000)).collect();
        assert_eq!(rows_of(balanced(&many, 2)), [vec![130_000; 6], vec![130_000; 6]]);
    }

    #[test]
    fn files_of_a_group_follow_one_another() {
        let files = [file("c", 20, 29, 1), file("a", 0, 9, 9), file("b", 5, 12, 1), file("d", 12, 15, 1)];
        assert_eq!(names(&ordered(&files, "t", &schema(), 2).unwrap()), [vec!["a"], vec!["b", "d", "c"]]);
        assert!(ordered(&files, "t", &schema(), 1).is_none(), "two of them overlap");
        assert!(ordered(&[PartitionedFile::new("x", 1)], "t", &schema(), 1).is_none(), "its bounds are not known");
    }
}
