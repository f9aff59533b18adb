//! Which files a partition of a scan reads.
//!
//! Each partition gets about as many rows as the others. Files do not hold the same number of rows: an ingest leaves a day in a large
//! file and a small one, so that dealing them out by count would leave one partition with most rows.

use arrow::datatypes::SchemaRef;
use datafusion::common::ScalarValue;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::FileGroup;

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
    let mut timed: Vec<(ScalarValue, ScalarValue, &PartitionedFile)> = Vec::with_capacity(files.len());
    for file in files {
        let column = file.statistics.as_ref()?.column_statistics.get(time)?;
        timed.push((column.min_value.get_value()?.clone(), column.max_value.get_value()?.clone(), file));
    }
    timed.sort_by(|left, right| left.0.partial_cmp(&right.0).unwrap_or(std::cmp::Ordering::Equal));
    let mut groups: Vec<Group> = (0..partitions.max(1)).map(|_| Group::default()).collect();
    for (first, last, file) in timed {
        let follows = |group: &&mut Group| group.last.as_ref().is_none_or(|end| *end <= first);
        let group = groups.iter_mut().filter(follows).min_by_key(|group| group.rows)?;
        group.last = Some(last);
        group.take(file);
    }
    Some(finished(groups))
}

/// At most `partitions` groups, in no order.
pub(crate) fn balanced(files: &[PartitionedFile], partitions: usize) -> Vec<FileGroup> {
    let mut groups: Vec<Group> = (0..partitions.max(1)).map(|_| Group::default()).collect();
    let mut files: Vec<&PartitionedFile> = files.iter().collect();
    files.sort_by_key(|file| std::cmp::Reverse(rows(file)));
    for file in files {
        if let Some(group) = groups.iter_mut().min_by_key(|group| group.rows) {
            group.take(file);
        }
    }
    finished(groups)
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
    fn files_of_a_group_follow_one_another() {
        let files = [file("c", 20, 29, 1), file("a", 0, 9, 9), file("b", 5, 12, 1), file("d", 12, 15, 1)];
        assert_eq!(names(&ordered(&files, "t", &schema(), 2).unwrap()), [vec!["a"], vec!["b", "d", "c"]]);
        assert!(ordered(&files, "t", &schema(), 1).is_none(), "two of them overlap");
        assert!(ordered(&[PartitionedFile::new("x", 1)], "t", &schema(), 1).is_none(), "its bounds are not known");
    }
}
