//! The demo tenant: writing it, and checking that its attacks are found.

use std::fmt::Write;
use std::path::Path;

use generator::{GenerateOptions, Truth, TruthScenario};

use crate::investigate::{InvestigateRequest, investigate};
use crate::investigation::{AlertSummary, IncidentSummary};
use crate::session::temporary_folder;
use crate::{Error, Progress};

/// Writes a tenant and says what was written.
pub fn generate(options: &GenerateOptions, out: &Path) -> Result<String, Error> {
    let truth = generator::generate(options, out).map_err(|error| Error::new(error.to_string()))?;
    let mut text = format!("Tenant of {} people over {} days in `{}`:\n", options.users, options.days, out.display());
    for (log, count) in &truth.counts {
        let _ = writeln!(text, "  {count:>8} {log}");
    }
    let _ = write!(text, "Attacks in it: {}", names(&truth.scenarios));
    Ok(text)
}

fn names(scenarios: &[TruthScenario]) -> String {
    scenarios.iter().map(|scenario| scenario.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// How the attacks of a tenant fared against the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedTenant {
    /// One entry an attack.
    pub scenarios: Vec<CheckedScenario>,
    /// Incidents that belong to no attack.
    pub other_incidents: usize,
}

impl CheckedTenant {
    /// Whether every attack was found.
    pub fn all_found(&self) -> bool {
        self.scenarios.iter().all(CheckedScenario::is_found)
    }
}

/// One attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedScenario {
    /// What happens in it.
    pub title: String,
    /// The title of the incident that shows it.
    pub incident: Option<String>,
}

impl CheckedScenario {
    /// Whether an incident shows it.
    pub fn is_found(&self) -> bool {
        self.incident.is_some()
    }
}

/// Investigates a generated tenant with the built-in rules, in a workspace that goes away, and compares with its truth file.
pub fn check_generated(folder: &Path, progress: &dyn Progress) -> Result<CheckedTenant, Error> {
    let truth = Truth::read(folder).map_err(|error| Error::new(error.to_string()))?;
    let workspace = temporary_folder()?;
    let request = InvestigateRequest {
        // The files it wrote: the truth beside them is no log.
        paths: truth.files.iter().map(|file| folder.join(&file.path)).collect(),
        workspace: workspace.path().to_owned(),
        ..InvestigateRequest::default()
    };
    let investigation = investigate(&request, progress)?;
    Ok(compare(&truth.scenarios, &investigation.incidents))
}

fn compare(scenarios: &[TruthScenario], incidents: &[IncidentSummary]) -> CheckedTenant {
    let checked = scenarios.iter().map(|scenario| CheckedScenario {
        title: scenario.title.clone(),
        incident: incidents.iter().find(|incident| shows(incident, scenario)).map(|incident| incident.title.clone()),
    });
    let others = incidents.iter().filter(|incident| !scenarios.iter().any(|scenario| shows(incident, scenario)));
    CheckedTenant { scenarios: checked.collect(), other_incidents: others.count() }
}

/// An incident shows an attack when it has its technique, names somebody or something of it, and has an alert in its time.
fn shows(incident: &IncidentSummary, scenario: &TruthScenario) -> bool {
    let has_technique = scenario.techniques.iter().any(|technique| incident.techniques.contains(technique));
    let names = |value: &str| incident.entities.iter().any(|entity| same_name(&entity.value, value));
    let names_any = scenario.entities.iter().any(|entity| names(&entity.value));
    has_technique && names_any && incident.alerts.iter().any(|alert| overlaps(alert, scenario))
}

fn overlaps(alert: &AlertSummary, scenario: &TruthScenario) -> bool {
    scenario.first_event.zip(scenario.last_event).is_some_and(|(first, last)| alert.start <= last && first <= alert.end)
}

/// `TAILWIND\mia` and `mia@tailwind.example` are told apart; case is not, nor a host's domain.
fn same_name(left: &str, right: &str) -> bool {
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_address = |name: &str| name.parse::<std::net::IpAddr>().is_ok();
    left.eq_ignore_ascii_case(right)
        || (!left.contains(['@', '\\']) && !is_address(left) && !is_address(right) && short(left) == short(right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntitySummary, Unwatched};
    use chrono::{DateTime, Utc};

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(hour * 3600, 0).expect("in range")
    }

    fn incident(technique: &str, entity: &str, start: i64, end: i64) -> IncidentSummary {
        let alert = AlertSummary {
            id: "a".to_owned(),
            rule_id: "r".to_owned(),
            name: "alert".to_owned(),
            time: at(end),
            start: at(start),
            end: at(end),
            events: Vec::new(),
        };
        IncidentSummary {
            id: "i".to_owned(),
            number: 1,
            title: "incident".to_owned(),
            severity: "High".to_owned(),
            entities: vec![EntitySummary { kind: "account".to_owned(), value: entity.to_owned() }],
            tenants: Vec::new(),
            tactics: Vec::new(),
            techniques: vec![technique.to_owned()],
            first_activity: at(start),
            last_activity: at(end),
            alerts: vec![alert],
        }
    }

    fn scenario() -> TruthScenario {
        let text = r#"{"id":"s","title":"attack","description":"","tactics":[],"techniques":["T1110.003"],
            "entities":[{"kind":"account","value":"mia@tailwind.example"}],"severity":"High",
            "firstEvent":"1970-01-01T10:00:00Z","lastEvent":"1970-01-01T11:00:00Z","stages":[]}"#;
        serde_json::from_str(text).expect("valid")
    }

    #[test]
    fn technique_name_and_time_must_all_fit() {
        let found = |incident: IncidentSummary| compare(&[scenario()], &[incident]).all_found();
        assert!(found(incident("T1110.003", "MIA@tailwind.example", 10, 12)));
        assert!(!found(incident("T1528", "mia@tailwind.example", 10, 12)), "another technique");
        assert!(!found(incident("T1110.003", "noa@tailwind.example", 10, 12)), "somebody else");
        assert!(!found(incident("T1110.003", "mia@tailwind.example", 12, 13)), "another time");
    }

    #[test]
    fn incidents_of_no_attack_are_counted() {
        let checked = compare(&[scenario()], &[incident("T1528", "noa@tailwind.example", 1, 2)]);
        assert_eq!((checked.all_found(), checked.other_incidents), (false, 1));
    }

    #[test]
    fn a_small_tenant_is_generated_and_every_attack_in_it_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = GenerateOptions { users: 150, days: 3, ..GenerateOptions::default() };
        generate(&options, folder.path()).expect("generates");
        let checked = check_generated(folder.path(), &Unwatched).expect("investigates");
        assert!(checked.all_found(), "{checked:?}");
    }
}
