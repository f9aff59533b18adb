//! Which files of a table are merged into larger ones.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::stored_file::StoredFile;

/// What counts as small, and when merging pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompactionOptions {
    /// Files are merged until they have this size together, in bytes.
    pub target_bytes: u64,
    /// Most files that one merge takes in: bounds the time of one commit, not the memory.
    pub most_files: usize,
    /// So many small files are merged whatever their sizes, on a day that is over.
    pub enough_files: usize,
    /// So many small files are merged on a day that is not over yet.
    pub crowded_files: usize,
    /// Merges of one run over all tables, so that a run ends.
    pub most_merges: usize,
}

impl Default for CompactionOptions {
    /// 64 MiB are some 600,000 sign-ins: large enough that opening a file (about 1 ms for a wide table) is nothing beside reading it,
    /// small enough that a day of millions of rows is several files, which partitions of a scan share.
    fn default() -> Self {
        Self { target_bytes: 64 * 1024 * 1024, most_files: 512, enough_files: 8, crowded_files: 32, most_merges: 64 }
    }
}

impl CompactionOptions {
    /// A file of at least this size is left alone.
    fn small_bytes(&self) -> u64 {
        self.target_bytes / 2
    }
}

/// Files of one day that become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Merge {
    pub(crate) day: NaiveDate,
    /// In order of their first row's time.
    pub(crate) files: Vec<StoredFile>,
}

/// The merges that pay, oldest day first. `open_from`: the first day that may still get many rows.
///
/// Each row is rewritten few times: what a merge makes is either too large to be merged again, or is merged only when as much as it holds
/// has come beside it, or enough files have.
pub(crate) fn plan(files: &[StoredFile], open_from: NaiveDate, options: &CompactionOptions) -> Vec<Merge> {
    let mut days: BTreeMap<NaiveDate, Vec<&StoredFile>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.size < options.small_bytes()) {
        days.entry(file.day).or_default().push(file);
    }
    let mut merges = Vec::new();
    for (day, mut small) in days {
        small.sort_by(|left, right| (left.first, left.last, &left.path).cmp(&(right.first, right.last, &right.path)));
        let is_open = day >= open_from;
        let groups = packed(&small, options).into_iter().filter(|group| pays(group, is_open, options));
        merges.extend(groups.map(|group| Merge { day, files: group.into_iter().cloned().collect() }));
    }
    merges
}

/// Neighbors in time together, up to the target.
fn packed<'a>(small: &[&'a StoredFile], options: &CompactionOptions) -> Vec<Vec<&'a StoredFile>> {
    let mut groups: Vec<Vec<&StoredFile>> = Vec::new();
    let mut bytes = 0;
    for file in small {
        match groups.last_mut() {
            Some(group) if bytes < options.target_bytes && group.len() < options.most_files.max(2) => {
                group.push(file);
                bytes += file.size;
            }
            _ => {
                groups.push(vec![file]);
                bytes = file.size;
            }
        }
    }
    groups
}

fn pays(group: &[&StoredFile], is_open: bool, options: &CompactionOptions) -> bool {
    if is_open {
        return group.len() >= options.crowded_files.max(2);
    }
    let bytes: u64 = group.iter().map(|file| file.size).sum();
    let largest = group.iter().map(|file| file.size).max().unwrap_or(0);
    group.len() >= 2 && (group.len() >= options.enough_files || bytes - largest >= largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn file(name: &str, date: &str, first: i64, mebibytes: u64) -> StoredFile {
        StoredFile {
            path: name.to_owned(),
            day: day(date),
            size: mebibytes * MIB,
            rows: mebibytes * 1000,
            first,
            last: first + 9,
        }
    }

    fn planned(files: &[StoredFile]) -> Vec<Vec<String>> {
        let names = |merge: Merge| merge.files.into_iter().map(|file| file.path).collect();
        plan(files, day("2024-05-02"), &CompactionOptions::default()).into_iter().map(names).collect()
    }

    #[test]
    fn small_files_of_a_day_that_is_over_become_one_in_order_of_time() {
        let files = [file("b", "2024-05-01", 20, 2), file("a", "2024-05-01", 10, 3), file("c", "2024-05-01", 30, 1)];
        assert_eq!(planned(&files), [["a", "b", "c"]]);
    }

    #[test]
    fn days_are_never_mixed_and_large_files_are_left_alone() {
        let files = [
            file("old", "2024-04-30", 1, 1),
            file("a", "2024-05-01", 10, 3),
            file("large", "2024-05-01", 12, 40),
            file("b", "2024-05-01", 20, 3),
        ];
        assert_eq!(planned(&files), [["a", "b"]]);
    }

    #[test]
    fn a_little_that_came_late_does_not_rewrite_much() {
        assert!(planned(&[file("a", "2024-05-01", 10, 30), file("late", "2024-05-01", 11, 1)]).is_empty());
        let mut files = vec![file("a", "2024-05-01", 10, 30)];
        files.extend((0..7).map(|at| file(&format!("late {at}"), "2024-05-01", 20 + at, 1)));
        assert_eq!(planned(&files).first().map(Vec::len), Some(8), "enough files came late");
    }

    #[test]
    fn a_day_that_is_not_over_is_merged_only_where_it_is_crowded() {
        let files: Vec<_> = (0..31).map(|at| file(&format!("{at}"), "2024-05-02", at, 1)).collect();
        assert!(planned(&files).is_empty());
        let files: Vec<_> = (0..32).map(|at| file(&format!("{at:02}"), "2024-05-02", at, 1)).collect();
        assert_eq!(planned(&files).first().map(Vec::len), Some(32));
    }

    #[test]
    fn merging_again_and_again_comes_to_an_end() {
        let mut files: Vec<_> =
            (0..200).map(|at| file(&format!("{at}"), "2024-05-01", at, 1 + (at as u64 * 7) % 31)).collect();
        let mut rewritten = 0;
        for round in 0.. {
            let merges = plan(&files, day("2024-05-02"), &CompactionOptions::default());
            if merges.is_empty() {
                break;
            }
            assert!(round < 8, "{} files are left", files.len());
            for (at, merge) in merges.into_iter().enumerate() {
                files.retain(|file| !merge.files.contains(file));
                let bytes: u64 = merge.files.iter().map(|file| file.size).sum();
                assert!(bytes < 96 * MIB, "a merge takes in {bytes} bytes");
                rewritten += bytes;
                files.push(file(&format!("merged {round} {at}"), "2024-05-01", merge.files[0].first, bytes / MIB));
            }
        }
        let total: u64 = files.iter().map(|file| file.size).sum();
        assert!(files.iter().filter(|file| file.size < 32 * MIB).count() <= 1);
        assert!(rewritten <= 2 * total, "{rewritten} of {total}");
    }
}
