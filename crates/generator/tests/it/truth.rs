//! What the truth file says is what the records show.

use std::collections::{BTreeMap, BTreeSet};

use generator::{Envelope, GenerateOptions, ScenarioChoice, list_scenarios};

use super::output::{SMALL, read_back};
use super::small;

#[test]
fn every_record_lies_within_the_days_and_is_counted_once() {
    let tenant = &*SMALL;
    let (first, last) = (tenant.output.first.unwrap(), tenant.output.last.unwrap());
    assert!(small().start <= first && last < small().end(), "{first} {last}");
    assert!(tenant.output.early.is_empty(), "{:?}", tenant.output.early.first());
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut copies = 0;
    for ((log, id), times) in &tenant.output.records {
        *counts.entry(log.clone()).or_default() += 1;
        copies += times - 1;
        assert!(*times == 1 || log == "UnifiedAudit", "{log} has {id} {times} times");
    }
    assert_eq!(counts, tenant.truth.counts);
    assert_eq!(copies, tenant.truth.repetitions);
}

#[test]
fn the_files_are_those_that_the_truth_lists() {
    let tenant = &*SMALL;
    let listed: BTreeMap<String, u64> =
        tenant.truth.files.iter().map(|file| (file.path.clone(), file.records)).collect();
    assert_eq!(listed, tenant.output.files);
    let paths: Vec<&String> = tenant.truth.files.iter().map(|file| &file.path).collect();
    assert!(paths.is_sorted());
}

#[test]
fn every_stage_of_every_scenario_has_events_that_are_there_and_every_scenario_a_twin() {
    let tenant = &*SMALL;
    let scenarios: BTreeSet<&str> = tenant.truth.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    let listed = list_scenarios();
    assert_eq!(scenarios, listed.iter().map(|scenario| scenario.id).collect());
    for scenario in &tenant.truth.scenarios {
        assert!(!scenario.entities.is_empty() && !scenario.techniques.is_empty(), "{}", scenario.id);
        assert!(
            tenant.truth.benign_twins.iter().any(|twin| twin.scenario == scenario.id),
            "{} has no twin",
            scenario.id
        );
        for stage in &scenario.stages {
            let name = format!("{}, stage {}", scenario.id, stage.id);
            assert!(!stage.event_ids.is_empty(), "{name} leaves nothing");
            assert!(stage.first_event <= stage.last_event && stage.first_event.is_some(), "{name}");
            let lost: Vec<&String> = stage.event_ids.iter().filter(|id| !tenant.output.has_id(id)).collect();
            assert!(lost.is_empty(), "{name}: {} of {} ids, such as {}", lost.len(), stage.event_ids.len(), lost[0]);
        }
    }
    assert!(tenant.truth.benign_twins.iter().all(|twin| twin.events > 0 && twin.first_event <= twin.last_event));
}

#[test]
fn nobody_is_the_victim_of_two_attacks() {
    let mut victims: BTreeMap<&str, &str> = BTreeMap::new();
    for scenario in &SMALL.truth.scenarios {
        let people = scenario.entities.iter().filter(|entity| entity.kind == "account" && entity.value.contains('@'));
        for person in people {
            let other = victims.insert(&person.value, &scenario.id);
            assert_eq!(other, None, "{} in {} too", person.value, scenario.id);
        }
    }
}

#[test]
fn without_scenarios_no_attack_takes_place_but_the_twins_do() {
    let tenant = read_back(&GenerateOptions { scenarios: ScenarioChoice::None, ..small() });
    assert!(tenant.truth.scenarios.is_empty());
    let twins = |truth: &generator::Truth| -> BTreeSet<String> {
        truth.benign_twins.iter().map(|twin| twin.id.clone()).collect()
    };
    assert_eq!(twins(&tenant.truth), twins(&SMALL.truth));
}

#[test]
fn one_scenario_alone_can_be_asked_for() {
    let id = list_scenarios()[0].id;
    let options = GenerateOptions { scenarios: ScenarioChoice::Only(vec![id.into()]), ..small() };
    let truth = generator::generate_into(&options, &generator::NullSink).unwrap();
    assert_eq!(truth.scenarios.iter().map(|scenario| scenario.id.as_str()).collect::<Vec<_>>(), [id]);
}

#[test]
fn every_envelope_holds_the_same_events() {
    for (name, envelope) in Envelope::ALL.into_iter().filter(|(_, envelope)| *envelope != Envelope::Mixed) {
        let tenant = read_back(&GenerateOptions { envelope, ..small() });
        assert_eq!(tenant.report.unread, 0, "{name}");
        assert_eq!(tenant.truth.counts, SMALL.truth.counts, "{name}");
        assert_ne!(tenant.output.files, SMALL.output.files, "{name}");
    }
}

#[test]
fn a_tenant_may_begin_on_any_day() {
    let start = "2024-02-28T00:00:00Z".parse().unwrap();
    let options = GenerateOptions { seed: 9, start, days: 4, ..small() };
    let tenant = read_back(&options);
    assert!(start <= tenant.output.first.unwrap() && tenant.output.last.unwrap() < options.end());
    for scenario in &tenant.truth.scenarios {
        assert!(scenario.stages.iter().all(|stage| !stage.event_ids.is_empty()), "{}", scenario.id);
    }
}
