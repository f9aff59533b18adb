//! What makes things happen: people at work, servers, scanners, attackers.

use chrono::{DateTime, Utc};

use super::Traces;
use crate::random::Random;
use crate::tenant::Tenant;

/// Something that happens in a tenant. Each behavior is a file of its own in `behaviors`, each attack one in `scenarios`.
///
/// A day is done in two steps, so that a large tenant needn't be in memory at once: [`Self::plan`] decides cheaply when
/// something happens, [`Self::perform`] writes down what it leaves in the logs when its time has come.
pub(crate) trait Behavior: Sync {
    /// Key of its streams of chance.
    fn name(&self) -> &'static str;

    /// How many actors there are: people, servers, …; each is planned by itself.
    fn actors(&self, tenant: &Tenant) -> u32;

    /// Plans local day `day` of `actor`, which may be the day before the tenant's first or after its last.
    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan);

    /// Writes down what `moment` leaves in the logs: nothing from before the moment, and preferably little that happens more
    /// than an hour after it, as it has to wait in memory.
    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>);
}

/// Something is about to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    pub(crate) time: DateTime<Utc>,
    /// Position of the behavior in the list of all.
    pub(super) behavior: u16,
    pub(crate) actor: u32,
    /// What happens; a number of the behavior's own choice.
    pub(crate) step: u32,
    /// Anything more the behavior must remember.
    pub(crate) data: u64,
}

/// The moments of a day.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(super) moments: Vec<Moment>,
    pub(super) behavior: u16,
    pub(super) actor: u32,
}

impl Plan {
    /// At `time`, `step` happens.
    pub(crate) fn at(&mut self, time: DateTime<Utc>, step: u32, data: u64) {
        self.moments.push(Moment { time, behavior: self.behavior, actor: self.actor, step, data });
    }
}

/// What `behavior` leaves of local day `day`, in the order of its moments.
#[cfg(test)]
pub(crate) fn traces_of_day<'t>(behavior: &dyn Behavior, tenant: &'t Tenant, day: i64) -> Traces<'t> {
    let mut plan = Plan::default();
    for actor in 0..behavior.actors(tenant) {
        plan.actor = actor;
        let mut random = Random::substream(1, behavior.name(), u64::from(actor), (day + 1) as u64);
        behavior.plan(tenant, actor, day, &mut random, &mut plan);
    }
    plan.moments.sort_unstable();
    let mut traces = Traces::default();
    for moment in &plan.moments {
        let key = moment.time.timestamp_micros() as u64;
        let mut random = Random::substream(2, behavior.name(), u64::from(moment.actor), key);
        traces.mark(super::Mark::None);
        behavior.perform(tenant, moment, &mut random, &mut traces);
    }
    traces
}
