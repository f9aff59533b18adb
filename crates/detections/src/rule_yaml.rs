//! Reads and writes rules in the YAML form of the public rule repositories.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use schema::{EntityKind, Grouping, IncidentSettings, MatchingMethod, Tactic};
use serde_norway::{Mapping, Value};

use crate::duration::{iso_text, kql_text};
use crate::yaml_fields::Fields;
use crate::{
    AlertDetails, DataConnector, EntityMapping, EventGrouping, FieldMapping, Rule, RuleError, RuleKind, Trigger,
    TriggerOperator,
};

/// Longest query read; the product allows 10,000 characters.
const MAX_QUERY_CHARACTERS: usize = 100_000;
/// Most entity mappings in a rule (the product's limit).
const MAX_ENTITY_MAPPINGS: usize = 10;
/// Most identifiers in an entity mapping (the product's limit).
const MAX_FIELD_MAPPINGS: usize = 3;
/// Most custom details in a rule (the product's limit).
const MAX_CUSTOM_DETAILS: usize = 20;
/// Bounds of frequency and period (the product's).
const SHORTEST: TimeDelta = TimeDelta::minutes(5);
const LONGEST: TimeDelta = TimeDelta::days(14);
/// Longest rest after an alert (the product's).
const LONGEST_SUPPRESSION: TimeDelta = TimeDelta::hours(24);
/// Frequency and period of a near-real-time rule in a replay; see [`RuleKind::Nrt`].
const NRT_PERIOD: TimeDelta = TimeDelta::minutes(5);

/// Reads a rule; `file` is only named in errors and kept in [`Rule::source`].
pub fn parse_rule(file: &str, text: &str) -> Result<Rule, RuleError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: Value = serde_norway::from_str(text).map_err(|error| RuleError {
        file: file.to_owned(),
        field: ".".to_owned(),
        problem: format!("not readable as YAML: {error}"),
        hint: "check indentation and quotes".to_owned(),
    })?;
    let mut fields = Fields::of_document(file, value)?;
    let kind = kind(&mut fields)?;
    let (frequency, period) = timing(&mut fields, kind)?;
    let rule = Rule {
        source: file.to_owned(),
        id: id(&mut fields)?,
        name: fields.required_text("name", "give the rule a name")?.trim().to_owned(),
        description: unquoted(&fields.text("description")?.unwrap_or_default()),
        severity: fields
            .parsed("severity", "")?
            .ok_or_else(|| fields.error("severity", "missing".to_owned(), "use High, Medium, Low or Informational"))?,
        enabled: fields.flag("enabled")?.unwrap_or(true),
        kind,
        status: fields.text("status")?,
        version: fields.text("version")?,
        required_data_connectors: connectors(&mut fields)?,
        query: query(&mut fields)?,
        frequency,
        period,
        trigger: trigger(&mut fields, kind)?,
        tactics: tactics(&mut fields)?,
        techniques: techniques(&mut fields)?,
        entity_mappings: entity_mappings(&mut fields)?,
        entities_columns: entities_columns(&mut fields)?,
        custom_details: custom_details(&mut fields)?,
        alert_details: alert_details(&mut fields)?,
        event_grouping: event_grouping(&mut fields)?,
        incidents: incident_settings(&mut fields)?,
        suppression: suppression(&mut fields)?,
        unknown: fields.rest(),
    };
    Ok(rule)
}

impl Rule {
    /// Writes the rule back as YAML; reading that again gives the same rule.
    pub fn to_yaml(&self) -> String {
        let value = Value::Mapping(self.to_mapping());
        // A mapping of text, numbers and lists can always be written.
        serde_norway::to_string(&value).unwrap_or_default()
    }

