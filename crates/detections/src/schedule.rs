//! When a rule runs and what each run looks at.

use chrono::{DateTime, TimeDelta, Utc};

use crate::Activity;

/// From the first event to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Time of the first event.
    pub first: DateTime<Utc>,
    /// Time of the last event.
    pub last: DateTime<Utc>,
}

/// What a run looks at: from `start` up to, not including, `end`, which is the run's `now()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First moment inside.
    pub start: DateTime<Utc>,
    /// First moment after.
    pub end: DateTime<Utc>,
}

/// How often a rule runs and how far it looks back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Time between runs.
    pub frequency: TimeDelta,
    /// Length of a window.
    pub period: TimeDelta,
}

impl Schedule {
    /// The windows of all runs that can see an event of the span: the first ends just after the first event, the last is the last
    /// one that still holds the last event. Runs are at multiples of the frequency since the epoch, so the same data always give
    /// the same windows.
    pub fn windows(self, span: Span) -> impl Iterator<Item = Window> {
        let frequency = self.frequency.num_microseconds().unwrap_or(i64::MAX).max(1);
        let period = self.period.num_microseconds().unwrap_or(i64::MAX).max(1);
        let (first, last) = (span.first.timestamp_micros(), span.last.timestamp_micros());
        let first_end = first.div_euclid(frequency).saturating_add(1).saturating_mul(frequency);
        let last_end = last.saturating_add(period);
        let ends = std::iter::successors(Some(first_end), move |end| end.checked_add(frequency));
        ends.take_while(move |end| *end <= last_end && first <= last).filter_map(move |end| {
            Some(Window {
                start: DateTime::from_timestamp_micros(end.checked_sub(period)?)?,
                end: DateTime::from_timestamp_micros(end)?,
            })
        })
    }
}

/// Leaves out windows that cannot give a new answer. A window is left out when no table the query reads has rows in it, or when
/// its rows are those of the run before (no bucket entered or left) and the query does not depend on the time of the run.
#[derive(Debug)]
pub struct WindowFilter<'a> {
    activity: &'a Activity,
    tables: Vec<String>,
    depends_on_now: bool,
    fires_on_nothing: bool,
    last_run: Option<Window>,
}

impl<'a> WindowFilter<'a> {
    /// `tables` are those the query reads; `fires_on_nothing` says that an empty answer makes an alert, so empty windows matter.
    pub fn new(activity: &'a Activity, tables: Vec<String>, query: &str, fires_on_nothing: bool) -> Self {
        Self { activity, tables, depends_on_now: mentions_now(query), fires_on_nothing, last_run: None }
    }

    /// Whether this window must run. Call it with each window in turn.
    pub fn wants(&mut self, window: Window) -> bool {
        let empty = !self.tables.is_empty() && !self.activity.any_rows(&self.tables, window.start, window.end);
        let new_answer = match self.last_run {
            None => true,
            Some(_) if self.depends_on_now => true,
            Some(last) => self.changed(last, window),
        };
        let wanted = new_answer && (!empty || self.fires_on_nothing);
        if wanted {
            self.last_run = Some(window);
        }
        wanted
    }

    fn changed(&self, last: Window, window: Window) -> bool {
        let left = self.activity.any_rows(&self.tables, last.start, window.start.min(last.end));
        left || self.activity.any_rows(&self.tables, last.end.max(window.start), window.end)
    }
}

