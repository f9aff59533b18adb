//! What an alert is about: one row of `AlertEvidence` and an entity of `SecurityAlert` each.

use chrono::{DateTime, Utc};
use schema::{Entity, EntityKind};

use super::evidence_shapes::{Shape, shape_of};
use super::loose::Loose;
use crate::json::JsonObject;

/// Names of the field that holds the kind.
const KIND_FIELDS: [&str; 2] = ["@odata.type", "entityType"];

/// How the name of a kind of Graph begins.
const GRAPH_PREFIX: &str = "microsoftgraphsecurity";

/// Roles of Graph (`evidenceRole`) that say that the thing suffered.
const IMPACTED_ROLES: [&str; 4] = ["compromised", "attacked", "destination", "loaded"];

/// A piece of evidence.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Evidence {
    /// `AlertEvidence.EntityType`.
    pub entity_type: String,
    /// When it was added to the alert, where that is said.
    pub time: Option<DateTime<Utc>>,
    /// `Impacted`, `Related`, or nothing where no role is given.
    pub role: &'static str,
    /// `Source`, `Destination` or nothing.
    pub direction: &'static str,
    /// Columns of `AlertEvidence` with their values.
    pub columns: Vec<(&'static str, String)>,
    /// The Sentinel entity, where the facts identify one.
    pub entity: Option<Entity>,
    /// The object as it was, as JSON; it goes to `AdditionalFields`.
    pub json: String,
}

impl Evidence {
    /// Reads an object of `evidence` or `entities`.
    pub fn read(object: &JsonObject) -> Self {
        let loose = Loose(object);
        let written = loose.text(&KIND_FIELDS).unwrap_or_default();
        let kind = kind_key(&written);
        let shape = shape_of(&kind);
        let roles = loose.texts(&["roles"]);
        Self {
            entity_type: shape.map_or_else(|| plain_kind(&written), |shape| shape.entity_type.to_owned()),
            time: loose.time(&["createdDateTime", "evidenceCreationTime"]),
            role: role(&roles),
            direction: direction(&roles),
            json: to_json(object),
            ..shape.map_or_else(Self::default, |shape| Self::by_shape(shape, loose))
        }
    }

    /// Reads a device of the incidents API, or an alert of Defender for Endpoint as the machine that it is about.
    pub fn machine(object: &JsonObject) -> Option<Self> {
        let shape = shape_of("device")?;
        let evidence = Self::by_shape(shape, Loose(object));
        let named = evidence.columns.iter().any(|(column, _)| matches!(*column, "DeviceName" | "DeviceId"));
        named.then(|| Self { entity_type: shape.entity_type.to_owned(), ..evidence })
    }

    /// Reads an object with the fields of an account.
    pub fn user(object: &JsonObject) -> Option<Self> {
        let shape = shape_of("user")?;
        let evidence = Self::by_shape(shape, Loose(object));
        let json = to_json(object);
        (!evidence.columns.is_empty()).then(|| Self { entity_type: shape.entity_type.to_owned(), json, ..evidence })
    }

