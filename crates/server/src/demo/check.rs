//! An investigation of a generated tenant beside its truth file.
//!
//! - An alert *belongs to* a stage, an attack or a twin as `attribution` says; where it belongs to several attacks, most events decide.
//! - A stage is *found* when an alert of an incident belongs to it, an attack when one of its stages is.
//! - *Time to detect* is the time from the first event until the end of the rule's window that raised the first such alert; where an
//!   alert was raised before and has grown to hold the stage, until the window that last added to it.
//! - An incident is *false* when none of its alerts belongs to an attack. When one belongs to a benign twin, the twin is named.
//! - *Purity* and *completeness*: see [`CheckedTenant`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use generator::Truth;
use schema::{Alert, Incident};

use super::attribution::{Attribution, Part, Parts, RuleTables};
use super::checked::{
    CheckedIncident, CheckedScenario, CheckedStage, CheckedTenant, FalseIncidents, RuleCount, TwinIncidents,
};
use crate::catalog::WorkspaceCatalog;
use crate::findings::Findings;
use crate::investigate::{InvestigateRequest, investigate};
use crate::session::temporary_folder;
use crate::{Error, Progress, Session, Unit};

/// Name of the file that makes a folder a workspace.
const WORKSPACE_FILE: &str = "workspace.json";

/// Investigates a generated tenant and compares with its truth file. The logs of a tenant's folder go into a workspace that goes away;
/// a tenant that was generated straight into a workspace is investigated there. `rules` are those built in where none is named.
pub fn check_generated(folder: &Path, rules: &[PathBuf], progress: &dyn Progress) -> Result<CheckedTenant, Error> {
    let truth = Truth::read(folder).map_err(|error| Error::new(error.to_string()))?;
    let temporary = temporary_folder()?;
    let in_place = folder.join(WORKSPACE_FILE).exists();
    let request = InvestigateRequest {
        // The files it wrote: the truth beside them is no log.
        paths: if in_place { Vec::new() } else { truth.files.iter().map(|file| folder.join(&file.path)).collect() },
        workspace: if in_place { folder.to_owned() } else { temporary.path().to_owned() },
        rules: rules.to_vec(),
        ..InvestigateRequest::default()
    };
    investigate(&request, progress)?;
    let session = Session::open(&request.workspace)?;
    let catalog = session.catalog()?;
    let found = attributed(&session, &catalog, &truth, progress)?;
    progress.finish();
    let rejected = catalog.snapshot().statistics("IngestionErrors").map_or(0, |statistics| statistics.rows);
    Ok(compare(&truth, &found, rejected))
}

/// An incident with its alerts and what these belong to.
struct Attributed {
    incident: Incident,
    alerts: Vec<(Alert, Parts)>,
}

fn attributed(
    session: &Session,
    catalog: &WorkspaceCatalog,
    truth: &Truth,
    progress: &dyn Progress,
) -> Result<Vec<Attributed>, Error> {
    let findings = Findings::read(session, catalog)?;
    let rules = RuleTables::read(session, catalog)?;
    let attribution = Attribution::new(truth);
    let mut incidents: Vec<&Incident> = findings.open_incidents().collect();
    incidents.sort_by_key(|incident| incident.number);
    progress.stage("comparing with the truth", incidents.len() as u64, Unit::Items);
    let attributed = incidents.into_iter().map(|incident| {
        let alerts = incident.alert_ids.iter().filter_map(|id| findings.alerts.get(id)).map(|alert| {
            let parts = attribution.parts(session, catalog, &rules, alert)?;
            Ok((alert.clone(), parts))
        });
        let alerts = alerts.collect::<Result<_, Error>>()?;
        progress.advance(1);
        Ok(Attributed { incident: incident.clone(), alerts })
    });
    attributed.collect()
}

/// The attack that the alert belongs to.
fn scenario_of(parts: &Parts) -> Option<usize> {
    let mut events: BTreeMap<usize, usize> = BTreeMap::new();
    for (part, count) in parts {
        if let Part::Stage { scenario, .. } = part {
            *events.entry(*scenario).or_default() += count;
        }
    }
    most(&events)
}

