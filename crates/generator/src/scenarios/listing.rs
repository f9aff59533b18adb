//! What there is to hide, for people.

use serde::Serialize;

use super::{ALL, Scenario};
use crate::truth::ORDINARY_TWINS;

/// An attack that a tenant can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedScenario {
    /// Stable key, such as `password-spray`.
    pub id: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// What happens.
    pub description: &'static str,
    /// MITRE ATT&CK tactics, as Sentinel spells them.
    pub tactics: &'static [&'static str],
    /// Expected severity: `Low`, `Medium`, `High`.
    pub severity: &'static str,
    /// What happens one after the other.
    pub stages: Vec<ListedStage>,
    /// What looks like it and is benign.
    pub twins: Vec<ListedTwin>,
}

/// A stage of an attack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedStage {
    /// Stable key within the scenario.
    pub id: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// MITRE ATT&CK techniques.
    pub techniques: &'static [&'static str],
    /// Name of the rule that should find it; none when nothing is expected to.
    pub detection: Option<&'static str>,
    /// Hours after the attack's beginning, where the window is long enough.
    pub after_hours: i64,
}

/// What looks like an attack and is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedTwin {
    /// Key in the truth file.
    pub id: String,
    /// What happens.
    pub description: &'static str,
}

/// Every attack with its stages and its benign twins.
pub fn list_scenarios() -> Vec<ListedScenario> {
    ALL.iter().map(|scenario| listed(scenario)).collect()
}

fn listed(scenario: &'static Scenario) -> ListedScenario {
    let stages = scenario.stages.iter().map(|stage| ListedStage {
        id: stage.id,
        title: stage.title,
        techniques: stage.techniques,
        detection: stage.detection,
        after_hours: stage.after_hours,
    });
    let played =
        scenario.play_twin.map(|_| ListedTwin { id: format!("twin:{}", scenario.id), description: scenario.twin });
    let ordinary = ORDINARY_TWINS
        .iter()
        .filter(|(_, resembled, _)| *resembled == scenario.id)
        .map(|(id, _, description)| ListedTwin { id: (*id).to_owned(), description });
    ListedScenario {
        id: scenario.id,
        title: scenario.title,
        description: scenario.description,
        tactics: scenario.tactics,
        severity: scenario.severity,
        stages: stages.collect(),
        twins: played.into_iter().chain(ordinary).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_says_what_looks_like_it() {
        let listed = list_scenarios();
        assert_eq!(listed.len(), ALL.len());
        for scenario in listed {
            assert!(!scenario.stages.is_empty(), "{} has stages", scenario.id);
            assert!(!scenario.twins.is_empty(), "{} has a twin", scenario.id);
            for stage in scenario.stages {
                assert!(!stage.techniques.is_empty(), "{}/{} has techniques", scenario.id, stage.id);
            }
        }
    }
}