    fn by_shape(shape: &Shape, loose: Loose) -> Self {
        let mut columns = Vec::new();
        let mut identifiers: Vec<(&'static str, String)> = Vec::new();
        for fact in shape.facts {
            let Some(value) = fact.paths.iter().find_map(|path| loose.path(path)) else { continue };
            if !fact.identifier.is_empty() {
                identifiers.push((fact.identifier, value.clone()));
            }
            if !fact.column.is_empty() {
                columns.push((fact.column, value));
            }
        }
        let entity = shape.kind.and_then(|kind| Entity::new(kind, identifiers));
        Self { columns, entity, ..Self::default() }
    }

    /// The value of a column of `AlertEvidence`.
    pub fn column(&self, name: &str) -> Option<&str> {
        self.columns.iter().find(|(column, _)| *column == name).map(|(_, value)| value.as_str())
    }

    /// A name for `CompromisedEntity`, where this is a machine or an account.
    pub fn compromised_name(&self) -> Option<String> {
        let entity = self.entity.as_ref()?;
        matches!(entity.kind, EntityKind::Host | EntityKind::Account).then(|| entity.friendly_name())
    }
}

/// `#microsoft.graph.security.userEvidence` as `user`.
fn kind_key(written: &str) -> String {
    let key: String =
        written.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect();
    let key = key.strip_prefix(GRAPH_PREFIX).unwrap_or(&key);
    key.strip_suffix("evidence").unwrap_or(key).to_owned()
}

/// `#microsoft.graph.security.blobEvidence` as `Blob`.
fn plain_kind(written: &str) -> String {
    let name = written.rsplit('.').next().unwrap_or(written).trim_start_matches('#');
    let name = name.strip_suffix("Evidence").unwrap_or(name);
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

fn role(roles: &[String]) -> &'static str {
    let impacted = |role: &String| IMPACTED_ROLES.iter().any(|impacted| role.eq_ignore_ascii_case(impacted));
    match roles {
        [] => "",
        roles if roles.iter().any(impacted) => "Impacted",
        _ => "Related",
    }
}

fn direction(roles: &[String]) -> &'static str {
    let has = |name: &str| roles.iter().any(|role| role.eq_ignore_ascii_case(name));
    if has("source") {
        "Source"
    } else if has("destination") {
        "Destination"
    } else {
        ""
    }
}

/// The object as JSON, without nulls.
pub(super) fn to_json(object: &JsonObject) -> String {
    let mut json = String::from("{");
    for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&crate::json::quote(name));
        json.push(':');
        json.push_str(&value.to_json());
    }
    json.push('}');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Evidence {
        Evidence::read(&JsonObject::parse(json).unwrap())
    }

    #[test]
    fn graph_and_the_incidents_api_say_the_same() {
        let graph = read(
            r##"{"@odata.type":"#microsoft.graph.security.userEvidence","roles":["compromised"],
                "userAccount":{"accountName":"ada","domainName":"CONTOSO","userPrincipalName":"ada@contoso.com"}}"##,
        );
        let legacy = read(
            r#"{"entityType":"User","accountName":"ada","domainName":"CONTOSO","userPrincipalName":"ada@contoso.com"}"#,
        );
        let snake = read(
            r##"{"@odata.type":"#microsoft.graph.security.userEvidence",
                "user_account":{"account_name":"ada","domain_name":"CONTOSO","user_principal_name":"ada@contoso.com"}}"##,
        );
        assert_eq!((&graph.columns, &graph.entity), (&legacy.columns, &legacy.entity));
        assert_eq!((&graph.columns, &graph.entity), (&snake.columns, &snake.entity));
        assert_eq!((graph.entity_type.as_str(), graph.role, legacy.role), ("User", "Impacted", ""));
        assert_eq!(graph.compromised_name().as_deref(), Some("ada@contoso.com"));
    }

    #[test]
    fn a_kind_without_a_shape_keeps_its_name_and_its_object() {
        let evidence = read(r##"{"@odata.type":"#microsoft.graph.security.blobEvidence","name":"b","x":null}"##);
        assert_eq!((evidence.entity_type.as_str(), evidence.entity.is_none()), ("Blob", true));
        assert!(evidence.json.ends_with(r#""name":"b"}"#), "{}", evidence.json);
    }

    #[test]
    fn columns_are_columns_of_alert_evidence() {
        let table = schema::table("AlertEvidence").unwrap();
        for shape in super::super::evidence_shapes::SHAPES.iter().chain([&super::super::evidence_shapes::RESOURCE]) {
            for fact in shape.facts {
                assert!(fact.column.is_empty() || table.column(fact.column).is_some(), "{}", fact.column);
                let known = |kind: EntityKind| kind.identifiers().contains(&fact.identifier);
                assert!(fact.identifier.is_empty() || shape.kind.is_some_and(known), "{}", fact.identifier);
            }
        }
    }
}
