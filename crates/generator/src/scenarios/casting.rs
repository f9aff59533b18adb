//! Who plays in which attack or twin, and when. Nobody plays twice, so that incidents of different attacks share no account.

use chrono::TimeDelta;

use super::{ALL, Story};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::calendar::jitter;
use crate::tenant::people::{Kind, User};

/// The people who don't play yet.
pub(crate) struct Casting<'a> {
    pub(crate) tenant: &'a Tenant,
    members: Vec<u32>,
    admins: Vec<u32>,
    /// Administrators kept for attacks; these may become Global Administrator.
    stolen: Vec<u32>,
}

impl Casting<'_> {
    /// A member of whom little is heard, so that an attack stands out from the account's own days.
    pub(crate) fn quiet(&mut self) -> u32 {
        self.take(|user| user.activity <= 1_100)
    }

    /// A member who `fits`; anybody, when nobody does.
    pub(crate) fn take(&mut self, fits: impl Fn(&User) -> bool) -> u32 {
        let at = self.members.iter().position(|&number| fits(self.tenant.user(number))).unwrap_or(0);
        self.members.remove(at)
    }

    /// An administrator.
    pub(crate) fn admin(&mut self) -> u32 {
        // There are fewer administrators than parts for them: they may play benign parts twice.
        let admin = self.admins.remove(0);
        self.admins.push(admin);
        admin
    }

    /// An administrator whose account is stolen, who plays nothing else as long as enough are left.
    pub(crate) fn stolen_admin(&mut self) -> u32 {
        self.stolen.pop().unwrap_or_else(|| self.admin())
    }

    /// The first emergency account.
    pub(crate) fn emergency(&self) -> u32 {
        self.tenant.of_kind(Kind::BreakGlass).next().map_or(0, |user| user.number)
    }

    /// Up to `count` members who may play elsewhere too: victims of something that touches many.
    pub(crate) fn crowd(&self, count: usize) -> Vec<u32> {
        self.members.iter().rev().take(count).copied().collect()
    }
}

/// The stories of `tenant`.
pub(crate) fn cast(tenant: &Tenant) -> Vec<Story> {
    let mut random = Random::stream(tenant.options.seed, "cast", 0);
    let fits = |user: &&User| {
        user.kind == Kind::Member
            && user.joins == i64::MIN
            && user.leaves == i64::MAX
            && user.moves.is_none()
            && user.trip.is_none()
            && user.away == (0, 0)
            && !user.legacy_mail
            && user.phone.is_some()
    };
    let mut members: Vec<u32> = tenant.users.iter().filter(fits).map(|user| user.number).collect();
    random.shuffle(&mut members);
    let mut admins: Vec<u32> = tenant.of_kind(Kind::Admin).map(|user| user.number).collect();
    let stolen = if admins.len() > STOLEN { admins.drain(..STOLEN).collect() } else { Vec::new() };
    let mut casting = Casting { tenant, members, admins, stolen };
    ALL.iter()
        .map(|scenario| {
            let (people, twin_people) = (scenario.cast)(&mut casting);
            let mut random = Random::stream(tenant.options.seed, scenario.id, 0);
            let mut story = Story {
                scenario,
                people,
                twin_people,
                pace: random.between(600, 1_600) as u64,
                stealth: random.below(3) as u8,
                key: random.bits(),
                stage_times: Vec::new(),
                twin_time: tenant.options.start,
            };
            schedule(tenant, &mut story, &mut random);
            story
        })
        .collect()
}

/// Administrators whose accounts attacks may steal.
const STOLEN: usize = 2;

/// Hours of the tenant's first day in which nothing is hidden yet, if there is time: rules need to know what is usual.
const QUIET_HOURS: i64 = 36;

/// Places a story in the window: at any hour of the day the attack may begin, and all its stages must fit.
fn schedule(tenant: &Tenant, story: &mut Story, random: &mut Random) {
    let window = i64::from(tenant.options.days) * 24;
    let quiet = QUIET_HOURS.min(window / 3);
    let span = story.scenario.stages.iter().map(|stage| stage.after_hours).max().unwrap_or(0);
    // A short window compresses a long attack.
    let room = (window - quiet - 6).max(1);
    let scale =
        |hours: i64| if span > room { TimeDelta::minutes(hours * 60 * room / span) } else { TimeDelta::hours(hours) };
    let latest = (room - span).max(0);
    let begin = tenant.options.start + TimeDelta::hours(quiet + random.between(0, latest));
    let begin = jitter(begin, 3_000, random);
    if tenant.options.scenarios.has(story.scenario.id) {
        story.stage_times = story.scenario.stages.iter().map(|stage| begin + scale(stage.after_hours)).collect();
    }
    let twin = quiet + random.between(0, room);
    story.twin_time = jitter(tenant.options.start + TimeDelta::hours(twin), 3_000, random);
}
