//! The file that records come from, and when it was written.

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};

/// Digits of the time that collectors put before the name of a file: `20240115093000_users.json`.
const NAME_TIME_DIGITS: usize = 14;

/// A file, or one in an archive.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// Its path; inside an archive `a.zip!inner.json`.
    pub path: Arc<str>,
    /// What it is, for reports.
    pub kind: &'static str,
    /// When it was last changed, by the archive or the disk.
    pub modified: Option<DateTime<Utc>>,
}

impl SourceFile {
    /// When it was written. The time in its name counts first: it is the collector's own, and copying leaves it alone, while the time on
    /// disk is often that of the last copy. With neither it is the time of the run.
    pub fn written(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        time_in_name(&self.path).or(self.modified).unwrap_or(now)
    }
}

/// What the files of one snapshot have in common: their folder or archive and, where their names begin with a time, this time.
pub(crate) fn collection_of(path: &str) -> &str {
    let folder = path.rfind(['/', '\\', '!']).map_or(0, |at| at + 1);
    let end = if time_in_name(path).is_some() { folder + NAME_TIME_DIGITS } else { folder };
    &path[..end]
}

/// The time before the name, `YYYYMMDDhhmmss` followed by `_` or `-`, taken as UTC: names bear no zone.
fn time_in_name(path: &str) -> Option<DateTime<Utc>> {
    let name = path.rsplit(['/', '\\', '!']).next()?;
    let digits = name.get(..NAME_TIME_DIGITS)?;
    let ends = name[NAME_TIME_DIGITS..].starts_with(['_', '-']);
    (ends && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| NaiveDateTime::parse_from_str(digits, "%Y%m%d%H%M%S").ok())?
        .map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &str, modified: Option<i64>) -> String {
        let modified = modified.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let file = SourceFile { path: Arc::from(path), kind: "json", modified };
        file.written(DateTime::UNIX_EPOCH).to_rfc3339()
    }

    #[test]
    fn files_of_a_snapshot_share_folder_and_time() {
        let cases = [
            ("a/b.zip!20240115093005_users.json", "a/b.zip!20240115093005"),
            ("a/b.zip!users.json", "a/b.zip!"),
            ("users.json", ""),
        ];
        for (path, collection) in cases {
            assert_eq!(collection_of(path), collection);
        }
    }

    #[test]
    fn the_time_in_the_name_counts_before_that_on_disk() {
        let name = "case/20240115093000_BloodHound.zip!20240115093005_users.json";
        assert_eq!(written(name, Some(86_400)), "2024-01-15T09:30:05+00:00");
        assert_eq!(written("20240115093005-Users.csv", None), "2024-01-15T09:30:05+00:00");
    }

    #[test]
    fn without_one_the_time_on_disk_counts_then_that_of_the_run() {
        for name in ["users.json", "20241315093000_users.json", "202401150930005_users.json", "é0240115093000_x"] {
            assert_eq!(written(name, Some(86_400)), "1970-01-02T00:00:00+00:00", "{name}");
        }
        assert_eq!(written("users.json", None), "1970-01-01T00:00:00+00:00");
    }
}
