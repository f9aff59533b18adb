//! What to generate, within named limits.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use crate::GenerateError;

/// Fewest users: each scenario and each benign twin needs people of its own.
pub const MIN_USERS: u32 = 40;
/// Most users.
pub const MAX_USERS: u32 = 2_000;
/// Most days.
pub const MAX_DAYS: u32 = 31;
/// Most users times days: about 45 records and 40 kB each, all events of a tenant being in memory at once.
pub const MAX_USER_DAYS: u32 = 14_000;

/// The size, place in time and seed of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerateOptions {
    /// Accounts of people, guests, administrators and emergency accounts included.
    pub users: u32,
    /// Whole days from `start`.
    pub days: u32,
    /// Another seed gives another tenant of the same shape.
    pub seed: u64,
    /// The first moment, midnight UTC.
    pub start: DateTime<Utc>,
}

impl Default for GenerateOptions {
    /// 200 users, 7 days from Monday 5 January 2026, seed 1.
    fn default() -> Self {
        let start = Utc.with_ymd_and_hms(2026, 1, 5, 0, 0, 0).single().expect("5 January 2026 is a date");
        Self { users: 200, days: 7, seed: 1, start }
    }
}

impl GenerateOptions {
    /// The moment after the last event.
    pub fn end(&self) -> DateTime<Utc> {
        self.start + TimeDelta::days(i64::from(self.days))
    }

    /// Says which option is outside its limits.
    pub(crate) fn check(&self) -> Result<(), GenerateError> {
        let refuse = |option, expected: String, found: String| Err(GenerateError::Option { option, expected, found });
        if !(MIN_USERS..=MAX_USERS).contains(&self.users) {
            return refuse("users", format!("between {MIN_USERS} and {MAX_USERS}"), self.users.to_string());
        }
        if !(1..=MAX_DAYS).contains(&self.days) {
            return refuse("days", format!("between 1 and {MAX_DAYS}"), self.days.to_string());
        }
        if self.users * self.days > MAX_USER_DAYS {
            let found = format!("{} users for {} days", self.users, self.days);
            return refuse("users", format!("at most {MAX_USER_DAYS} in all when multiplied by `days`"), found);
        }
        let first = Utc.with_ymd_and_hms(2000, 1, 1, 0, 0, 0).single().expect("1 January 2000 is a date");
        let last = Utc.with_ymd_and_hms(2100, 1, 1, 0, 0, 0).single().expect("1 January 2100 is a date");
        if self.start.timestamp() % 86_400 != 0
            || self.start.timestamp_subsec_nanos() != 0
            || self.start < first
            || self.start >= last
        {
            return refuse("start", "midnight UTC of a day between 2000 and 2099".into(), self.start.to_rfc3339());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_outside_the_limits_are_refused_by_name() {
        let default = GenerateOptions::default();
        assert!(default.check().is_ok());
        let cases = [
            (GenerateOptions { users: 39, ..default.clone() }, "`users` must be between 40 and 2000, not `39`"),
            (GenerateOptions { days: 0, ..default.clone() }, "`days` must be between 1 and 31, not `0`"),
            (
                GenerateOptions { users: 2000, days: 31, ..default.clone() },
                "`users` must be at most 14000 in all when multiplied by `days`, not `2000 users for 31 days`",
            ),
            (
                GenerateOptions { start: default.start + TimeDelta::hours(3), ..default.clone() },
                "`start` must be midnight UTC of a day between 2000 and 2099, not `2026-01-05T03:00:00+00:00`",
            ),
        ];
        for (options, message) in cases {
            assert_eq!(options.check().expect_err("refused").to_string(), message);
        }
    }
}
