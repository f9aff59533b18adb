//! When a table has events, how many a day, and where they are missing.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// A silence is a gap when at least so many events usually happen in those hours. Where events fall at random, ten expected ones
/// all stay away by chance once in 22,000 times.
pub const GAP_EVENTS_MIN: f64 = 10.0;
/// What usually happens in an hour is judged from at least so many days of its kind (weekday or weekend).
const GAP_DAYS_MIN: usize = 3;
/// Most gaps listed for a table; the longest ones are kept.
const GAPS_MAX: usize = 20;
/// Longest span that is searched for gaps, in days: an event with a wrong year makes no list of decades.
const GAP_SPAN_DAYS_MAX: i64 = 3_660;

/// Rows of a table over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableCoverage {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// Time of the first row.
    pub first: Option<DateTime<Utc>>,
    /// Time of the last row.
    pub last: Option<DateTime<Utc>>,
    /// Days that have rows, in order.
    pub days: Vec<DayVolume>,
    /// Silences between first and last row where there usually are events.
    pub gaps: Vec<Gap>,
}

/// Rows of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayVolume {
    /// The day (UTC).
    pub day: NaiveDate,
    /// Its rows.
    pub rows: u64,
}

/// A silence where there usually are events.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// The first hour without events.
    pub start: DateTime<Utc>,
    /// The next hour that has events.
    pub end: DateTime<Utc>,
    /// How many events usually happen in these hours.
    pub expected: f64,
}

/// Makes a table's coverage of the hours that have rows, sorted, and its first and last row.
///
/// A gap is a run of whole hours without events, between the first and the last one, in which at least [`GAP_EVENTS_MIN`] events
/// would be usual: the median of the same hours on all days of the same kind (weekday or weekend) that the table spans. Where it
/// spans fewer than three days of a kind, nothing is usual, and no gap is claimed.
pub fn table_coverage(
    table: &str,
    rows: u64,
    first: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
    hours: &[(DateTime<Utc>, u64)],
) -> TableCoverage {
    let mut days: BTreeMap<NaiveDate, u64> = BTreeMap::new();
    for (hour, rows) in hours {
        *days.entry(hour.date_naive()).or_default() += rows;
    }
    TableCoverage {
        table: table.to_owned(),
        rows,
        first,
        last,
        gaps: gaps(hours, &days),
        days: days.into_iter().map(|(day, rows)| DayVolume { day, rows }).collect(),
    }
}

fn gaps(hours: &[(DateTime<Utc>, u64)], days: &BTreeMap<NaiveDate, u64>) -> Vec<Gap> {
    let Some(((first, _), (last, _))) = days.first_key_value().zip(days.last_key_value()) else { return Vec::new() };
    if (*last - *first).num_days() > GAP_SPAN_DAYS_MAX {
        return Vec::new();
    }
    let usual = Usual::new(hours, *first, *last);
    let hour = TimeDelta::hours(1);
    let silences = hours.windows(2).map(|pair| (pair[0].0 + hour, pair[1].0)).filter(|(start, end)| start < end);
    let mut gaps: Vec<Gap> = silences
        .map(|(start, end)| Gap { start, end, expected: usual.between(start, end) })
        .filter(|gap| gap.expected >= GAP_EVENTS_MIN)
        .collect();
    gaps.sort_by_key(|gap| (gap.start - gap.end, gap.start));
    gaps.truncate(GAPS_MAX);
    gaps.sort_by_key(|gap| gap.start);
    gaps
}

/// The median number of rows by kind of day and hour of day; `None` where there are too few days.
struct Usual {
    weekday: Option<[f64; 24]>,
    weekend: Option<[f64; 24]>,
}

impl Usual {
    fn new(hours: &[(DateTime<Utc>, u64)], first: NaiveDate, last: NaiveDate) -> Self {
        let of = |weekend: bool| {
            let days =
                first.iter_days().take_while(|day| *day <= last).filter(|day| is_weekend(*day) == weekend).count();
            (days >= GAP_DAYS_MIN).then(|| {
                let mut counts: [Vec<u64>; 24] = Default::default();
                for (hour, rows) in hours.iter().filter(|(hour, _)| is_weekend(hour.date_naive()) == weekend) {
                    counts[hour.hour() as usize].push(*rows);
                }
                counts.map(|counts| median(counts, days))
            })
        };
        Self { weekday: of(false), weekend: of(true) }
    }

