//! The arithmetic of days: local time with summer time, weekends, holidays.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};

use super::Tenant;
use super::sites::SITES;
use crate::random::Random;

/// Days of the year on which nobody works: month and day.
const HOLIDAYS: [(u32, u32); 4] = [(1, 1), (5, 1), (12, 25), (12, 26)];

impl Tenant {
    /// Whether `time` is within the days asked for.
    pub(crate) fn holds(&self, time: DateTime<Utc>) -> bool {
        self.options.start <= time && time < self.options.end()
    }

    /// The date of day `index`, which may lie before the first or after the last.
    pub(crate) fn date(&self, index: i64) -> NaiveDate {
        let start = self.options.start.date_naive();
        let days = Days::new(index.unsigned_abs());
        if index < 0 { start - days } else { start + days }
    }

    /// Midnight UTC of day `index`.
    pub(crate) fn day(&self, index: i64) -> DateTime<Utc> {
        self.options.start + TimeDelta::days(index)
    }

    /// The day on which `time` lies, counted from the first.
    pub(crate) fn day_of(&self, time: DateTime<Utc>) -> i64 {
        (time - self.options.start).num_seconds().div_euclid(86_400)
    }

    /// The moment `minutes` after local midnight of day `index` at `site`.
    ///
    /// The working day of a site east or west of Greenwich may begin the evening before or end the morning after.
    pub(crate) fn local(&self, site: usize, index: i64, minutes: i64) -> DateTime<Utc> {
        let site = &SITES[site];
        let summer = if site.summer.holds(self.date(index)) { 60 } else { 0 };
        self.day(index) + TimeDelta::minutes(minutes - site.utc_offset_minutes - summer)
    }

    /// Whether day `index` is a Saturday or Sunday, or a holiday.
    pub(crate) fn is_free(&self, index: i64) -> bool {
        let date = self.date(index);
        matches!(date.weekday(), Weekday::Sat | Weekday::Sun) || HOLIDAYS.contains(&(date.month(), date.day()))
    }
}

/// `time` plus a random part of `seconds`, with the 100 ns resolution of the cloud's logs.
pub(crate) fn jitter(time: DateTime<Utc>, seconds: u64, random: &mut Random) -> DateTime<Utc> {
    time + TimeDelta::nanoseconds((random.below(seconds.max(1) * 10_000_000) * 100) as i64)
}