/// Whether a query calls `now()` or `ago()`. A mention in a comment counts too: that costs a run, never an answer.
fn mentions_now(query: &str) -> bool {
    ["now", "ago"].into_iter().any(|name| {
        query.match_indices(name).any(|(at, _)| {
            let before = query[..at].chars().next_back();
            let after = query[at + name.len()..].trim_start().chars().next();
            after == Some('(') && !before.is_some_and(|character| character.is_alphanumeric() || character == '_')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("in range")
    }

    fn schedule(frequency: i64, period: i64) -> Schedule {
        Schedule { frequency: TimeDelta::seconds(frequency), period: TimeDelta::seconds(period) }
    }

    #[test]
    fn windows_are_aligned_to_the_frequency_and_cover_the_span() {
        let windows: Vec<Window> = schedule(3_600, 7_200).windows(Span { first: at(3_600), last: at(8_000) }).collect();
        let ends: Vec<i64> = windows.iter().map(|window| window.end.timestamp()).collect();
        assert_eq!(ends, [7_200, 10_800, 14_400]);
        assert!(windows.iter().all(|window| window.end - window.start == TimeDelta::hours(2)));
    }

    #[test]
    fn a_single_event_is_seen_by_as_many_runs_as_fit_the_period() {
        let count =
            |frequency, period| schedule(frequency, period).windows(Span { first: at(10), last: at(10) }).count();
        assert_eq!((count(300, 300), count(300, 3_600), count(86_400, 86_400)), (1, 12, 1));
    }

    #[test]
    fn no_windows_for_a_span_that_ends_before_it_begins() {
        assert_eq!(schedule(300, 300).windows(Span { first: at(1_000), last: at(10) }).count(), 0);
    }

    #[test]
    fn extreme_times_end() {
        let span = Span { first: DateTime::<Utc>::MIN_UTC, last: DateTime::<Utc>::MIN_UTC };
        assert!(schedule(86_400, 86_400).windows(span).count() <= 2);
        let span = Span { first: DateTime::<Utc>::MAX_UTC, last: DateTime::<Utc>::MAX_UTC };
        assert!(schedule(86_400, 86_400).windows(span).count() <= 2);
    }

    #[test]
    fn calls_of_now_are_seen() {
        for query in ["T | where TimeGenerated > ago(1d)", "print now ()", "let t = now(-1h)"] {
            assert!(mentions_now(query), "{query}");
        }
        for query in ["T | where Known(x)", "T | where imago(x) and now == 1", "T | where a has 'ago'", "T"] {
            assert!(!mentions_now(query), "{query}");
        }
    }

    #[test]
    fn unchanged_and_empty_windows_are_left_out() {
        let activity = Activity::new([("T", vec![at(10)])]);
        let tables = ["T".to_owned()];
        let run = |query: &str, fires_on_nothing| {
            let mut filter = WindowFilter::new(&activity, tables.to_vec(), query, fires_on_nothing);
            schedule(300, 3_600)
                .windows(Span { first: at(10), last: at(9_000) })
                .filter(|window| filter.wants(*window))
                .count()
        };
        assert_eq!(run("T", false), 1, "the second to twelfth window hold the same row, the others none");
        assert_eq!(run("T | where TimeGenerated > ago(1h)", false), 12);
        assert_eq!(run("T", true), 2, "the first empty window is a new answer");
    }

    #[test]
    fn a_query_without_tables_runs_once() {
        let activity = Activity::default();
        let mut filter = WindowFilter::new(&activity, Vec::new(), "print 1", false);
        let windows = schedule(300, 300).windows(Span { first: at(0), last: at(9_000) });
        assert_eq!(windows.filter(|window| filter.wants(*window)).count(), 1);
    }

    proptest! {
        #[test]
        fn every_event_lies_in_a_window(
            mut events in prop::collection::vec(0_i64..2_000_000, 1..20), frequency in 1_i64..100_000, more in 0_i64..200_000,
        ) {
            events.sort_unstable();
            let span = Span { first: at(events[0]), last: at(events[events.len() - 1]) };
            let windows: Vec<Window> = schedule(frequency, frequency + more).windows(span).collect();
            for event in events {
                prop_assert!(windows.iter().any(|window| window.start <= at(event) && at(event) < window.end));
            }
            prop_assert!(windows.iter().all(|window| window.end.timestamp() % frequency == 0));
        }

        #[test]
        fn a_window_whose_rows_changed_is_never_left_out(
            mut events in prop::collection::vec(0_i64..100_000, 1..20), frequency in 300_i64..10_000, more in 0_i64..20_000,
        ) {
            events.sort_unstable();
            let activity = Activity::new([("T", events.iter().map(|event| at(*event)).collect())]);
            let tables = ["T".to_owned()];
            let mut filter = WindowFilter::new(&activity, tables.to_vec(), "T", false);
            let mut last_rows: Vec<i64> = Vec::new();
            let span = Span { first: at(events[0]), last: at(events[events.len() - 1]) };
            for window in schedule(frequency, frequency + more).windows(span) {
                let rows: Vec<i64> = events.iter().copied().filter(|event| window.start <= at(*event) && at(*event) < window.end).collect();
                if filter.wants(window) {
                    last_rows = rows;
                } else {
                    prop_assert!(rows.is_empty() || rows == last_rows);
                }
            }
        }
    }
}
