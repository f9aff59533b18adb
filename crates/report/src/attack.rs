//! Rules by ATT&CK technique, as a layer of the ATT&CK Navigator.
//!
//! The form is the Navigator's layer format 4.5 (`LAYERFORMATv4_5.md` of the attack-navigator project).

use std::collections::{BTreeMap, BTreeSet};

use schema::Tactic;
use serde_json::{Value, json};

use crate::wording::counted;

/// Color of a technique that a rule found in the workspace.
const FIRED_COLOR: &str = "#e5484d";
/// Color of a technique none of whose rules has data in the workspace.
const NO_DATA_COLOR: &str = "#b8bec6";
/// Colors of few and of many rules.
const GRADIENT: [&str; 2] = ["#dbe9f6", "#2171b5"];

/// What the layer needs to know of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttackRule {
    /// Its name.
    pub name: String,
    /// ATT&CK tactics.
    pub tactics: Vec<Tactic>,
    /// ATT&CK techniques and sub-techniques.
    pub techniques: Vec<String>,
    /// How it fared in a workspace; `None` where none was asked or it did not run there.
    pub state: Option<TechniqueState>,
}

/// How a rule fared in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TechniqueState {
    /// It raised so many alerts.
    Fired(u64),
    /// It ran and found nothing.
    Quiet,
    /// The logs it reads are not there.
    NeedsData,
}

/// What rules cover of a tactic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TacticCoverage {
    /// The tactic.
    pub tactic: Tactic,
    /// Techniques of its rules, sorted.
    pub techniques: Vec<String>,
    /// Its rules.
    pub rules: usize,
    /// Its rules that fired in the workspace.
    pub fired: usize,
    /// Its rules whose logs are not in the workspace.
    pub need_data: usize,
}

/// The tactics that rules name, in the matrix's order.
pub fn by_tactic(rules: &[AttackRule]) -> Vec<TacticCoverage> {
    let of = |tactic: Tactic| -> Option<TacticCoverage> {
        let its: Vec<&AttackRule> = rules.iter().filter(|rule| rule.tactics.contains(&tactic)).collect();
        let techniques: BTreeSet<&String> = its.iter().flat_map(|rule| &rule.techniques).collect();
        (!its.is_empty()).then(|| TacticCoverage {
            tactic,
            techniques: techniques.into_iter().cloned().collect(),
            rules: its.len(),
            fired: its.iter().filter(|rule| matches!(rule.state, Some(TechniqueState::Fired(_)))).count(),
            need_data: its.iter().filter(|rule| rule.state == Some(TechniqueState::NeedsData)).count(),
        })
    };
    Tactic::ALL.into_iter().filter_map(of).collect()
}

/// The layer: each technique with the number of its rules as score and their names as comment. With a workspace, techniques that
/// fired and techniques none of whose rules has data are colored.
pub fn navigator_layer(name: &str, rules: &[AttackRule]) -> Value {
    let mut by_technique: BTreeMap<&str, Vec<&AttackRule>> = BTreeMap::new();
    for rule in rules {
        for technique in rule.techniques.iter().collect::<BTreeSet<_>>() {
            by_technique.entry(technique).or_default().push(rule);
        }
    }
    let parents: BTreeSet<&str> = by_technique.keys().filter_map(|id| Some(id.split_once('.')?.0)).collect();
    let highest = by_technique.values().map(Vec::len).max().unwrap_or(1);
    let has_workspace = rules.iter().any(|rule| rule.state.is_some());
    let mut techniques: Vec<Value> =
        by_technique.iter().map(|(id, rules)| technique(id, rules, parents.contains(id))).collect();
    // The Navigator shows sub-techniques only where their technique is told to.
    let closed = parents.iter().filter(|id| !by_technique.contains_key(*id));
    techniques.extend(closed.map(|id| json!({"techniqueID": id, "showSubtechniques": true})));
    let legend = if has_workspace {
        json!([
            {"label": "found in the workspace", "color": FIRED_COLOR},
            {"label": "the logs that its rules read are not in the workspace", "color": NO_DATA_COLOR},
        ])
    } else {
        json!([])
    };
    json!({
        "name": name,
        "versions": {"navigator": "5.0.0", "layer": "4.5"},
        "domain": "enterprise-attack",
        "description": "Detection rules by technique. The score is the number of rules.",
        "sorting": 3,
        "hideDisabled": false,
        "techniques": techniques,
        "gradient": {"colors": GRADIENT, "minValue": 1, "maxValue": highest.max(2)},
        "legendItems": legend,
        "showTacticRowBackground": true,
        "tacticRowBackground": "#205b8f",
        "selectTechniquesAcrossTactics": true,
        "selectSubtechniquesWithParent": false,
    })
}

