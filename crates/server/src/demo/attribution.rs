//! Which attack or benign twin an alert belongs to.
//!
//! An alert belongs to a stage when one of the stage's events is among the rows behind the alert: those of the tables its rule reads, in
//! its time, that name its accounts or addresses and come from no other address (as reports find them). Where there are no such rows, or
//! too many to look at all, it also belongs to the stages of whose time it has a part and one of whose entities it names.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use generator::{Truth, TruthEntity};
use schema::{Alert, Table};
use serde_json::Value;

use crate::catalog::WorkspaceCatalog;
use crate::json_rows::JsonRow;
use crate::timeline::{entity_terms, evidence, log_tables};
use crate::{Error, Session};

/// Some logs cut times to whole seconds: an alert may seem that much older than the event behind it.
const TIME_CUT: TimeDelta = TimeDelta::seconds(1);

/// What an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    /// Stage of an attack, by their positions.
    Stage { scenario: usize, stage: usize },
    /// A benign twin, by its position.
    Twin(usize),
}

/// Events behind an alert, by what they belong to.
pub(super) type Parts = BTreeMap<Part, usize>;

/// The truth, ordered for looking up.
pub(super) struct Attribution<'t> {
    by_event: HashMap<&'t str, Part>,
    spans: Vec<Span<'t>>,
}

/// When and about whom something was hidden.
struct Span<'t> {
    part: Part,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
    entities: &'t [TruthEntity],
}

impl<'t> Attribution<'t> {
    /// Of the attacks and twins of this truth.
    pub(super) fn new(truth: &'t Truth) -> Self {
        let mut attribution = Self { by_event: HashMap::new(), spans: Vec::new() };
        for (scenario, told) in truth.scenarios.iter().enumerate() {
            for (stage, told_stage) in told.stages.iter().enumerate() {
                let span = told_stage.first_event.zip(told_stage.last_event);
                attribution.add(Part::Stage { scenario, stage }, &told_stage.event_ids, span, &told.entities);
            }
        }
        for (twin, told) in truth.benign_twins.iter().enumerate() {
            // What is part of everybody's days has no events of its own.
            if !told.event_ids.is_empty() {
                let span = told.first_event.zip(told.last_event);
                attribution.add(Part::Twin(twin), &told.event_ids, span, &told.entities);
            }
        }
        attribution
    }

    fn add(
        &mut self,
        part: Part,
        events: &'t [String],
        span: Option<(DateTime<Utc>, DateTime<Utc>)>,
        entities: &'t [TruthEntity],
    ) {
        self.by_event.extend(events.iter().map(|event| (event.as_str(), part)));
        self.spans.extend(span.map(|(first, last)| Span { part, first, last, entities }));
    }

    /// What the alert belongs to.
    pub(super) fn parts(
        &self,
        session: &Session,
        catalog: &WorkspaceCatalog,
        rules: &RuleTables,
        alert: &Alert,
    ) -> Result<Parts, Error> {
        let mut parts = Parts::new();
        let is_near = |span: &&Span| alert.start <= span.last && span.first <= alert.end + TIME_CUT;
        let near: Vec<&Span> = self.spans.iter().filter(is_near).collect();
        if near.is_empty() {
            return Ok(parts);
        }
        let (rows, more) = evidence(session, catalog, rules.of(alert), alert)?;
        for part in rows.iter().filter_map(|found| self.part_of(&found.row)) {
            *parts.entry(part).or_default() += 1;
        }
        // The rule's own answer may name events too.
        for part in alert.events.iter().filter_map(|event| self.part_of(&event.row)) {
            *parts.entry(part).or_default() += 1;
        }
        if more > 0 || rows.is_empty() {
            for span in near.iter().filter(|span| names_one_of(alert, span.entities)) {
                parts.entry(span.part).or_insert(1);
            }
        }
        Ok(parts)
    }

    fn part_of(&self, row: &JsonRow) -> Option<Part> {
        // Where a row has no column for its id, it is among the fields without a column.
        let extra = row.get("vedette_extra").and_then(Value::as_object);
        let texts = row.values().chain(extra.into_iter().flat_map(|fields| fields.values())).filter_map(Value::as_str);
        let by_id = texts.filter_map(|text| self.by_event.get(text)).next();
        by_id.or_else(|| self.by_event.get(windows_id(row, extra)?.as_str())).copied()
    }
}

