//! The attacks, one file each, with the benign twins that look like them.
//!
//! A scenario is a description and two functions: what each stage of the attack leaves in the logs, and what the twin leaves.
//! Who plays is decided beforehand, so that nobody plays twice.

mod account_takeover;
mod app_credential;
mod brute_force;
mod casting;
mod dcsync;
mod global_admin_elevation;
mod impossible_travel;
mod insider_leaving;
mod intruder;
mod intrusion;
mod kerberoast_to_cloud;
mod lateral_movement;
mod listing;
mod mass_download;
mod oauth_consent;
mod password_spray;
mod phishing_token_theft;
mod ransom_preparation;
mod scene;
mod smb_brute_force;
mod story;
mod zerologon;

pub(crate) use casting::{Casting, cast};
pub use listing::{ListedScenario, ListedStage, ListedTwin, list_scenarios};
pub(crate) use scene::Scene;
pub(crate) use story::Story;

use crate::tenant::Tenant;
use crate::truth::TruthEntity;

/// An attack.
#[derive(Debug)]
pub(crate) struct Scenario {
    /// Stable key, such as `password-spray`.
    pub(crate) id: &'static str,
    /// One line for people.
    pub(crate) title: &'static str,
    /// What happens.
    pub(crate) description: &'static str,
    /// MITRE ATT&CK tactics, as Sentinel spells them.
    pub(crate) tactics: &'static [&'static str],
    /// Expected severity: `Low`, `Medium`, `High`.
    pub(crate) severity: &'static str,
    /// What happens one after the other.
    pub(crate) stages: &'static [Stage],
    /// What looks alike and is benign.
    pub(crate) twin: &'static str,
    /// Chooses who plays: the attack's people, the twin's people.
    pub(crate) cast: fn(&mut Casting) -> (Vec<u32>, Vec<u32>),
    /// Who and what an incident must name.
    pub(crate) entities: fn(&Tenant, &Story) -> Vec<TruthEntity>,
    /// Stage number of the second argument happens.
    pub(crate) play: fn(&mut Scene, usize),
    /// The twin happens, unless it is part of everybody's days.
    pub(crate) play_twin: Option<fn(&mut Scene)>,
}

/// One stage of an attack.
#[derive(Debug)]
pub(crate) struct Stage {
    /// Stable key within the scenario.
    pub(crate) id: &'static str,
    /// One line for people.
    pub(crate) title: &'static str,
    /// MITRE ATT&CK techniques.
    pub(crate) techniques: &'static [&'static str],
    /// Name of the rule that should find it; none when nothing is expected to.
    pub(crate) detection: Option<&'static str>,
    /// Hours after the attack's beginning.
    pub(crate) after_hours: i64,
}

/// All attacks. Their order decides who plays.
pub(crate) static ALL: &[&Scenario] = &[
    &password_spray::SCENARIO,
    &brute_force::SCENARIO,
    &impossible_travel::SCENARIO,
    &global_admin_elevation::SCENARIO,
    &oauth_consent::SCENARIO,
    &account_takeover::SCENARIO,
    &app_credential::SCENARIO,
    &ransom_preparation::SCENARIO,
    &mass_download::SCENARIO,
    &phishing_token_theft::SCENARIO,
    &insider_leaving::SCENARIO,
    &dcsync::SCENARIO,
    &zerologon::SCENARIO,
    &lateral_movement::SCENARIO,
    &smb_brute_force::SCENARIO,
    &kerberoast_to_cloud::SCENARIO,
];
