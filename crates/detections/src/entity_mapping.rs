//! From columns of a result row to entities.

use schema::{Entity, EntityKind};
use serde_json::{Map, Value};

use crate::Rule;

/// Most entities in an alert (the product's limit).
pub const MAX_ALERT_ENTITIES: usize = 500;

/// Columns by which rules named entities before they had mappings.
const CUSTOM_ENTITY_COLUMNS: [(&str, EntityKind, &str); 13] = [
    ("AccountCustomEntity", EntityKind::Account, "FullName"),
    ("HostCustomEntity", EntityKind::Host, "FullName"),
    ("IPCustomEntity", EntityKind::Ip, "Address"),
    ("URLCustomEntity", EntityKind::Url, "Url"),
    ("FileHashCustomEntity", EntityKind::FileHash, "Value"),
    ("FileCustomEntity", EntityKind::File, "Name"),
    ("DNSCustomEntity", EntityKind::Dns, "DomainName"),
    ("MalwareCustomEntity", EntityKind::Malware, "Name"),
    ("ProcessCustomEntity", EntityKind::Process, "CommandLine"),
    ("RegistryKeyCustomEntity", EntityKind::RegistryKey, "Key"),
    ("MailboxCustomEntity", EntityKind::Mailbox, "MailboxPrimaryAddress"),
    ("CloudApplicationCustomEntity", EntityKind::CloudApplication, "Name"),
    ("AzureResourceCustomEntity", EntityKind::AzureResource, "ResourceId"),
];

/// Which columns name one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityMapping {
    /// What it is.
    pub kind: EntityKind,
    /// One to three identifiers.
    pub fields: Vec<FieldMapping>,
}

/// An identifier and the column that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldMapping {
    /// Such as `UPNSuffix`.
    pub identifier: String,
    /// A column of the query's result.
    pub column: String,
}

/// The entities a row names, each once, in the order of the mappings.
pub(crate) fn entities_of(rule: &Rule, row: &Map<String, Value>) -> Vec<Entity> {
    let mut entities: Vec<Entity> = Vec::new();
    let mapped = rule.entity_mappings.iter().filter_map(|mapping| {
        let fields = mapping.fields.iter();
        Entity::new(
            mapping.kind,
            fields.filter_map(|field| Some((field.identifier.as_str(), scalar_text(row.get(&field.column)?)?))),
        )
    });
    let carried = rule.entities_columns.iter().filter_map(|column| row.get(column)).flat_map(carried_entities);
    let old_columns =
        CUSTOM_ENTITY_COLUMNS.iter().filter(|_| rule.entity_mappings.is_empty() && rule.entities_columns.is_empty());
    let named_by_column = old_columns
        .filter_map(|(column, kind, identifier)| Entity::new(*kind, [(*identifier, scalar_text(row.get(*column)?)?)]));
    for entity in mapped.chain(carried).chain(named_by_column) {
        add_entity(&mut entities, entity);
    }
    entities
}

/// Adds an entity unless it is there or the alert is full.
pub(crate) fn add_entity(entities: &mut Vec<Entity>, entity: Entity) {
    if entities.len() < MAX_ALERT_ENTITIES && !entities.contains(&entity) {
        entities.push(entity);
    }
}

/// Entities of a column that holds them as `SecurityAlert.Entities` does, as JSON or as JSON text.
fn carried_entities(value: &Value) -> Vec<Entity> {
    let parsed = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let list = parsed.as_ref().unwrap_or(value).as_array();
    list.into_iter().flatten().take(MAX_ALERT_ENTITIES).filter_map(Entity::from_sentinel_json).collect()
}

/// A scalar as text; `None` for what is absent and for lists and bags, which name no single thing.
fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::Array(_) | Value::Object(_) => None,
        other => value_text(other),
    }
}

/// A value as text: strings as they are, lists and bags as JSON; `None` for null and the empty string.
pub(crate) fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_rule;
    use serde_json::json;

    fn rule(mappings: &str) -> Rule {
        let base = "id: 2b4c5d6e-0000-4000-8000-000000000001\nname: N\nseverity: Low\nqueryFrequency: 5m\nqueryPeriod: 1h\n\
                    triggerOperator: gt\ntriggerThreshold: 0\nquery: SigninLogs\n";
        parse_rule("r.yaml", &format!("{base}{mappings}")).expect("valid")
    }

    fn names(rule: &Rule, row: Value) -> Vec<String> {
        entities_of(rule, row.as_object().expect("a row")).iter().map(Entity::key).collect()
    }

    #[test]
    fn mapped_columns_become_entities_once_each() {
        let rule = rule(
            "entityMappings:
  - {entityType: Account, fieldMappings: [{identifier: FullName, columnName: User}]}
  - {entityType: Account, fieldMappings: [{identifier: FullName, columnName: Actor}]}
  - {entityType: IP, fieldMappings: [{identifier: Address, columnName: IP}]}
  - {entityType: Host, fieldMappings: [{identifier: FullName, columnName: Computer}]}
",
        );
        let row = json!({"User": "a@b.c", "Actor": "a@b.c", "IP": "1.2.3.4:80", "Computer": "", "Other": "x"});
        assert_eq!(names(&rule, row), ["account:a@b.c", "ip:1.2.3.4"]);
        assert_eq!(names(&rule, json!({"User": ["a@b.c"], "IP": null})), Vec::<String>::new());
    }

    #[test]
    fn older_rules_name_entities_by_column() {
        let row = json!({"AccountCustomEntity": "CORP\\bob", "HostCustomEntity": "dc1.corp.local", "IPCustomEntity": "10.0.0.1"});
        assert_eq!(names(&rule(""), row.clone()), ["account:corp\\bob", "host:dc1.corp.local", "ip:10.0.0.1"]);
        let mapped = rule(
            "entityMappings: [{entityType: IP, fieldMappings: [{identifier: Address, columnName: IPCustomEntity}]}]",
        );
        assert_eq!(names(&mapped, row), ["ip:10.0.0.1"], "a mapping replaces the older columns");
    }

    #[test]
    fn entities_of_other_alerts_are_taken_over() {
        let rule = rule("sentinelEntitiesMappings: [{columnName: Entities}]");
        let text = r#"[{"$id":"2","Address":"10.0.0.1","Type":"ip"},{"$ref":"2"}]"#;
        assert_eq!(names(&rule, json!({"Entities": text})), ["ip:10.0.0.1"]);
        assert_eq!(names(&rule, json!({"Entities": "not JSON"})), Vec::<String>::new());
    }

    #[test]
    fn an_alert_takes_500_entities_and_no_more() {
        let mut entities = Vec::new();
        for number in 0..600_u32 {
            add_entity(&mut entities, Entity::account(&format!("user{number}@contoso.com")).expect("named"));
        }
        assert_eq!(entities.len(), MAX_ALERT_ENTITIES);
    }
}