    fn to_mapping(&self) -> Mapping {
        let mut map = Mapping::new();
        let mut set = |field: &str, value: Value| map.insert(text(field), value);
        set("id", text(&self.id));
        set("name", text(&self.name));
        if let Some(version) = &self.version {
            set("version", text(version));
        }
        set("kind", text(if self.kind == RuleKind::Nrt { "NRT" } else { "Scheduled" }));
        if let Some(status) = &self.status {
            set("status", text(status));
        }
        set("description", text(&self.description));
        set("severity", text(self.severity.as_str()));
        if !self.enabled {
            set("enabled", Value::Bool(false));
        }
        if !self.required_data_connectors.is_empty() {
            set(
                "requiredDataConnectors",
                Value::Sequence(self.required_data_connectors.iter().map(connector_value).collect()),
            );
        }
        if self.kind == RuleKind::Scheduled {
            set("queryFrequency", text(&kql_text(self.frequency)));
            set("queryPeriod", text(&kql_text(self.period)));
            set("triggerOperator", text(self.trigger.operator.short_name()));
            set("triggerThreshold", Value::Number(self.trigger.threshold.into()));
        }
        set("tactics", texts(self.tactics.iter().map(|tactic| tactic.as_str())));
        set("relevantTechniques", texts(self.techniques.iter().map(String::as_str)));
        set("query", text(&self.query));
        if !self.entity_mappings.is_empty() {
            set("entityMappings", Value::Sequence(self.entity_mappings.iter().map(mapping_value).collect()));
        }
        if !self.entities_columns.is_empty() {
            let columns = self.entities_columns.iter().map(|column| object([("columnName", text(column))]));
            set("sentinelEntitiesMappings", Value::Sequence(columns.collect()));
        }
        if !self.custom_details.is_empty() {
            set("customDetails", object(self.custom_details.iter().map(|(key, column)| (key.as_str(), text(column)))));
        }
        if self.alert_details != AlertDetails::default() {
            set("alertDetailsOverride", alert_details_value(&self.alert_details));
        }
        set("eventGroupingSettings", object([("aggregationKind", text(self.event_grouping.as_str()))]));
        set("incidentConfiguration", incident_settings_value(&self.incidents));
        if let Some(suppression) = self.suppression {
            set("suppressionEnabled", Value::Bool(true));
            set("suppressionDuration", text(&iso_text(suppression)));
        }
        map.extend(self.unknown.clone());
        map
    }
}

fn kind(fields: &mut Fields<'_>) -> Result<RuleKind, RuleError> {
    let Some(name) = fields.text("kind")? else { return Ok(RuleKind::Scheduled) };
    match name.to_lowercase().as_str() {
        "scheduled" => Ok(RuleKind::Scheduled),
        "nrt" => Ok(RuleKind::Nrt),
        _ => Err(fields.error(
            "kind",
            format!("rules of kind `{name}` are not supported"),
            "only Scheduled and NRT rules can be run",
        )),
    }
}

fn id(fields: &mut Fields<'_>) -> Result<String, RuleError> {
    let text = fields.required_text("id", "give the rule a GUID")?;
    match uuid::Uuid::try_parse(text.trim()) {
        Ok(id) => Ok(id.to_string()),
        Err(_) => Err(fields.error("id", format!("`{text}` is no GUID"), "write it as 8-4-4-4-12 hexadecimal digits")),
    }
}

/// Published descriptions often keep a pair of single quotes inside a YAML block.
fn unquoted(description: &str) -> String {
    let trimmed = description.trim();
    let inner = trimmed.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(trimmed);
    inner.trim().to_owned()
}

fn timing(fields: &mut Fields<'_>, kind: RuleKind) -> Result<(TimeDelta, TimeDelta), RuleError> {
    let (frequency, period) = (fields.duration("queryFrequency")?, fields.duration("queryPeriod")?);
    if kind == RuleKind::Nrt {
        return Ok((NRT_PERIOD, NRT_PERIOD));
    }
    let missing = |field| fields.error(field, "missing".to_owned(), "write 5m, 1h or 1d");
    let frequency = frequency.ok_or_else(|| missing("queryFrequency"))?;
    let period = period.ok_or_else(|| missing("queryPeriod"))?;
    for (field, value) in [("queryFrequency", frequency), ("queryPeriod", period)] {
        if !(SHORTEST..=LONGEST).contains(&value) {
            return Err(fields.error(
                field,
                format!("`{}` is out of range", kql_text(value)),
                "use 5 minutes to 14 days",
            ));
        }
    }
    if period < frequency {
        let problem = format!("`{}` is shorter than queryFrequency `{}`", kql_text(period), kql_text(frequency));
        return Err(fields.error(
            "queryPeriod",
            problem,
            "events between two runs would never be seen: look back at least that far",
        ));
    }
    Ok((frequency, period))
}

