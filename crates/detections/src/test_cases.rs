//! Tests of a rule as data: events, and whether they must make it fire.
//!
//! `X.tests.yaml` beside `X.yaml` is a list of cases:
//!
//! ```yaml
//! - name: nine accounts from one address
//!   events:
//!     SigninLogs:
//!       - {TimeGenerated: 2024-05-01T08:00:00Z, UserPrincipalName: "user{n}@contoso.com", _repeat: 9, _every: 2s}
//!   expect: fire
//!   alerts: 1
//!   severity: Medium
//!   entities: [203.0.113.7]
//! ```
//!
//! `context` gives what a context file would, in the same form. `_repeat` makes that many rows of one, `_every` apart in `TimeGenerated`; `{n}` in a text counts from 0.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use schema::{Entity, Severity};
use serde_json::{Map, Value};

use crate::context_yaml::context;
use crate::duration::parse_duration;
use crate::yaml_fields::Fields;
use crate::{Context, RuleError, RuleOutcome, RuleStatus};

/// Most rows one line of a test stands for.
const MAX_REPEAT: u64 = 10_000;

/// A case: events and what the rule must make of them.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTest {
    /// What the case is about.
    pub name: String,
    /// What is known beside the events.
    pub context: Context,
    /// Table to its rows.
    pub events: BTreeMap<String, Vec<Map<String, Value>>>,
    /// What the rule must make of them.
    pub expect: Expectation,
}

/// What a rule must make of the events of a test.
#[derive(Debug, Clone, PartialEq)]
pub enum Expectation {
    /// No alert.
    Quiet,
    /// At least one alert.
    Fire {
        /// Exactly so many alerts.
        alerts: Option<usize>,
        /// The highest severity among them.
        severity: Option<Severity>,
        /// Each is named by one of the alerts.
        entities: Vec<ExpectedEntity>,
    },
}

/// An entity by the name a person would use (`alice@contoso.com`, `203.0.113.7`); case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedEntity(
    /// The name.
    pub String,
);

impl ExpectedEntity {
    fn is(&self, entity: &Entity) -> bool {
        entity.friendly_name().eq_ignore_ascii_case(&self.0)
    }
}

impl RuleTest {
    /// The first and last `TimeGenerated` of the events.
    pub fn times(&self) -> Vec<DateTime<Utc>> {
        self.events.values().flatten().filter_map(|row| time(row.get("TimeGenerated")?.as_str()?)).collect()
    }
}

