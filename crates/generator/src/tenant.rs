//! The invented organisation, and the arithmetic of its days.

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};

use crate::GenerateOptions;
use crate::cast::Cast;
use crate::people::{self, User};
use crate::random::Random;
use crate::sites::SITES;

/// Everything that the events are about.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) options: GenerateOptions,
    pub(crate) tenant_id: String,
    pub(crate) workspace_id: String,
    pub(crate) policy_id: String,
    pub(crate) users: Vec<User>,
    pub(crate) cast: Cast,
}

impl Tenant {
    /// Invents the organisation for `options`.
    pub(crate) fn invent(options: &GenerateOptions) -> Self {
        let mut random = Random::stream(options.seed, "tenant", 0);
        let users = people::invent(options.seed, options.users);
        let cast = Cast::choose(options.seed, &users);
        Self {
            options: options.clone(),
            tenant_id: random.guid(),
            workspace_id: random.guid(),
            policy_id: random.guid(),
            users,
            cast,
        }
    }

    /// A stream of chance of this tenant.
    pub(crate) fn random(&self, name: &str, index: u64) -> Random {
        Random::stream(self.options.seed, name, index)
    }

    /// Whether `time` is within the days asked for.
    pub(crate) fn holds(&self, time: DateTime<Utc>) -> bool {
        self.options.start <= time && time < self.options.end()
    }

    /// Midnight UTC of day `index`, or of the last day when the tenant is shorter.
    pub(crate) fn day(&self, index: u32) -> DateTime<Utc> {
        self.options.start + TimeDelta::days(i64::from(index.min(self.options.days - 1)))
    }

    /// The moment `minutes` after local midnight of UTC day `index` at `site`.
    ///
    /// The working day of a site east or west of Greenwich may begin the evening before or end the morning after: such
    /// moments outside the tenant's days must be dropped with [`Self::holds`].
    pub(crate) fn local(&self, site: usize, index: i64, minutes: i64) -> DateTime<Utc> {
        self.options.start + TimeDelta::days(index) + TimeDelta::minutes(minutes - SITES[site].utc_offset_minutes)
    }

    /// Whether the local calendar day `index` is a Saturday or Sunday.
    pub(crate) fn is_weekend(&self, index: i64) -> bool {
        matches!((self.options.start + TimeDelta::days(index)).weekday(), Weekday::Sat | Weekday::Sun)
    }
}

/// `time` plus a random part of `seconds`, with the 100 ns resolution of the cloud's logs.
pub(crate) fn jitter(time: DateTime<Utc>, seconds: u64, random: &mut Random) -> DateTime<Utc> {
    time + TimeDelta::nanoseconds((random.below(seconds.max(1) * 10_000_000) * 100) as i64)
}
