//! What to generate, within named limits.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use serde::{Deserialize, Serialize};

use crate::GenerateError;
use crate::scenarios;

/// Fewest users: each scenario and each benign twin needs people of its own.
pub const MIN_USERS: u32 = 150;
/// Most users: the address ranges reserved for tests hold no more homes.
pub const MAX_USERS: u32 = 20_000;
/// Fewest days: the longer scenarios need them to unfold.
pub const MIN_DAYS: u32 = 3;
/// Most days.
pub const MAX_DAYS: u32 = 366;
/// The on-premises volume of the Los Alamos data: logons per user and day.
pub const LANL_LOGONS_PER_USER_AND_DAY: u64 = 230;

/// The size, place in time, contents and seed of a tenant.
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
    /// Which attacks and benign twins to hide.
    pub scenarios: ScenarioChoice,
    /// In which forms the logs are written.
    pub envelope: Envelope,
    /// On-premises events in thousandths of the volume that Los Alamos had per user ([`LANL_LOGONS_PER_USER_AND_DAY`]).
    pub on_premises_permille: u32,
    /// Worker threads, 0 for one a processor. The output does not depend on it.
    pub threads: usize,
}

/// Which scenarios a tenant has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ScenarioChoice {
    /// All, each with its benign twin.
    All,
    /// No attack; the benign twins stay, as they do in real life.
    None,
    /// These, by id.
    Only(Vec<String>),
}

impl ScenarioChoice {
    /// Whether the attack `id` takes place.
    pub fn has(&self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Only(ids) => ids.iter().any(|known| known == id),
        }
    }
}

/// The forms in which the logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Envelope {
    /// A different one on some days, as a collected tenant has them.
    Mixed,
    /// Diagnostic settings, management API and NXLog: one record a line or blob.
    Diagnostic,
    /// Microsoft Graph pages, management API and Winlogbeat.
    Graph,
    /// What the portals export: CSV.
    Portal,
}

impl Envelope {
    /// All, with their names on the command line.
    pub const ALL: [(&'static str, Self); 4] =
        [("mixed", Self::Mixed), ("diagnostic", Self::Diagnostic), ("graph", Self::Graph), ("portal", Self::Portal)];
}

impl Default for GenerateOptions {
    /// 500 users, 14 days from Monday 5 January 2026, seed 1, all scenarios, a tenth of Los Alamos' on-premises volume.
    fn default() -> Self {
        let start = Utc.with_ymd_and_hms(2026, 1, 5, 0, 0, 0).single().expect("5 January 2026 is a date");
        Self {
            users: 500,
            days: 14,
            seed: 1,
            start,
            scenarios: ScenarioChoice::All,
            envelope: Envelope::Mixed,
            on_premises_permille: 100,
            threads: 0,
        }
    }
}

impl GenerateOptions {
    /// The moment after the last event.
    pub fn end(&self) -> DateTime<Utc> {
        self.start + TimeDelta::days(i64::from(self.days))
    }

    /// Says which option is outside its limits.
    ///
    /// # Errors
    /// When one is.
    pub fn check(&self) -> Result<(), GenerateError> {
        let refuse = |option, expected: String, found: String| Err(GenerateError::Option { option, expected, found });
        if !(MIN_USERS..=MAX_USERS).contains(&self.users) {
            return refuse("users", format!("between {MIN_USERS} and {MAX_USERS}"), self.users.to_string());
        }
        if !(MIN_DAYS..=MAX_DAYS).contains(&self.days) {
            return refuse("days", format!("between {MIN_DAYS} and {MAX_DAYS}"), self.days.to_string());
        }
        if self.on_premises_permille > 1_000 {
            return refuse("on-premises", "at most 1000 (thousandths)".into(), self.on_premises_permille.to_string());
        }
        if let ScenarioChoice::Only(ids) = &self.scenarios {
            let known: Vec<&str> = scenarios::ALL.iter().map(|scenario| scenario.id).collect();
            if let Some(unknown) = ids.iter().find(|id| !known.contains(&id.as_str())) {
                return refuse("scenario", format!("one of {}, `all` or `none`", known.join(", ")), unknown.clone());
            }
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
        let unknown = ScenarioChoice::Only(vec!["password-sprey".into()]);
        let cases = [
            (GenerateOptions { users: 39, ..default.clone() }, "`users` must be between 150 and 20000, not `39`"),
            (GenerateOptions { days: 0, ..default.clone() }, "`days` must be between 3 and 366, not `0`"),
            (
                GenerateOptions { start: default.start + TimeDelta::hours(3), ..default.clone() },
                "`start` must be midnight UTC of a day between 2000 and 2099, not `2026-01-05T03:00:00+00:00`",
            ),
        ];
        for (options, message) in cases {
            assert_eq!(options.check().expect_err("refused").to_string(), message);
        }
        let refused = GenerateOptions { scenarios: unknown, ..default }.check().expect_err("refused").to_string();
        assert!(refused.starts_with("`scenario` must be one of ") && refused.ends_with("not `password-sprey`"));
    }
}