fn query(fields: &mut Fields<'_>) -> Result<String, RuleError> {
    let query = fields.required_text("query", "write the KQL that finds the events")?;
    let length = query.chars().count();
    if length > MAX_QUERY_CHARACTERS {
        return Err(fields.error(
            "query",
            format!("`{length}` characters are too many"),
            "keep queries under 100,000 characters",
        ));
    }
    Ok(query)
}

fn trigger(fields: &mut Fields<'_>, kind: RuleKind) -> Result<Trigger, RuleError> {
    let (operator, threshold) = (fields.parsed("triggerOperator", "")?, fields.number("triggerThreshold")?);
    match (kind, operator, threshold) {
        (RuleKind::Nrt, ..) => Ok(Trigger { operator: TriggerOperator::GreaterThan, threshold: 0 }),
        (_, Some(operator), Some(threshold)) => Ok(Trigger { operator, threshold }),
        (_, None, _) => Err(fields.error("triggerOperator", "missing".to_owned(), "use gt, lt, eq or ne")),
        (_, _, None) => Err(fields.error("triggerThreshold", "missing".to_owned(), "use 0 to alert on any row")),
    }
}

fn connectors(fields: &mut Fields<'_>) -> Result<Vec<DataConnector>, RuleError> {
    let mut connectors = Vec::new();
    for mut connector in fields.mappings("requiredDataConnectors")? {
        let connector_id = connector.text("connectorId")?.unwrap_or_default();
        let mut data_types = connector.texts("dataTypes")?;
        data_types.extend(connector.texts("datatypes")?);
        connectors.push(DataConnector { connector_id, data_types });
    }
    Ok(connectors)
}

fn tactics(fields: &mut Fields<'_>) -> Result<Vec<Tactic>, RuleError> {
    let mut tactics: Vec<Tactic> = fields.parsed_list("tactics")?;
    tactics.sort_unstable();
    tactics.dedup();
    Ok(tactics)
}