/// Says whether what a rule found is what a test expects; the error lists every difference.
pub fn evaluate(test: &RuleTest, outcome: &RuleOutcome) -> Result<(), String> {
    if let RuleStatus::Failed { message } = &outcome.status {
        return Err(format!("the rule failed: {message}"));
    }
    let found = &outcome.alerts;
    let titles: Vec<&str> = found.iter().map(|alert| alert.display_name.as_str()).collect();
    let mut problems: Vec<String> = Vec::new();
    match &test.expect {
        Expectation::Quiet if !found.is_empty() => {
            problems.push(format!("expected quiet, found `{}`: {titles:?}", found.len()))
        }
        Expectation::Quiet => {}
        Expectation::Fire { .. } if found.is_empty() => {
            problems
                .push(format!("expected an alert, found none in `{}` runs with `{}` rows", outcome.runs, outcome.rows));
        }
        Expectation::Fire { alerts, severity, entities } => {
            if alerts.is_some_and(|wanted| wanted != found.len()) {
                problems.push(format!(
                    "expected `{}` alerts, found `{}`: {titles:?}",
                    alerts.unwrap_or_default(),
                    found.len()
                ));
            }
            let highest = found.iter().map(|alert| alert.severity).max();
            if severity.is_some() && *severity != highest {
                let name = |severity: Option<Severity>| severity.map_or("none", Severity::as_str);
                problems.push(format!("expected severity `{}`, found `{}`", name(*severity), name(highest)));
            }
            let named: Vec<&Entity> = found.iter().flat_map(|alert| &alert.entities).collect();
            for wanted in entities.iter().filter(|wanted| !named.iter().any(|entity| wanted.is(entity))) {
                let names: Vec<String> = named.iter().map(|entity| entity.friendly_name()).collect();
                problems.push(format!("expected entity `{}`, found {names:?}", wanted.0));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}

/// Reads the tests of a rule; `file` is only named in errors.
pub fn parse_tests(file: &str, text: &str) -> Result<Vec<RuleTest>, RuleError> {
    let whole = |problem: String, hint: &str| RuleError {
        file: file.to_owned(),
        field: ".".to_owned(),
        problem,
        hint: hint.to_owned(),
    };
    let value: serde_norway::Value = serde_norway::from_str(text)
        .map_err(|error| whole(format!("not readable as YAML: {error}"), "check indentation and quotes"))?;
    let serde_norway::Value::Sequence(cases) = value else {
        return Err(whole("expected a list of cases".to_owned(), "write `- name: …` for each case"));
    };
    cases.into_iter().map(|case| test_case(Fields::of_document(file, case)?)).collect()
}

fn test_case(mut fields: Fields<'_>) -> Result<RuleTest, RuleError> {
    let name = fields.required_text("name", "say what the case is about")?;
    let in_case = |mut error: RuleError| {
        error.field = format!("{name}: {}", error.field);
        error
    };
    let context = fields.mapping("context").and_then(|lists| lists.map(context).transpose()).map_err(in_case)?;
    let events = events(&mut fields).map_err(in_case)?;
    let expect = expectation(&mut fields).map_err(in_case)?;
    let unknown = fields.error(
        &name,
        "unknown field".to_owned(),
        "use name, context, events, expect, alerts, severity, entities",
    );
    match fields.rest().keys().next() {
        Some(field) => {
            let field = crate::yaml_fields::scalar(field).unwrap_or_default();
            Err(RuleError { problem: format!("unknown field `{field}`"), ..unknown })
        }
        None => Ok(RuleTest { name, context: context.unwrap_or_default(), events, expect }),
    }
}

fn expectation(fields: &mut Fields<'_>) -> Result<Expectation, RuleError> {
    let wanted = fields.required_text("expect", "write fire or quiet")?;
    let alerts = fields.number("alerts")?.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    let severity = fields.parsed("severity", "")?;
    let entities: Vec<ExpectedEntity> = fields.texts("entities")?.into_iter().map(ExpectedEntity).collect();
    match wanted.as_str() {
        "fire" => Ok(Expectation::Fire { alerts, severity, entities }),
        "quiet" if alerts.is_none() && severity.is_none() && entities.is_empty() => Ok(Expectation::Quiet),
        "quiet" => Err(fields.error(
            "expect",
            "`quiet` leaves nothing to compare".to_owned(),
            "drop alerts, severity and entities",
        )),
        other => Err(fields.error("expect", format!("`{other}` is no expectation"), "write fire or quiet")),
    }
}

fn events(fields: &mut Fields<'_>) -> Result<BTreeMap<String, Vec<Map<String, Value>>>, RuleError> {
    let missing = fields.error("events", "missing".to_owned(), "list rows by table");
    let value = fields.take("events").ok_or(missing)?;
    let json = serde_json::to_value(&value).map_err(|error| fields.error("events", error.to_string(), ""))?;
    let Value::Object(tables) = json else {
        return Err(fields.error("events", "expected tables".to_owned(), "list rows by table"));
    };
    let mut events = BTreeMap::new();
    for (table, rows) in tables {
        let field = format!("events.{table}");
        if schema::table(&table).is_none() {
            return Err(fields.error(&field, format!("unknown table `{table}`"), "use the name of a built-in table"));
        }
        let Value::Array(rows) = rows else {
            return Err(fields.error(&field, "expected a list of rows".to_owned(), ""));
        };
        let mut all = Vec::new();
        for (index, row) in rows.into_iter().enumerate() {
            let repeated = repeat(row).map_err(|problem| fields.error(&format!("{field}[{index}]"), problem, ""))?;
            all.extend(repeated);
        }
        check_columns(fields, &field, &table, &all)?;
        events.insert(table, all);
    }
    Ok(events)
}

/// A row with a column that the table has not would test nothing.
fn check_columns(fields: &Fields<'_>, field: &str, table: &str, rows: &[Map<String, Value>]) -> Result<(), RuleError> {
    let known = |name: &str| schema::table(table).is_some_and(|table| table.column(name).is_some());
    match rows.iter().flat_map(Map::keys).find(|name| !known(name)) {
        Some(name) => {
            Err(fields.error(field, format!("`{name}` is no column of {table}"), "put unknown fields into _RawExtra"))
        }
        None => Ok(()),
    }
}

fn repeat(row: Value) -> Result<Vec<Map<String, Value>>, String> {
    let Value::Object(mut row) = row else { return Err("expected a row".to_owned()) };
    let count = match row.shift_remove("_repeat") {
        None => 1,
        Some(count) => count
            .as_u64()
            .filter(|count| *count <= MAX_REPEAT)
            .ok_or_else(|| format!("`{count}` is no number of rows"))?,
    };
    let every = match row.shift_remove("_every") {
        None => TimeDelta::zero(),
        Some(every) => {
            every.as_str().and_then(parse_duration).ok_or_else(|| format!("`{every}` is no length of time"))?
        }
    };
    let text = row.get("TimeGenerated").and_then(Value::as_str).unwrap_or_default();
    let start = time(text).ok_or_else(|| format!("TimeGenerated `{text}` is no time"))?;
    (0..i32::try_from(count).unwrap_or(i32::MAX))
        .map(|number| {
            let at = every
                .checked_mul(number)
                .and_then(|delta| start.checked_add_signed(delta))
                .ok_or("the time is out of range")?;
            let mut row: Map<String, Value> =
                row.iter().map(|(name, value)| (name.clone(), numbered(value, number))).collect();
            row.insert("TimeGenerated".to_owned(), Value::String(at.to_rfc3339_opts(SecondsFormat::Micros, true)));
            Ok(row)
        })
        .collect()
}

fn numbered(value: &Value, number: i32) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("{n}", &number.to_string())),
        Value::Array(values) => Value::Array(values.iter().map(|value| numbered(value, number)).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(name, value)| (name.clone(), numbered(value, number))).collect())
        }
        other => other.clone(),
    }
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::AlertQuery;

    const CASES: &str = "