/// The key with the highest count; the first of several.
fn most(counts: &BTreeMap<usize, usize>) -> Option<usize> {
    counts.iter().max_by_key(|(key, count)| (**count, std::cmp::Reverse(**key))).map(|(key, _)| *key)
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn compare(truth: &Truth, found: &[Attributed], rejected: u64) -> CheckedTenant {
    let scenarios: Vec<CheckedScenario> = (0..truth.scenarios.len()).map(|at| scenario(truth, at, found)).collect();
    let in_main =
        scenarios.iter().map(|scenario| scenario.completeness.unwrap_or(0.0) * scenario.alerts as f64).sum::<f64>();
    let alerts: usize = scenarios.iter().map(|scenario| scenario.alerts).sum();
    let incidents: Vec<CheckedIncident> = found.iter().filter_map(|found| incident(truth, found)).collect();
    let pure = incidents.iter().map(|incident| incident.purity * incident.alerts as f64).sum::<f64>();
    let all: usize = incidents.iter().map(|incident| incident.alerts).sum();
    CheckedTenant {
        users: truth.options.users,
        days: truth.options.days,
        rejected,
        completeness: (alerts > 0).then(|| in_main / alerts as f64),
        purity: (all > 0).then(|| pure / all as f64),
        false_incidents: false_incidents(truth, found),
        scenarios,
        incidents,
    }
}

fn scenario(truth: &Truth, at: usize, found: &[Attributed]) -> CheckedScenario {
    let told = &truth.scenarios[at];
    let mut by_incident: BTreeMap<usize, usize> = BTreeMap::new();
    for (position, found) in found.iter().enumerate() {
        let own = found.alerts.iter().filter(|(_, parts)| scenario_of(parts) == Some(at)).count();
        if own > 0 {
            by_incident.insert(position, own);
        }
    }
    let stages: Vec<CheckedStage> =
        (0..told.stages.len()).map(|stage| self::stage(truth, (at, stage), found)).collect();
    let main = most(&by_incident);
    let alerts = by_incident.values().sum();
    let generated = found
        .iter()
        .flat_map(|found| &found.alerts)
        .filter(|(_, parts)| parts.keys().any(|part| matches!(part, Part::Stage { scenario, .. } if *scenario == at)));
    let first = generated.filter_map(|(alert, _)| seconds_to_detect(alert, told.first_event)).min();
    CheckedScenario {
        id: told.id.clone(),
        title: told.title.clone(),
        found: stages.iter().any(|stage| stage.found),
        incident: main.map(|position| found[position].incident.number),
        seconds_to_detect: first,
        alerts,
        completeness: main.and_then(|position| share(by_incident[&position], alerts)),
        stages,
    }
}

fn stage(truth: &Truth, (scenario, stage): (usize, usize), found: &[Attributed]) -> CheckedStage {
    let told = &truth.scenarios[scenario].stages[stage];
    let part = Part::Stage { scenario, stage };
    let alerts: Vec<&Alert> = found
        .iter()
        .flat_map(|found| &found.alerts)
        .filter(|(_, parts)| parts.contains_key(&part))
        .map(|(alert, _)| alert)
        .collect();
    let rules: BTreeSet<&str> = alerts.iter().map(|alert| alert.rule_name.as_str()).collect();
    let first = alerts.iter().filter_map(|alert| seconds_to_detect(alert, told.first_event)).min();
    CheckedStage {
        id: told.id.clone(),
        title: told.title.clone(),
        expected: told.detection.clone(),
        found: !alerts.is_empty(),
        rules: rules.into_iter().map(str::to_owned).collect(),
        seconds_to_detect: first,
    }
}

/// From `event` until `alert` showed it.
fn seconds_to_detect(alert: &Alert, event: Option<DateTime<Utc>>) -> Option<i64> {
    let shown = |event| if alert.generated < event { alert.updated } else { alert.generated };
    event.map(|event| (shown(event) - event).num_seconds())
}

/// The incident, when an attack shows in it.
fn incident(truth: &Truth, found: &Attributed) -> Option<CheckedIncident> {
    let mut by_scenario: BTreeMap<usize, usize> = BTreeMap::new();
    for scenario in found.alerts.iter().filter_map(|(_, parts)| scenario_of(parts)) {
        *by_scenario.entry(scenario).or_default() += 1;
    }
    let main = most(&by_scenario)?;
    Some(CheckedIncident {
        number: found.incident.number,
        title: found.incident.title.clone(),
        scenario: truth.scenarios[main].id.clone(),
        alerts: found.alerts.len(),
        purity: share(by_scenario[&main], found.alerts.len())?,
    })
}

fn false_incidents(truth: &Truth, found: &[Attributed]) -> FalseIncidents {
    let wrong: Vec<&Attributed> =
        found.iter().filter(|found| found.alerts.iter().all(|(_, parts)| scenario_of(parts).is_none())).collect();
    let user_days = f64::from(truth.options.users) * f64::from(truth.options.days);
    let rate = |count: usize| count as f64 * 1_000.0 / user_days;
    let mut rules: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    let mut twins: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
    for found in &wrong {
        for (alert, parts) in &found.alerts {
            rules.entry(&alert.rule_name).or_default().insert(found.incident.number);
            for part in parts.keys() {
                if let Part::Twin(twin) = part {
                    twins.entry(*twin).or_default().insert(found.incident.number);
                }
            }
        }
    }
    let by_rule = rules.into_iter().map(|(rule, incidents)| RuleCount {
        rule: rule.to_owned(),
        incidents: incidents.len(),
        per_thousand_users_and_day: rate(incidents.len()),
    });
    let of_twins = twins.into_iter().map(|(twin, incidents)| TwinIncidents {
        twin: truth.benign_twins[twin].id.clone(),
        incidents: incidents.into_iter().collect(),
    });
    FalseIncidents {
        count: wrong.len(),
        per_thousand_users_and_day: rate(wrong.len()),
        by_rule: by_rule.collect(),
        of_twins: of_twins.collect(),
        titles: wrong.iter().map(|found| (found.incident.number, found.incident.title.clone())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use generator::{GenerateOptions, ScenarioChoice, TruthOptions, TruthScenario, TruthStage};
    use schema::{AlertQuery, Severity};

    use super::*;
    use crate::{TenantPlace, Unwatched, generate};

    fn begin() -> DateTime<Utc> {
        GenerateOptions::default().start
    }

    fn alert(rule: &str, hours: i64, parts: &[(Part, usize)]) -> (Alert, Parts) {
        let at = begin() + TimeDelta::hours(hours);
        let alert = Alert {
            id: format!("{rule}-{hours}"),
            rule_id: rule.to_owned(),
            tenant: None,
            rule_name: rule.to_owned(),
            rule_version: None,
            display_name: rule.to_owned(),
            description: String::new(),
            severity: Severity::High,
            tactics: Vec::new(),
            techniques: Vec::new(),
            sub_techniques: Vec::new(),
            entities: Vec::new(),
            start: at,
            end: at,
            generated: at,
            updated: at,
            custom_details: BTreeMap::new(),
            query: AlertQuery::default(),
            overrides: BTreeMap::new(),
            events: Vec::new(),
            event_count: 0,
            remediation: Vec::new(),
        };
        (alert, parts.iter().copied().collect())
    }

    fn attributed(number: u32, alerts: Vec<(Alert, Parts)>) -> Attributed {
        let incident = Incident {
            id: number.to_string(),
            number,
            title: format!("incident {number}"),
            description: String::new(),
            severity: Severity::High,
            status: "New".to_owned(),
            tenants: Vec::new(),
            tactics: Vec::new(),
            techniques: Vec::new(),
            sub_techniques: Vec::new(),
            entities: Vec::new(),
            first_activity: begin(),
            last_activity: begin(),
            created: begin(),
            modified: begin(),
            alert_ids: Vec::new(),
            rule_ids: Vec::new(),
            alert_product_names: Vec::new(),
        };
        Attributed { incident, alerts }
    }

    /// Two attacks of two stages each, an hour apart, and a twin.
    fn truth() -> Truth {
        let stage = |id: &str, hours| TruthStage {
            id: id.to_owned(),
            title: String::new(),
            techniques: Vec::new(),
            detection: None,
            first_event: Some(begin() + TimeDelta::hours(hours)),
            last_event: Some(begin() + TimeDelta::hours(hours)),
            event_ids: Vec::new(),
        };
        let scenario = |id: &str| TruthScenario {
            id: id.to_owned(),
            title: String::new(),
            description: String::new(),
            tactics: Vec::new(),
            techniques: Vec::new(),
            entities: Vec::new(),
            severity: "High".to_owned(),
            first_event: Some(begin() + TimeDelta::hours(1)),
            last_event: Some(begin() + TimeDelta::hours(2)),
            stages: vec![stage("first", 1), stage("second", 2)],
        };
        let twin = generator::BenignTwin {
            id: "twin:one".to_owned(),
            scenario: "one".to_owned(),
            description: String::new(),
            techniques: Vec::new(),
            entities: Vec::new(),
            events: 1,
            event_ids: Vec::new(),
            first_event: None,
            last_event: None,
        };
        Truth {
            options: TruthOptions::from(&GenerateOptions { users: 500, days: 4, ..GenerateOptions::default() }),
            tenant_id: String::new(),
            scenarios: vec![scenario("one"), scenario("two")],
            benign_twins: vec![twin],
            counts: BTreeMap::new(),
            repetitions: 0,
            files: Vec::new(),
        }
    }

    #[test]
    fn stages_times_purity_and_false_incidents_are_told() {
        let stage = |scenario, stage| Part::Stage { scenario, stage };
        let found = [
            attributed(
                1,
                vec![
                    alert("a", 3, &[(stage(0, 0), 5)]),
                    alert("b", 5, &[(stage(0, 1), 2), (stage(1, 0), 1)]),
                    alert("c", 6, &[]),
                ],
            ),
            attributed(2, vec![alert("a", 9, &[(stage(0, 0), 1)])]),
            attributed(3, vec![alert("a", 9, &[(Part::Twin(0), 1)]), alert("d", 9, &[])]),
        ];
        let checked = compare(&truth(), &found, 0);
        let [one, two] = checked.scenarios.as_slice() else { panic!("two attacks") };
        assert_eq!((one.incident, one.alerts, one.seconds_to_detect), (Some(1), 3, Some(2 * 3_600)));
        assert_eq!(one.completeness, Some(2.0 / 3.0));
        assert_eq!((one.stages[1].found, one.stages[1].seconds_to_detect), (true, Some(3 * 3_600)));
        // An event of the other attack is behind an alert that is mostly of the first.
        assert_eq!((two.found, two.incident, two.stages[1].found), (true, None, false));
        assert!(checked.all_found());
        assert_eq!(checked.purity, Some(3.0 / 4.0));
        let wrong = &checked.false_incidents;
        assert_eq!((wrong.count, wrong.per_thousand_users_and_day), (1, 0.5));
        assert_eq!(wrong.by_rule.iter().map(|rule| rule.rule.as_str()).collect::<Vec<_>>(), ["a", "d"]);
        assert_eq!(wrong.of_twins, [TwinIncidents { twin: "twin:one".to_owned(), incidents: vec![3] }]);
    }

    fn size(scenarios: ScenarioChoice) -> GenerateOptions {
        GenerateOptions { users: 150, days: 3, scenarios, ..GenerateOptions::default() }
    }

    #[test]
    fn a_tenant_in_a_folder_or_in_tables_is_checked_alike() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = size(ScenarioChoice::Only(vec!["password-spray".to_owned()]));
        let rule = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../content/detections/CredentialAccess/CloudPasswordSpray.yaml");
        let check = |place: TenantPlace, path: &Path| {
            generate(&options, &place, None, begin()).expect("generates");
            check_generated(path, std::slice::from_ref(&rule), &Unwatched).expect("investigates")
        };
        let (files, tables) = (folder.path().join("files"), folder.path().join("tables"));
        let of_files = check(TenantPlace::Folder(files.clone()), &files);
        let of_tables = check(TenantPlace::Workspace(tables.clone()), &tables);
        assert!(of_files.all_found() && of_files.scenarios.len() == 1, "{of_files:?}");
        assert_eq!(of_files, of_tables);
    }

    #[test]
    fn every_attack_of_a_small_tenant_is_found_and_every_record_has_a_table() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = TenantPlace::Workspace(folder.path().join("tenant"));
        generate(&size(ScenarioChoice::All), &place, None, begin()).expect("generates");
        let checked = check_generated(&folder.path().join("tenant"), &[], &Unwatched).expect("investigates");
        let lost: Vec<_> = checked.scenarios.iter().filter(|scenario| !scenario.found).collect();
        assert!(lost.is_empty() && checked.scenarios.len() > 9, "{lost:?}");
        assert_eq!(checked.rejected, 0);
    }
}
