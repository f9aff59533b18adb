//! Notes what is hidden while it is being hidden.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::ordinary::ORDINARY_TWINS;
use super::{BenignTwin, Truth, TruthFile, TruthOptions, TruthScenario, TruthStage};
use crate::engine::{Mark, Trace};
use crate::scenarios::{self, Scenario, Story};
use crate::tenant::Tenant;

/// Collects the truth of a tenant, trace by trace.
pub(crate) struct TruthWriter<'t> {
    tenant: &'t Tenant,
    /// By story, then by stage.
    stages: Vec<Vec<Found>>,
    twins: Vec<Found>,
    ordinary: Vec<Found>,
    counts: BTreeMap<&'static str, u64>,
    repetitions: u64,
}

/// Events that belong together.
#[derive(Debug, Clone, Default)]
struct Found {
    span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    count: u64,
    ids: Vec<String>,
}

impl Found {
    fn add(&mut self, time: DateTime<Utc>) {
        self.span = Some(self.span.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
        self.count += 1;
    }
}

impl<'t> TruthWriter<'t> {
    pub(crate) fn new(tenant: &'t Tenant) -> Self {
        let stories = &tenant.stories;
        Self {
            tenant,
            stages: stories.iter().map(|story| vec![Found::default(); story.scenario.stages.len()]).collect(),
            twins: vec![Found::default(); stories.len()],
            ordinary: vec![Found::default(); ORDINARY_TWINS.len()],
            counts: BTreeMap::new(),
            repetitions: 0,
        }
    }

    /// Notes an event when it has its final number; repetitions are only counted.
    pub(crate) fn note(&mut self, trace: &Trace) {
        if trace.repeated {
            self.repetitions += 1;
            return;
        }
        *self.counts.entry(trace.record.log()).or_default() += 1;
        let found = match trace.mark {
            Mark::None => return,
            Mark::Attack { story, stage } => &mut self.stages[usize::from(story)][usize::from(stage)],
            Mark::Twin { story } => &mut self.twins[usize::from(story)],
            Mark::Ordinary(index) => &mut self.ordinary[usize::from(index)],
        };
        found.add(trace.time);
        if matches!(trace.mark, Mark::Attack { .. } | Mark::Twin { .. }) {
            found.ids.push(trace.record.id());
        }
    }

    /// The whole truth about the tenant in `files`.
    pub(crate) fn finish(self, mut files: Vec<TruthFile>) -> Truth {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let tenant = self.tenant;
        let attacks = tenant.stories.iter().zip(self.stages).filter(|(story, _)| story.is_attack());
        let scenarios = attacks.map(|(story, stages)| scenario(tenant, story, stages)).collect();
        let played = tenant.stories.iter().zip(self.twins).map(|(story, found)| BenignTwin {
            id: format!("twin:{}", story.scenario.id),
            scenario: story.scenario.id.into(),
            description: story.scenario.twin.into(),
            techniques: techniques(story.scenario),
            entities: story.twin_entities(tenant),
            events: found.count,
            event_ids: found.ids,
            first_event: found.span.map(|(first, _)| first),
            last_event: found.span.map(|(_, last)| last),
        });
        let ordinary =
            ORDINARY_TWINS.iter().zip(self.ordinary).map(|((id, scenario, description), found)| BenignTwin {
                id: (*id).into(),
                scenario: (*scenario).into(),
                description: (*description).into(),
                techniques: resembled(scenario).map(techniques).unwrap_or_default(),
                entities: Vec::new(),
                events: found.count,
                event_ids: Vec::new(),
                first_event: found.span.map(|(first, _)| first),
                last_event: found.span.map(|(_, last)| last),
            });
        Truth {
            options: TruthOptions::from(&tenant.options),
            tenant_id: tenant.tenant_id.to_string(),
            scenarios,
            benign_twins: played.chain(ordinary).filter(|twin| twin.events > 0).collect(),
            counts: self.counts.into_iter().map(|(log, count)| (log.to_owned(), count)).collect(),
            repetitions: self.repetitions,
            files,
        }
    }
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

/// The techniques of all stages, each once.
fn techniques(scenario: &Scenario) -> Vec<String> {
    let mut techniques: Vec<String> = scenario.stages.iter().flat_map(|stage| texts(stage.techniques)).collect();
    techniques.sort();
    techniques.dedup();
    techniques
}

fn resembled(id: &str) -> Option<&'static Scenario> {
    scenarios::ALL.iter().copied().find(|scenario| scenario.id == id)
}

fn scenario(tenant: &Tenant, story: &Story, found: Vec<Found>) -> TruthScenario {
    let scenario = story.scenario;
    let spans = || found.iter().filter_map(|found| found.span);
    let (first_event, last_event) = (spans().map(|(first, _)| first).min(), spans().map(|(_, last)| last).max());
    let stages = scenario.stages.iter().zip(found).map(|(stage, found)| TruthStage {
        id: stage.id.into(),
        title: stage.title.into(),
        techniques: texts(stage.techniques),
        detection: stage.detection.map(str::to_owned),
        first_event: found.span.map(|(first, _)| first),
        last_event: found.span.map(|(_, last)| last),
        event_ids: found.ids,
    });
    TruthScenario {
        id: scenario.id.into(),
        title: scenario.title.into(),
        description: scenario.description.into(),
        tactics: texts(scenario.tactics),
        techniques: techniques(scenario),
        entities: story.entities(tenant),
        severity: scenario.severity.into(),
        first_event,
        last_event,
        stages: stages.collect(),
    }
}