fn technique(id: &str, rules: &[&AttackRule], is_parent: bool) -> Value {
    let fired: u64 =
        rules.iter().map(|rule| if let Some(TechniqueState::Fired(alerts)) = rule.state { alerts } else { 0 }).sum();
    let without_data = rules.iter().all(|rule| rule.state == Some(TechniqueState::NeedsData));
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    let mut comment = names.join("\n");
    let mut metadata: Vec<Value> = Vec::new();
    let mut color = "";
    if fired > 0 {
        color = FIRED_COLOR;
        metadata.push(json!({"name": "found", "value": counted(fired, "alert", "alerts")}));
        comment.push_str(&format!("\nFound: {}", counted(fired, "alert", "alerts")));
    } else if without_data {
        color = NO_DATA_COLOR;
        metadata.push(json!({"name": "data", "value": "missing"}));
        comment.push_str("\nThe logs that these rules read are not in the workspace");
    }
    json!({
        "techniqueID": id,
        "score": rules.len(),
        "color": color,
        "comment": comment,
        "enabled": true,
        "metadata": metadata,
        "links": [],
        "showSubtechniques": is_parent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, tactics: &[Tactic], techniques: &[&str], state: Option<TechniqueState>) -> AttackRule {
        AttackRule {
            name: name.to_owned(),
            tactics: tactics.to_vec(),
            techniques: techniques.iter().map(|&id| id.to_owned()).collect(),
            state,
        }
    }

    fn rules() -> Vec<AttackRule> {
        use Tactic::{CredentialAccess, InitialAccess, LateralMovement};
        vec![
            rule("Spray", &[CredentialAccess, InitialAccess], &["T1110.003", "T1078"], Some(TechniqueState::Fired(2))),
            rule("Brute force", &[CredentialAccess], &["T1110.003"], Some(TechniqueState::Quiet)),
            rule("Service", &[LateralMovement], &["T1021"], Some(TechniqueState::NeedsData)),
        ]
    }

    #[test]
    fn a_technique_scores_its_rules_and_names_them() {
        let layer = navigator_layer("mine", &rules());
        assert_eq!(
            (layer["domain"].as_str(), layer["versions"]["layer"].as_str()),
            (Some("enterprise-attack"), Some("4.5"))
        );
        let of = |id: &str| {
            layer["techniques"]
                .as_array()
                .expect("a list")
                .iter()
                .find(|entry| entry["techniqueID"] == id)
                .cloned()
                .expect(id)
        };
        assert_eq!(
            (of("T1110.003")["score"].as_u64(), of("T1110.003")["color"].as_str()),
            (Some(2), Some(FIRED_COLOR))
        );
        assert_eq!(of("T1110.003")["comment"], "Spray\nBrute force\nFound: 2 alerts");
        assert_eq!(of("T1021")["color"], NO_DATA_COLOR);
        assert_eq!(of("T1110")["showSubtechniques"], true);
        assert!(of("T1110").get("score").is_none(), "no rule names the technique itself");
    }

    #[test]
    fn without_a_workspace_nothing_is_colored() {
        let plain: Vec<AttackRule> = rules().into_iter().map(|rule| AttackRule { state: None, ..rule }).collect();
        let layer = navigator_layer("mine", &plain);
        assert_eq!(layer["legendItems"], json!([]));
        assert!(
            layer["techniques"]
                .as_array()
                .expect("a list")
                .iter()
                .all(|entry| entry["color"].as_str().unwrap_or_default().is_empty())
        );
    }

    #[test]
    fn tactics_come_in_the_order_of_the_matrix() {
        let found = by_tactic(&rules());
        let lines: Vec<_> = found.iter().map(|one| (one.tactic, one.rules, one.fired, one.need_data)).collect();
        assert_eq!(
            lines,
            [(Tactic::InitialAccess, 1, 1, 0), (Tactic::CredentialAccess, 2, 1, 0), (Tactic::LateralMovement, 1, 0, 1)]
        );
        assert_eq!(found[1].techniques, ["T1078", "T1110.003"]);
    }
}
