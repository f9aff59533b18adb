//! A scenario with its players.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::Scenario;
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::directory::{self, NETBIOS};
use crate::tenant::people::User;
use crate::truth::TruthEntity;

/// An attack and its twin in this tenant.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) scenario: &'static Scenario,
    /// Who the attack is about, by number, in the scenario's own order.
    pub(crate) people: Vec<u32>,
    /// Who the twin is about.
    pub(crate) twin_people: Vec<u32>,
    /// How long the attacker waits between two acts, in thousandths of the usual.
    pub(crate) pace: u64,
    /// How well the attacker hides: 0 not at all, 1 somewhat, 2 well.
    pub(crate) stealth: u8,
    /// Source of the story's own identifiers.
    pub(crate) key: u64,
    /// When each stage begins; empty when the attack doesn't take place.
    pub(crate) stage_times: Vec<DateTime<Utc>>,
    /// When the twin begins.
    pub(crate) twin_time: DateTime<Utc>,
}

impl Story {
    /// Whether the attack takes place.
    pub(crate) fn is_attack(&self) -> bool {
        !self.stage_times.is_empty()
    }

    /// A stream of chance that is the same in all stages: for identifiers that come back.
    pub(crate) fn random(&self, name: &str) -> Random {
        Random::stream(self.key, name, 0)
    }

    /// Who and what an incident must name.
    pub(crate) fn entities(&self, tenant: &Tenant) -> Vec<TruthEntity> {
        (self.scenario.entities)(tenant, self)
    }

    /// Who the twin is about.
    pub(crate) fn twin_entities(&self, tenant: &Tenant) -> Vec<TruthEntity> {
        self.twin_people.iter().flat_map(|&number| account(tenant.user(number))).collect()
    }
}

/// An account by every identifier.
pub(crate) fn account(user: &User) -> Vec<TruthEntity> {
    let mut entities = vec![TruthEntity::new("account", &user.upn), TruthEntity::new("account", user.object_id)];
    if user.is_employee() {
        entities.push(TruthEntity::new("account", format!("{NETBIOS}\\{}", user.sam)));
        entities.push(TruthEntity::new("account", directory::sid(user.rid)));
    }
    entities
}

/// The first person of a story by every identifier, and the attacker's address: what most attacks are about.
pub(super) fn first_and_address(tenant: &Tenant, story: &Story, ip: IpAddr) -> Vec<TruthEntity> {
    let mut entities = account(tenant.user(story.people[0]));
    entities.push(TruthEntity::new("ip", ip));
    entities
}
