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
        acts::sign_in::sign_in(self.tenant, self.time, sign_in, self.random, self.traces);
    }

    /// Changes the directory now.
    pub(crate) fn directory_change(&mut self, audit: Audit<'t>) {
        acts::directory_change::directory_change(self.tenant, self.time, audit, self.random, self.traces);
    }
}