/// `computer/channel/record number` of a Windows event, of `SecurityEvent` or of `Event`, which has no column for the number.
fn windows_id(row: &JsonRow, extra: Option<&JsonRow>) -> Option<String> {
    let text = |column: &str| row.get(column).and_then(Value::as_str);
    let channel = text("Channel").or_else(|| text("EventLog"))?;
    let number = row.get("EventRecordId").or_else(|| extra?.get("EventRecordId"))?;
    let number = number.as_str().map_or_else(|| number.to_string(), str::to_owned);
    Some(format!("{}/{channel}/{number}", text("Computer")?))
}

fn names_one_of(alert: &Alert, entities: &[TruthEntity]) -> bool {
    let terms: Vec<String> = alert.entities.iter().flat_map(entity_terms).collect();
    entities.iter().any(|entity| terms.contains(&entity.value.to_lowercase()))
}

/// The tables that each rule reads, as far as they hold events.
pub(super) struct RuleTables {
    by_rule: HashMap<String, Vec<&'static Table>>,
    all: Vec<&'static Table>,
}

impl RuleTables {
    /// Of the rules that ran in this workspace.
    pub(super) fn read(session: &Session, catalog: &WorkspaceCatalog) -> Result<Self, Error> {
        let all = log_tables(catalog);
        let rules = crate::history::read_rule_runs(session, catalog)?;
        let by_rule = rules.into_iter().map(|rule| {
            let tables = all.iter().copied().filter(|table| rule.tables.contains(&table.name)).collect();
            (rule.id, tables)
        });
        Ok(Self { by_rule: by_rule.collect(), all })
    }

    fn of(&self, alert: &Alert) -> &[&'static Table] {
        self.by_rule.get(&alert.rule_id).unwrap_or(&self.all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn truth() -> Truth {
        serde_json::from_value(json!({
            "options": {
                "users": 150, "days": 3, "seed": 1, "start": "2026-01-05T00:00:00Z", "scenarios": "all",
                "envelope": "mixed", "onPremisesPermille": 100
            },
            "tenantId": "t", "counts": {}, "repetitions": 0, "files": [],
            "scenarios": [{
                "id": "s", "title": "", "description": "", "tactics": [], "techniques": [], "severity": "High",
                "entities": [{"kind": "account", "value": "mia@tailwind.example"}],
                "firstEvent": "2026-01-05T10:00:00Z", "lastEvent": "2026-01-05T11:00:00Z",
                "stages": [
                    {"id": "a", "title": "", "techniques": [], "detection": null, "firstEvent": "2026-01-05T10:00:00Z",
                     "lastEvent": "2026-01-05T10:30:00Z", "eventIds": ["guid-1"]},
                    {"id": "b", "title": "", "techniques": [], "detection": null, "firstEvent": "2026-01-05T10:40:00Z",
                     "lastEvent": "2026-01-05T11:00:00Z", "eventIds": ["dc01.tailwind.example/Security/7"]},
                ]
            }],
            "benignTwins": [{
                "id": "twin:s", "scenario": "s", "description": "", "techniques": [], "entities": [], "events": 1,
                "eventIds": ["guid-2"], "firstEvent": "2026-01-05T10:00:00Z", "lastEvent": "2026-01-05T10:00:00Z"
            }],
        }))
        .expect("a truth")
    }

    #[test]
    fn rows_are_known_by_their_ids() {
        let truth = truth();
        let attribution = Attribution::new(&truth);
        let part = |row: Value| attribution.part_of(row.as_object().expect("a row"));
        assert_eq!(part(json!({"Id": "guid-1"})), Some(Part::Stage { scenario: 0, stage: 0 }));
        assert_eq!(part(json!({"vedette_extra": {"recordId": "guid-2"}})), Some(Part::Twin(0)));
        let event = json!({"Computer": "dc01.tailwind.example", "Channel": "Security", "EventRecordId": "7"});
        assert_eq!(part(event), Some(Part::Stage { scenario: 0, stage: 1 }));
        let event = json!({
            "Computer": "dc01.tailwind.example", "EventLog": "Security", "vedette_extra": {"EventRecordId": 7}
        });
        assert_eq!(part(event), Some(Part::Stage { scenario: 0, stage: 1 }));
        assert_eq!(part(json!({"Id": "guid-3", "UserPrincipalName": "mia@tailwind.example"})), None);
    }
}
