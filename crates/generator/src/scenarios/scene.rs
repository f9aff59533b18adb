//! One stage of an attack as it happens.

use chrono::{DateTime, TimeDelta, Utc};

use super::Story;
use crate::acts;
use crate::engine::Traces;
use crate::random::Random;
use crate::records::{Audit, SignIn};
use crate::tenant::Tenant;
use crate::tenant::calendar::jitter;
use crate::tenant::people::User;
use crate::tenant::workday::{Workday, workday};

/// What a stage has at hand. Its clock runs forward with [`Self::wait`].
pub(crate) struct Scene<'a, 't> {
    pub(crate) tenant: &'t Tenant,
    pub(crate) story: &'t Story,
    /// The present moment of the scene.
    pub(crate) time: DateTime<Utc>,
    pub(crate) random: &'a mut Random,
    pub(crate) traces: &'a mut Traces<'t>,
}

impl<'t> Scene<'_, 't> {
    /// Person `index` of the attack.
    pub(crate) fn person(&self, index: usize) -> &'t User {
        self.tenant.user(self.story.people[index])
    }

    /// Person `index` of the twin.
    pub(crate) fn twin_person(&self, index: usize) -> &'t User {
        self.tenant.user(self.story.twin_people[index])
    }

    /// Lets about so many seconds pass, at the attacker's pace.
    pub(crate) fn wait(&mut self, seconds: i64) {
        let milliseconds = seconds * self.story.pace as i64;
        let least = self.time + TimeDelta::milliseconds(milliseconds * 2 / 3);
        self.time = jitter(least, (milliseconds * 2 / 3000).unsigned_abs().max(1), self.random);
    }

    /// Signs in now.
    pub(crate) fn sign_in(&mut self, sign_in: SignIn<'t>) {
        acts::sign_in::sign_in(self.time, sign_in, self.random, self.traces);
    }

    /// Changes the directory now.
    pub(crate) fn directory_change(&mut self, audit: Audit<'t>) {
        acts::directory_change::directory_change(self.tenant, self.time, audit, self.random, self.traces);
    }
}

/// Days in which the next working day is looked for.
const LOOK_AHEAD: i64 = 10;
/// Minutes that a working day must have left, and those after its begin in which nothing is hidden.
const LEAST_LEFT: i64 = 100;
const SETTLING_IN: i64 = 20;

/// The first moment from `time` on at which `user` works, and their day; `time` and none when `room` does not fit into the
/// window any more afterwards.
pub(crate) fn next_work<'t>(
    tenant: &'t Tenant,
    user: &'t User,
    time: DateTime<Utc>,
    room: TimeDelta,
) -> (DateTime<Utc>, Option<Workday<'t>>) {
    let first = tenant.day_of(time) - 1;
    for workday in (first..first + LOOK_AHEAD).filter_map(|day| workday(tenant, user, day)) {
        let moment = time.max(workday.begins + TimeDelta::minutes(SETTLING_IN));
        if moment + TimeDelta::minutes(LEAST_LEFT) < workday.ends {
            return if moment + room < tenant.options.end() { (moment, Some(workday)) } else { (time, None) };
        }
    }
    (time, None)
}