fn techniques(fields: &mut Fields<'_>) -> Result<Vec<String>, RuleError> {
    let mut found = fields.texts("relevantTechniques")?;
    found.extend(fields.texts("subTechniques")?);
    for (index, technique) in found.iter().enumerate() {
        if !is_technique(technique) {
            let problem = format!("`{technique}` is no ATT&CK technique");
            return Err(fields.error(&format!("relevantTechniques[{index}]"), problem, "write T1110 or T1110.003"));
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn is_technique(text: &str) -> bool {
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.strip_prefix('T').map(|number| number.split_once('.').unwrap_or((number, "000"))) {
        Some((technique, sub)) => digits(technique, 4) && digits(sub, 3),
        None => false,
    }
}

fn entity_mappings(fields: &mut Fields<'_>) -> Result<Vec<EntityMapping>, RuleError> {
    let found = fields.mappings("entityMappings")?;
    if found.len() > MAX_ENTITY_MAPPINGS {
        return Err(fields.error(
            "entityMappings",
            format!("`{}` mappings are too many", found.len()),
            "keep at most 10",
        ));
    }
    found.into_iter().map(entity_mapping).collect()
}

fn entity_mapping(mut fields: Fields<'_>) -> Result<EntityMapping, RuleError> {
    let missing =
        |fields: &Fields<'_>| fields.error("entityType", "missing".to_owned(), "use Account, Host, IP, URL, …");
    let kind: EntityKind = fields.parsed("entityType", "")?.ok_or_else(|| missing(&fields))?;
    let found = fields.mappings("fieldMappings")?;
    if found.is_empty() || found.len() > MAX_FIELD_MAPPINGS {
        let problem = format!("`{}` fields, expected 1 to 3", found.len());
        return Err(fields.error("fieldMappings", problem, "map an identifier to a column"));
    }
    let mut mapped: Vec<FieldMapping> = Vec::new();
    for mut field in found {
        let name = field.required_text("identifier", "name one of the entity's identifiers")?;
        let column = field.required_text("columnName", "name a column of the query's result")?;
        let Some(identifier) = kind.identifiers().iter().find(|known| known.eq_ignore_ascii_case(name.trim())) else {
            let hint = format!("use one of {}", kind.identifiers().join(", "));
            return Err(field.error("identifier", format!("`{name}` is no identifier of {}", kind.as_str()), &hint));
        };
        if mapped.iter().any(|other| other.identifier == *identifier) {
            return Err(field.error(
                "identifier",
                format!("`{identifier}` is mapped twice"),
                "map each identifier once",
            ));
        }
        mapped.push(FieldMapping { identifier: (*identifier).to_owned(), column: column.trim().to_owned() });
    }
    Ok(EntityMapping { kind, fields: mapped })
}

fn entities_columns(fields: &mut Fields<'_>) -> Result<Vec<String>, RuleError> {
    let found = fields.mappings("sentinelEntitiesMappings")?;
    found
        .into_iter()
        .map(|mut mapping| mapping.required_text("columnName", "name the column that holds entities"))
        .collect()
}

fn custom_details(fields: &mut Fields<'_>) -> Result<BTreeMap<String, String>, RuleError> {
    let Some(found) = fields.mapping("customDetails")? else { return Ok(BTreeMap::new()) };
    let pairs = found.text_pairs()?;
    if pairs.len() > MAX_CUSTOM_DETAILS {
        return Err(fields.error(
            "customDetails",
            format!("`{}` details are too many", pairs.len()),
            "keep at most 20",
        ));
    }
    Ok(pairs.into_iter().collect())
}

fn alert_details(fields: &mut Fields<'_>) -> Result<AlertDetails, RuleError> {
    let Some(mut found) = fields.mapping("alertDetailsOverride")? else { return Ok(AlertDetails::default()) };
    let mut dynamic = Vec::new();
    for mut property in found.mappings("alertDynamicProperties")? {
        let name = property.required_text("alertProperty", "name a property such as AlertLink")?;
        let column = property.required_text("value", "name a column of the query's result")?;
        dynamic.push((name, column));
    }
    Ok(AlertDetails {
        display_name_format: found.text("alertDisplayNameFormat")?,
        description_format: found.text("alertDescriptionFormat")?,
        severity_column: found.text("alertSeverityColumnName")?,
        tactics_column: found.text("alertTacticsColumnName")?,
        dynamic_properties: dynamic,
    })
}

fn event_grouping(fields: &mut Fields<'_>) -> Result<EventGrouping, RuleError> {
    match fields.mapping("eventGroupingSettings")? {
        Some(mut found) => Ok(found.parsed("aggregationKind", "")?.unwrap_or_default()),
        None => Ok(EventGrouping::default()),
    }
}

fn incident_settings(fields: &mut Fields<'_>) -> Result<IncidentSettings, RuleError> {
    let Some(mut found) = fields.mapping("incidentConfiguration")? else { return Ok(IncidentSettings::default()) };
    let create_incident = found.flag("createIncident")?.unwrap_or(true);
    let grouping = match found.mapping("groupingConfiguration")? {
        Some(grouping) => grouping_configuration(grouping)?,
        None => None,
    };
    Ok(IncidentSettings { create_incident, grouping })
}

fn grouping_configuration(mut fields: Fields<'_>) -> Result<Option<Grouping>, RuleError> {
    if !fields.flag("enabled")?.unwrap_or(false) {
        return Ok(None);
    }
    let lookback = fields.duration("lookbackDuration")?.unwrap_or(TimeDelta::hours(5));
    if !(SHORTEST..=TimeDelta::days(7)).contains(&lookback) {
        return Err(fields.error(
            "lookbackDuration",
            format!("`{}` is out of range", kql_text(lookback)),
            "use 5 minutes to 7 days",
        ));
    }
    let grouping = Grouping {
        reopen_closed_incident: fields.flag("reopenClosedIncident")?.unwrap_or(false),
        lookback,
        matching: fields.parsed("matchingMethod", "")?.unwrap_or(MatchingMethod::AllEntities),
        by_entities: fields.parsed_list("groupByEntities")?,
        by_alert_details: fields.parsed_list("groupByAlertDetails")?,
        by_custom_details: fields.texts("groupByCustomDetails")?,
    };
    let chosen = grouping.by_entities.len() + grouping.by_alert_details.len() + grouping.by_custom_details.len();
    if grouping.matching == MatchingMethod::Selected && chosen == 0 {
        return Err(fields.error(
            "matchingMethod",
            "`Selected` with nothing selected".to_owned(),
            "list groupByEntities or use AnyAlert",
        ));
    }
    Ok(Some(grouping))
}

fn suppression(fields: &mut Fields<'_>) -> Result<Option<TimeDelta>, RuleError> {
    let (enabled, duration) =
        (fields.flag("suppressionEnabled")?.unwrap_or(false), fields.duration("suppressionDuration")?);
    if !enabled {
        return Ok(None);
    }
    let duration =
        duration.ok_or_else(|| fields.error("suppressionDuration", "missing".to_owned(), "write 5h or PT5H"))?;
    if !(SHORTEST..=LONGEST_SUPPRESSION).contains(&duration) {
        let problem = format!("`{}` is out of range", kql_text(duration));
        return Err(fields.error("suppressionDuration", problem, "use 5 minutes to 24 hours"));
    }
    Ok(Some(duration))
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> Value {
    Value::Sequence(values.map(text).collect())
}

fn object<'a>(pairs: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Mapping(pairs.into_iter().map(|(name, value)| (text(name), value)).collect())
}

fn connector_value(connector: &DataConnector) -> Value {
    let data_types = texts(connector.data_types.iter().map(String::as_str));
    object([("connectorId", text(&connector.connector_id)), ("dataTypes", data_types)])
}

fn mapping_value(mapping: &EntityMapping) -> Value {
    let field =
        |field: &FieldMapping| object([("identifier", text(&field.identifier)), ("columnName", text(&field.column))]);
    let fields = Value::Sequence(mapping.fields.iter().map(field).collect());
    object([("entityType", text(mapping.kind.as_str())), ("fieldMappings", fields)])
}

fn alert_details_value(details: &AlertDetails) -> Value {
    let named = [
        ("alertDisplayNameFormat", &details.display_name_format),
        ("alertDescriptionFormat", &details.description_format),
        ("alertSeverityColumnName", &details.severity_column),
        ("alertTacticsColumnName", &details.tactics_column),
    ];
    let mut pairs: Vec<(&str, Value)> =
        named.into_iter().filter_map(|(name, value)| Some((name, text(value.as_ref()?)))).collect();
    if !details.dynamic_properties.is_empty() {
        let property =
            |(name, column): &(String, String)| object([("alertProperty", text(name)), ("value", text(column))]);
        pairs.push((
            "alertDynamicProperties",
            Value::Sequence(details.dynamic_properties.iter().map(property).collect()),
        ));
    }
    object(pairs)
}

fn incident_settings_value(settings: &IncidentSettings) -> Value {
    let mut pairs = vec![("createIncident", Value::Bool(settings.create_incident))];
    if let Some(grouping) = &settings.grouping {
        let configuration = object([
            ("enabled", Value::Bool(true)),
            ("reopenClosedIncident", Value::Bool(grouping.reopen_closed_incident)),
            ("lookbackDuration", text(&iso_text(grouping.lookback))),
            ("matchingMethod", text(grouping.matching.as_str())),
            ("groupByEntities", texts(grouping.by_entities.iter().map(|kind| kind.as_str()))),
            ("groupByAlertDetails", texts(grouping.by_alert_details.iter().map(|detail| detail.as_str()))),
            ("groupByCustomDetails", texts(grouping.by_custom_details.iter().map(String::as_str))),
        ]);
        pairs.push(("groupingConfiguration", configuration));
    }
    object(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::Severity;

    const FULL: &str = "
id: 2B4C5D6E-0000-4000-8000-000000000001
name: Example
description: |
  'Finds an example.'
severity: Medium
status: Available
kind: Scheduled
version: 1.2.3
requiredDataConnectors:
  - connectorId: AzureActiveDirectory
    dataTypes:
      - SigninLogs
queryFrequency: 1h
queryPeriod: 1.00:00:00
triggerOperator: GreaterThan
triggerThreshold: 3
tactics: [InitialAccess, CredentialAccess]
relevantTechniques: [T1110.003, T1078]
query: SigninLogs | take 1
entityMappings:
  - entityType: Account
    fieldMappings:
      - identifier: FullName
        columnName: UserPrincipalName
      - identifier: AadUserId
        columnName: UserId
customDetails:
  Attempts: Count
alertDetailsOverride:
  alertDisplayNameFormat: Spray from {{IPAddress}}
  alertSeverityColumnName: AlertSeverity
  alertDynamicProperties:
    - alertProperty: AlertLink
      value: Link
eventGroupingSettings:
  aggregationKind: AlertPerResult
incidentConfiguration:
  createIncident: true
  groupingConfiguration:
    enabled: true
    reopenClosedIncident: false
    lookbackDuration: PT5H
    matchingMethod: Selected
    groupByEntities: [Account]
    groupByAlertDetails: []
    groupByCustomDetails: [Attempts]
suppressionEnabled: true
suppressionDuration: PT1H
tags:
  - a
metadata:
  source:
    kind: Community
";

    #[test]
    fn a_published_rule_is_read_whole() {
        let rule = parse_rule("full.yaml", FULL).expect("valid");
        assert_eq!(rule.id, "2b4c5d6e-0000-4000-8000-000000000001");
        assert_eq!(rule.description, "Finds an example.");
        assert_eq!((rule.severity, rule.enabled, rule.kind), (Severity::Medium, true, RuleKind::Scheduled));
        assert_eq!((rule.frequency, rule.period), (TimeDelta::hours(1), TimeDelta::days(1)));
        assert_eq!(rule.trigger, Trigger { operator: TriggerOperator::GreaterThan, threshold: 3 });
        assert_eq!(rule.techniques, ["T1078", "T1110.003"]);
        assert_eq!(rule.entity_mappings[0].fields[1].column, "UserId");
        assert_eq!(rule.event_grouping, EventGrouping::AlertPerResult);
        assert_eq!(rule.suppression, Some(TimeDelta::hours(1)));
        let grouping = rule.incidents.grouping.as_ref().expect("enabled");
        assert_eq!((grouping.matching, grouping.lookback), (MatchingMethod::Selected, TimeDelta::hours(5)));
        assert_eq!(rule.unknown.len(), 2, "tags and metadata are kept");
    }

    #[test]
    fn a_rule_written_and_read_again_is_the_same() {
        let rule = parse_rule("full.yaml", FULL).expect("valid");
        let again = parse_rule("full.yaml", &rule.to_yaml()).expect("valid");
        assert_eq!(rule, again);
    }

    #[test]
    fn the_least_a_rule_needs_gets_the_products_defaults() {
        let rule = parse_rule("small.yaml", &minimal("")).expect("valid");
        assert_eq!(
            (rule.kind, rule.event_grouping, rule.suppression),
            (RuleKind::Scheduled, EventGrouping::SingleAlert, None)
        );
        assert_eq!(rule.incidents, IncidentSettings::default());
    }

    #[test]
    fn a_near_real_time_rule_needs_no_schedule() {
        let text = "id: 2b4c5d6e-0000-4000-8000-000000000001\nname: N\nkind: NRT\nseverity: Low\nquery: SigninLogs";
        let rule = parse_rule("nrt.yaml", text).expect("valid");
        assert_eq!((rule.frequency, rule.period, rule.trigger.threshold), (NRT_PERIOD, NRT_PERIOD, 0));
        assert_eq!(parse_rule("nrt.yaml", &rule.to_yaml()), Ok(rule));
    }

    fn minimal(more: &str) -> String {
        let base = "id: 2b4c5d6e-0000-4000-8000-000000000001\nname: N\nseverity: Low\nqueryFrequency: 5m\nqueryPeriod: 1h\n\
                    triggerOperator: gt\ntriggerThreshold: 0\nquery: SigninLogs\n";
        let replaced: Vec<&str> = more.lines().filter_map(|line| line.split_once(':').map(|(name, _)| name)).collect();
        let kept = base.lines().filter(|line| !replaced.iter().any(|name| line.starts_with(&format!("{name}:"))));
        kept.chain(more.lines()).fold(String::new(), |text, line| text + line + "\n")
    }

    #[test]
    fn what_is_wrong_is_said_with_field_and_value() {
        let many = "entityMappings:\n".to_owned()
            + &"  - {entityType: IP, fieldMappings: [{identifier: Address, columnName: a}]}\n".repeat(11);
        let cases = [
            ("kind: Fusion", "kind", "`Fusion`"),
            ("id: 12", "id", "`12`"),
            ("severity: Urgent", "severity", "`Urgent`"),
            ("severity:", "severity", "missing"),
            ("query: ''", "query", "missing"),
            ("queryFrequency: soon", "queryFrequency", "`soon`"),
            ("queryFrequency: 1m", "queryFrequency", "`1m`"),
            ("queryPeriod: 30d", "queryPeriod", "`30d`"),
            ("queryFrequency: 2h", "queryPeriod", "`1h`"),
            ("triggerOperator: like", "triggerOperator", "`like`"),
            ("triggerThreshold: -1", "triggerThreshold", "`-1`"),
            ("tactics: [Cunning]", "tactics[0]", "`Cunning`"),
            ("relevantTechniques: [X1]", "relevantTechniques[0]", "`X1`"),
            ("enabled: perhaps", "enabled", "`perhaps`"),
            (&many, "entityMappings", "`11`"),
            ("entityMappings: [{entityType: Ghost}]", "entityMappings[0].entityType", "`Ghost`"),
            ("entityMappings: [{entityType: IP}]", "entityMappings[0].fieldMappings", "`0`"),
            (
                "entityMappings: [{entityType: IP, fieldMappings: [{identifier: Name, columnName: a}]}]",
                "entityMappings[0].fieldMappings[0].identifier",
                "`Name`",
            ),
            ("entityMappings: [3]", "entityMappings[0]", "`3`"),
            ("customDetails: {a: [1]}", "customDetails.a", "a list"),
            ("eventGroupingSettings: {aggregationKind: All}", "eventGroupingSettings.aggregationKind", "`All`"),
            (
                "incidentConfiguration: {groupingConfiguration: {enabled: true, matchingMethod: Selected}}",
                "incidentConfiguration.groupingConfiguration.matchingMethod",
                "`Selected`",
            ),
            ("suppressionEnabled: true", "suppressionDuration", "missing"),
        ];
        for (more, field, value) in cases {
            let error = parse_rule("bad.yaml", &minimal(more)).expect_err(more);
            assert_eq!(error.field, field, "{more}: {error}");
            assert!(error.problem.contains(value), "{more}: {error}");
            assert!(error.to_string().starts_with("bad.yaml: field `"), "{error}");
        }
    }

    #[test]
    fn what_is_no_rule_is_an_error_and_no_panic() {
        for text in ["", "[]", "3", "a: [", "\u{feff}", "? [a]\n: b", "!!x y"] {
            assert!(parse_rule("bad.yaml", text).is_err(), "{text}");
        }
    }
}
