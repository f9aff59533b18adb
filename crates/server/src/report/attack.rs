//! Rules by ATT&CK technique.

use std::path::{Path, PathBuf};

use report::{AttackRule, ReportRule, RuleResult, TacticCoverage, TechniqueState, by_tactic, navigator_layer};
use serde_json::Value;

use crate::history::read_rule_runs;
use crate::{Error, Session, rules};

/// Rules by technique and by tactic.
#[derive(Debug, Clone)]
pub struct AttackCoverage {
    /// A layer of the ATT&CK Navigator.
    pub layer: Value,
    /// The tactics that rules name, in the matrix's order.
    pub tactics: Vec<TacticCoverage>,
}

/// Reads rules (the built-in ones where no path is given) and, with a workspace, how they fared in it.
pub fn attack_coverage(paths: &[PathBuf], workspace: Option<&Path>) -> Result<AttackCoverage, Error> {
    let set = rules::load(paths)?;
    if let Some(error) = set.errors.first() {
        return Err(Error::new(error.to_string()));
    }
    let ran = match workspace {
        Some(workspace) => {
            let session = Session::open(workspace)?;
            read_rule_runs(&session, &*session.catalog()?)?
        }
        None => Vec::new(),
    };
    let known: Vec<AttackRule> = set
        .rules
        .iter()
        .map(|rule| AttackRule {
            name: rule.name.clone(),
            tactics: rule.tactics.clone(),
            techniques: rule.techniques.clone(),
            state: ran.iter().find(|ran| ran.id == rule.id).and_then(state),
        })
        .collect();
    let name = match workspace {
        Some(workspace) => format!("Vedette: {}", workspace.display()),
        None => "Vedette: detection rules".to_owned(),
    };
    Ok(AttackCoverage { layer: navigator_layer(&name, &known), tactics: by_tactic(&known) })
}

fn state(rule: &ReportRule) -> Option<TechniqueState> {
    match &rule.result {
        RuleResult::Found { alerts } => Some(TechniqueState::Fired(*alerts)),
        RuleResult::FoundNothing => Some(TechniqueState::Quiet),
        RuleResult::NeedsData => Some(TechniqueState::NeedsData),
        RuleResult::Failed { .. } | RuleResult::Disabled => None,
    }
}
