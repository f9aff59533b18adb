//! The attacks. Each adds its events, marked with its key, and tells what it is; times and event ids are filled in from the marks.

pub(crate) mod consent;
mod dcsync;
mod impossible_travel;
mod mass_download;
mod password_spray;

use crate::events::Events;
use crate::tenant::Tenant;
use crate::truth::{TruthEntity, TruthScenario};

/// What is known of a scenario before its events are placed.
pub(crate) struct Story {
    /// Key of its events.
    pub(crate) id: &'static str,
    /// Name of the rule that should find it.
    pub(crate) detection: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: String,
    pub(crate) tactics: &'static [&'static str],
    pub(crate) techniques: &'static [&'static str],
    pub(crate) severity: &'static str,
    pub(crate) entities: Vec<TruthEntity>,
}

impl Story {
    fn tell(self) -> TruthScenario {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        TruthScenario {
            id: self.id.into(),
            name: self.detection.into(),
            title: self.title.into(),
            description: self.description,
            tactics: texts(self.tactics),
            techniques: texts(self.techniques),
            entities: self.entities,
            severity: self.severity.into(),
            detection: self.detection.into(),
            first_event: None,
            last_event: None,
            event_ids: Vec::new(),
            benign_twins: Vec::new(),
        }
    }
}

/// Adds all attacks.
pub(crate) fn add(tenant: &Tenant, events: &mut Events) -> Vec<TruthScenario> {
    [
        password_spray::add(tenant, events),
        impossible_travel::add(tenant, events),
        consent::add(tenant, events),
        dcsync::add(tenant, events),
        mass_download::add(tenant, events),
    ]
    .into_iter()
    .map(Story::tell)
    .collect()
}