    fn between(&self, start: DateTime<Utc>, end: DateTime<Utc>) -> f64 {
        let mut expected = 0.0;
        let mut hour = start;
        while hour < end {
            let day = if is_weekend(hour.date_naive()) { &self.weekend } else { &self.weekday };
            expected += day.as_ref().map_or(0.0, |hours| hours[hour.hour() as usize]);
            hour += TimeDelta::hours(1);
        }
        expected
    }
}

/// The median over `days` days; those without a count had none.
fn median(mut counts: Vec<u64>, days: usize) -> f64 {
    counts.resize(days.max(counts.len()), 0);
    counts.sort_unstable();
    let middle = counts.len() / 2;
    match counts.len() {
        0 => 0.0,
        even if even.is_multiple_of(2) => (counts[middle - 1] + counts[middle]) as f64 / 2.0,
        _ => counts[middle] as f64,
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 5 January 2026.
    fn monday() -> DateTime<Utc> {
        "2026-01-05T00:00:00Z".parse().expect("a time")
    }

    /// Office hours (8 to 18) of so many days from Monday on, 20 rows an hour.
    fn office(days: i64) -> Vec<(DateTime<Utc>, u64)> {
        let hour = |day: i64, hour: i64| monday() + TimeDelta::days(day) + TimeDelta::hours(hour);
        let days = (0..days).filter(|day| day % 7 < 5);
        days.flat_map(|day| (8..18).map(move |of_day| (hour(day, of_day), 20))).collect()
    }

    fn coverage(hours: &[(DateTime<Utc>, u64)]) -> TableCoverage {
        table_coverage("SigninLogs", 1, None, None, hours)
    }

    #[test]
    fn nights_and_weekends_without_usual_events_are_no_gaps() {
        let found = coverage(&office(14));
        assert_eq!(found.gaps, []);
        assert_eq!(found.days.len(), 10);
        assert_eq!(found.days[0], DayVolume { day: monday().date_naive(), rows: 200 });
    }

    #[test]
    fn hours_missing_in_the_middle_of_a_usual_day_are_a_gap() {
        let (from, to) = (monday() + TimeDelta::hours(58), monday() + TimeDelta::hours(61));
        let hours: Vec<_> = office(5).into_iter().filter(|(hour, _)| *hour < from || *hour >= to).collect();
        assert_eq!(coverage(&hours).gaps, [Gap { start: from, end: to, expected: 60.0 }]);
    }

    #[test]
    fn a_missing_day_is_a_gap_with_the_nights_around_it() {
        let day = (monday() + TimeDelta::days(2)).date_naive();
        let hours: Vec<_> = office(5).into_iter().filter(|(hour, _)| hour.date_naive() != day).collect();
        let gaps = coverage(&hours).gaps;
        assert_eq!(gaps.len(), 1);
        assert_eq!((gaps[0].start, gaps[0].end), (monday() + TimeDelta::hours(42), monday() + TimeDelta::hours(80)));
        assert_eq!(gaps[0].expected, 200.0);
    }

    #[test]
    fn few_days_or_few_events_claim_nothing() {
        let day = (monday() + TimeDelta::days(1)).date_naive();
        let two_days: Vec<_> = office(2).into_iter().filter(|(hour, _)| hour.hour() != 12).collect();
        assert_eq!(coverage(&two_days).gaps, []);
        let sparse: Vec<_> = office(5)
            .into_iter()
            .filter(|(hour, _)| hour.date_naive() != day && hour.hour() % 9 == 0)
            .map(|(hour, _)| (hour, 1))
            .collect();
        assert_eq!(coverage(&sparse).gaps, []);
        assert_eq!(coverage(&[]).gaps, []);
    }

    #[test]
    fn an_event_with_a_wrong_year_makes_no_gap_of_decades() {
        let mut hours = office(5);
        hours.insert(0, ("1970-01-01T00:00:00Z".parse().expect("a time"), 1));
        assert_eq!(coverage(&hours).gaps, []);
    }
}
