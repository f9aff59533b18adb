//! What directories know of people beside their names: titles, numbers, dates.

use chrono::{DateTime, TimeDelta, Utc};

use super::Tenant;
use super::groups::directory_base;
use super::people::{DEPARTMENTS, Kind, User};
use super::workday::workday;

/// A person's entry in the directories.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) created: DateTime<Utc>,
    pub(crate) password_changed: DateTime<Utc>,
    pub(crate) employee_id: String,
    /// One of the numbers that are reserved for fiction.
    pub(crate) phone: String,
    pub(crate) mail: String,
    /// Where the account is in the domain; empty of accounts that aren't.
    pub(crate) distinguished_name: String,
}

/// Titles within a department, the most frequent first.
const TITLES: [&str; 6] = ["Specialist", "Associate", "Analyst", "Coordinator", "Senior Specialist", "Lead"];
/// Days before the first on which accounts of old were created, at least and at most.
const AGE: (i64, i64) = (120, 3_000);
/// Passwords are at most so old, in days.
const PASSWORD_AGE: i64 = 180;
/// Days since a dormant account or a leaver's of old was last used, at least and at most.
const UNUSED: (i64, i64) = (95, 400);
/// How many days are searched for somebody's last working day.
const SEARCHED_DAYS: i64 = 21;

impl Tenant {
    /// The entry of `user`.
    pub(crate) fn profile(&self, user: &User) -> Profile {
        let mut random = self.random("profiles", u64::from(user.number));
        let age = TimeDelta::minutes(random.between(AGE.0 * 1_440, AGE.1 * 1_440));
        let created = match user.joins {
            i64::MIN => self.options.start - age,
            // The day before somebody comes the account is made ready.
            day => self.local(user.site, day - 1, random.between(9 * 60, 17 * 60)),
        };
        let password_age = TimeDelta::minutes(random.between(0, PASSWORD_AGE * 1_440));
        let stem = user.upn.split(['@', '#']).next().unwrap_or_default();
        let mail = match user.kind {
            Kind::Guest => format!("{}@partner.example", stem.trim_end_matches("_partner.example")),
            _ => user.upn.clone(),
        };
        let unit = if user.kind == Kind::Disabled { "OU=Leavers" } else { "OU=Staff" };
        let distinguished_name = match user.is_in_domain() {
            true => format!("CN={},{unit},{}", user.sam, directory_base()),
            false => String::new(),
        };
        Profile {
            created,
            password_changed: created.max(self.options.start - password_age),
            employee_id: format!("{:06}", 100_000 + user.number),
            phone: format!("+1 303-555-{:04}", 100 + random.below(100)),
            mail,
            distinguished_name,
        }
    }

    /// The title of `user` on local day `day`.
    pub(crate) fn job_title(&self, user: &User, day: i64) -> String {
        match user.kind {
            Kind::Admin => "IT Administrator".to_owned(),
            Kind::Guest => "Consultant".to_owned(),
            Kind::BreakGlass => String::new(),
            _ if user.is_manager() => format!("Head of {}", DEPARTMENTS[user.department]),
            _ => {
                let title = self.random("titles", u64::from(user.number)).zipf(TITLES.len());
                format!("{} {}", user.department_on(day), TITLES[title])
            }
        }
    }

    /// When `user` last worked before local day `day`; emergency accounts never do.
    pub(crate) fn last_seen(&self, user: &User, day: i64) -> Option<DateTime<Utc>> {
        if matches!(user.kind, Kind::Dormant | Kind::Disabled) {
            let unused = self.random("unused", u64::from(user.number)).between(UNUSED.0 * 1_440, UNUSED.1 * 1_440);
            return Some(self.options.start - TimeDelta::minutes(unused));
        }
        (1..=SEARCHED_DAYS).find_map(|back| workday(self, user, day - back)).map(|workday| workday.begins)
    }
}

impl User {
    /// Whether directories have the account on local day `day`.
    pub(crate) fn exists(&self, day: i64) -> bool {
        self.joins <= day
    }

    /// Whether nobody has blocked the account by local day `day`.
    pub(crate) fn is_enabled(&self, day: i64) -> bool {
        self.kind != Kind::Disabled && day < self.leaves
    }
}
