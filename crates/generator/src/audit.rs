//! One change in the directory, before any envelope, and its form in the Entra audit log.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::people::User;
use crate::random::Random;
use crate::timestamps;

/// Who made a change.
#[derive(Debug, Clone)]
pub(crate) enum Initiator {
    /// A person, from an address.
    User { id: String, upn: String, puid: String, ip: String },
    /// A service, by name and service principal id.
    App { name: String, id: String },
}

impl Initiator {
    /// `user` at `ip`.
    pub(crate) fn user(user: &User, ip: &str) -> Self {
        Self::User { id: user.object_id.clone(), upn: user.upn.clone(), puid: user.puid.clone(), ip: ip.into() }
    }
}

/// A property that a change set: name, JSON text before, JSON text after.
pub(crate) type Modified = (&'static str, Option<String>, Option<String>);

/// What a change was made to.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// `User`, `Group`, `ServicePrincipal`, `Device`.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) display_name: Option<String>,
    pub(crate) upn: Option<String>,
    /// Application id of a service principal.
    pub(crate) app_id: Option<String>,
    pub(crate) modified: Vec<Modified>,
}

impl Target {
    /// An account.
    pub(crate) fn user(user: &User, modified: Vec<Modified>) -> Self {
        let upn = Some(user.upn.clone());
        Self { kind: "User", id: user.object_id.clone(), display_name: None, upn, app_id: None, modified }
    }

    /// A group, device or service principal.
    pub(crate) fn named(kind: &'static str, id: &str, name: &str, modified: Vec<Modified>) -> Self {
        Self { kind, id: id.into(), display_name: Some(name.into()), upn: None, app_id: None, modified }
    }
}

/// One change.
#[derive(Debug, Clone)]
pub(crate) struct AuditEvent {
    pub(crate) time: DateTime<Utc>,
    pub(crate) id: String,
    pub(crate) correlation_id: String,
    /// As the product spells it, without the unified audit's final period.
    pub(crate) operation: &'static str,
    pub(crate) category: &'static str,
    /// `Add`, `Assign`, `Update`, …
    pub(crate) operation_type: &'static str,
    pub(crate) service: &'static str,
    pub(crate) initiator: Initiator,
    pub(crate) targets: Vec<Target>,
    pub(crate) user_agent: Option<&'static str>,
    pub(crate) mark: &'static str,
}

impl AuditEvent {
    /// A change named `operation` (with its category and type), to be completed.
    pub(crate) fn new(
        (operation, category, operation_type): (&'static str, &'static str, &'static str),
        initiator: Initiator,
        targets: Vec<Target>,
        time: DateTime<Utc>,
        random: &mut Random,
    ) -> Self {
        let correlation_id = random.guid();
        Self {
            time,
            id: Self::identifier(&correlation_id, random),
            correlation_id,
            operation,
            category,
            operation_type,
            service: "Core Directory",
            initiator,
            targets,
            user_agent: None,
            mark: "",
        }
    }

    /// Makes the event part of the request `correlation_id`.
    pub(crate) fn in_request(mut self, correlation_id: &str, random: &mut Random) -> Self {
        self.id = Self::identifier(correlation_id, random);
        self.correlation_id = correlation_id.into();
        self
    }

    fn identifier(correlation_id: &str, random: &mut Random) -> String {
        format!("Directory_{correlation_id}_{}_{}", random.code(5), 10_000_000 + random.below(90_000_000))
    }

    /// The name in the envelope's `identity`.
    pub(crate) fn identity(&self) -> &str {
        match &self.initiator {
            Initiator::User { .. } => "",
            Initiator::App { name, .. } => name,
        }
    }

    /// The address of the initiator, empty for a service.
    pub(crate) fn ip(&self) -> &str {
        match &self.initiator {
            Initiator::User { ip, .. } => ip,
            Initiator::App { .. } => "",
        }
    }

    /// The `properties` of the diagnostic settings, which are Graph's `directoryAudit`.
    pub(crate) fn properties(&self) -> Map<String, Value> {
        let initiated_by = match &self.initiator {
            Initiator::User { id, upn, ip, .. } => json!({
                "user": {"id": id, "displayName": null, "userPrincipalName": upn, "ipAddress": ip, "roles": []},
            }),
            Initiator::App { name, id } => json!({
                "app": {"appId": null, "displayName": name, "servicePrincipalId": id, "servicePrincipalName": null},
            }),
        };
        let details = match self.user_agent {
            Some(agent) => json!([{"key": "User-Agent", "value": agent}]),
            None => json!([]),
        };
        let mut object = Map::new();
        for (name, value) in [
            ("id", self.id.as_str()),
            ("category", self.category),
            ("correlationId", &self.correlation_id),
            ("result", "success"),
            ("resultReason", ""),
            ("activityDisplayName", self.operation),
            ("activityDateTime", &timestamps::ticks_offset(self.time)),
            ("loggedByService", self.service),
            ("operationType", self.operation_type),
        ] {
            object.insert(name.into(), value.into());
        }
        object.insert("userAgent".into(), Value::Null);
        object.insert("initiatedBy".into(), initiated_by);
        object.insert("targetResources".into(), self.targets.iter().map(target_resource).collect());
        object.insert("additionalDetails".into(), details);
        object
    }
}

fn target_resource(target: &Target) -> Value {
    let modified: Vec<Value> = target
        .modified
        .iter()
        .map(|(name, old, new)| json!({"displayName": name, "oldValue": old, "newValue": new}))
        .collect();
    let mut object = Map::new();
    object.insert("id".into(), target.id.clone().into());
    object.insert("displayName".into(), target.display_name.clone().into());
    object.insert("type".into(), target.kind.into());
    if let Some(upn) = &target.upn {
        object.insert("userPrincipalName".into(), upn.clone().into());
    }
    if target.kind == "Group" {
        object.insert("groupType".into(), "unifiedGroups".into());
    }
    object.insert("modifiedProperties".into(), modified.into());
    object.insert("administrativeUnits".into(), json!([]));
    Value::Object(object)
}

/// A text as the log writes it inside `oldValue` and `newValue`: as JSON.
pub(crate) fn quoted(text: &str) -> Option<String> {
    Some(Value::from(text).to_string())
}