- name: nine accounts
  events:
    SigninLogs:
      - {TimeGenerated: 2024-05-01T08:00:00Z, UserPrincipalName: 'user{n}@contoso.com', LocationDetails: {city: 'c{n}'}, _repeat: 3, _every: 2s}
      - {TimeGenerated: 2024-05-01T09:00:00Z, _RawExtra: {LogonError: x}}
  expect: fire
  alerts: 1
  severity: High
  entities: [203.0.113.7]
- name: nothing
  events: {SigninLogs: []}
  expect: quiet
";

    #[test]
    fn cases_are_read_and_rows_repeated() {
        let tests = parse_tests("x.tests.yaml", CASES).expect("valid");
        let rows = &tests[0].events["SigninLogs"];
        assert_eq!(rows.len(), 4);
        assert_eq!(
            (&rows[2]["TimeGenerated"], &rows[2]["UserPrincipalName"]),
            (&"2024-05-01T08:00:04.000000Z".into(), &"user2@contoso.com".into())
        );
        assert_eq!(rows[1]["LocationDetails"]["city"], "c1");
        assert_eq!(tests[1].expect, Expectation::Quiet);
        assert_eq!(tests[0].times().len(), 4);
    }

    #[test]
    fn mistakes_in_cases_are_errors() {
        for text in [
            "{}",
            "- {events: {}}",
            "- {name: n, expect: quiet}",
            "- {name: n, events: {}, expect: maybe}",
            "- {name: n, events: {}, expect: quiet, alerts: 3}",
            "- {name: n, events: {}, expect: fire, also: 3}",
            "- {name: n, events: {Nope: []}, expect: fire}",
            "- {name: n, events: {SigninLogs: [{TimeGenerated: 2024-05-01T08:00:00Z, Nope: 1}]}, expect: fire}",
            "- {name: n, events: {SigninLogs: [{UserId: a}]}, expect: fire}",
            "- {name: n, events: {SigninLogs: [{TimeGenerated: 2024-05-01T08:00:00Z, _repeat: 99999999}]}, expect: fire}",
        ] {
            assert!(parse_tests("x.tests.yaml", text).is_err(), "{text}");
        }
    }

    fn outcome(addresses: &[&str], severity: Severity) -> RuleOutcome {
        let at = DateTime::from_timestamp(0, 0).expect("in range");
        let alert = |address: &&str| schema::Alert {
            id: String::new(),
            rule_id: String::new(),
            tenant: None,
            rule_name: String::new(),
            rule_version: None,
            display_name: "Spray".to_owned(),
            description: String::new(),
            severity,
            tactics: Vec::new(),
            techniques: Vec::new(),
            sub_techniques: Vec::new(),
            entities: Entity::ip(address).into_iter().collect(),
            start: at,
            end: at,
            generated: at,
            updated: at,
            custom_details: BTreeMap::new(),
            query: AlertQuery::default(),
            overrides: BTreeMap::new(),
            events: Vec::new(),
            event_count: 1,
            remediation: Vec::new(),
        };
        let alerts = addresses.iter().map(alert).collect();
        RuleOutcome {
            rule_id: String::new(),
            name: String::new(),
            runs: 1,
            skipped: 0,
            rows: 1,
            alerts,
            status: RuleStatus::Ran,
        }
    }

    #[test]
    fn an_outcome_is_compared_with_what_was_expected() {
        let tests = parse_tests("x.tests.yaml", CASES).expect("valid");
        assert_eq!(evaluate(&tests[0], &outcome(&["203.0.113.7"], Severity::High)), Ok(()));
        for (found, problem) in [
            (outcome(&[], Severity::High), "found none"),
            (outcome(&["203.0.113.7"], Severity::Low), "severity `High`, found `Low`"),
            (outcome(&["203.0.113.8"], Severity::High), "entity `203.0.113.7`"),
            (outcome(&["203.0.113.7", "203.0.113.8"], Severity::High), "`1` alerts, found `2`"),
        ] {
            let error = evaluate(&tests[0], &found).expect_err(problem);
            assert!(error.contains(problem), "{error}");
        }
        assert!(evaluate(&tests[1], &outcome(&["203.0.113.7"], Severity::Low)).is_err());
        assert_eq!(evaluate(&tests[1], &outcome(&[], Severity::Low)), Ok(()));
        let mut failed = outcome(&[], Severity::Low);
        failed.status = RuleStatus::Failed { message: "no".to_owned() };
        assert!(evaluate(&tests[1], &failed).is_err(), "a rule that fails is not quiet");
    }
}
