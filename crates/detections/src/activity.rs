//! Where in time tables have rows: lets a replay skip windows that cannot give a new answer.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::Span;

/// Length of an activity bucket; buckets begin at multiples of it since the epoch.
pub const BUCKET: TimeDelta = TimeDelta::minutes(5);

/// Which five-minute buckets of which table have rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Activity {
    /// Table name to the begins of its buckets in microseconds since the epoch, sorted, each once.
    buckets: BTreeMap<String, Vec<i64>>,
}

impl Activity {
    /// Collects event times, or times of buckets, of tables; their order does not matter.
    pub fn new<N: Into<String>>(tables: impl IntoIterator<Item = (N, Vec<DateTime<Utc>>)>) -> Self {
        let mut activity = Self::default();
        for (name, times) in tables {
            let buckets = activity.buckets.entry(name.into()).or_default();
            buckets.extend(times.into_iter().map(bucket_of));
            buckets.sort_unstable();
            buckets.dedup();
        }
        activity
    }

    /// Whether a table has any row.
    pub fn has_rows(&self, table: &str) -> bool {
        self.buckets.get(table).is_some_and(|buckets| !buckets.is_empty())
    }

    /// Whether one of the tables may have a row from `start` up to, not including, `end`: true when a bucket with rows overlaps.
    pub fn any_rows(&self, tables: &[String], start: DateTime<Utc>, end: DateTime<Utc>) -> bool {
        start < end
            && tables.iter().any(|table| self.table_rows(table, start.timestamp_micros(), end.timestamp_micros()))
    }

    /// When these tables have rows, cut wherever none has any for longer than `gap`. In order; each span goes from the begin of its
    /// first bucket to the end of its last.
    pub fn spans(&self, tables: &[String], gap: TimeDelta) -> Vec<Span> {
        let gap = gap.num_microseconds().unwrap_or(i64::MAX);
        let mut buckets: Vec<i64> =
            tables.iter().filter_map(|table| self.buckets.get(table)).flatten().copied().collect();
        buckets.sort_unstable();
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for bucket in buckets {
            let end = bucket.saturating_add(bucket_micros() - 1);
            match spans.last_mut() {
                Some((_, last)) if bucket.saturating_sub(*last) <= gap => *last = end,
                _ => spans.push((bucket, end)),
            }
        }
        let time = DateTime::from_timestamp_micros;
        spans.into_iter().filter_map(|(first, last)| Some(Span { first: time(first)?, last: time(last)? })).collect()
    }

    fn table_rows(&self, table: &str, start: i64, end: i64) -> bool {
        let Some(buckets) = self.buckets.get(table) else { return false };
        let first = buckets.partition_point(|bucket| bucket.saturating_add(bucket_micros()) <= start);
        buckets.get(first).is_some_and(|bucket| *bucket < end)
    }
}

fn bucket_micros() -> i64 {
    BUCKET.num_microseconds().unwrap_or(1)
}

fn bucket_of(time: DateTime<Utc>) -> i64 {
    let micros = time.timestamp_micros();
    micros - micros.rem_euclid(bucket_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("in range")
    }

    #[test]
    fn a_bucket_with_rows_is_found_where_it_overlaps() {
        let activity = Activity::new([("T", vec![at(700), at(-1)])]);
        let tables = ["T".to_owned()];
        assert!(activity.any_rows(&tables, at(600), at(601)), "the bucket is 600 to 900");
        assert!(activity.any_rows(&tables, at(899), at(2_000)));
        assert!(!activity.any_rows(&tables, at(900), at(2_000)));
        assert!(!activity.any_rows(&tables, at(0), at(600)));
        assert!(activity.any_rows(&tables, at(-300), at(0)), "before the epoch too");
        assert!(!activity.any_rows(&["Other".to_owned()], at(0), at(10_000)));
        assert!(!activity.any_rows(&tables, at(700), at(700)));
        assert!(activity.has_rows("T") && !activity.has_rows("Other"));
    }

    #[test]
    fn spans_are_cut_where_nothing_happens_for_longer_than_the_gap() {
        let activity = Activity::new([("T", vec![at(0), at(700)]), ("U", vec![at(5_000)])]);
        let both = ["T".to_owned(), "U".to_owned()];
        let seconds = |spans: Vec<Span>| -> Vec<(i64, i64)> {
            spans.iter().map(|span| (span.first.timestamp(), span.last.timestamp())).collect()
        };
        assert_eq!(seconds(activity.spans(&both, TimeDelta::seconds(600))), [(0, 899), (4_800, 5_099)]);
        assert_eq!(seconds(activity.spans(&both, TimeDelta::seconds(4_000))), [(0, 5_099)]);
        assert_eq!(seconds(activity.spans(&both[..1], TimeDelta::seconds(10))), [(0, 299), (600, 899)]);
    }
}
