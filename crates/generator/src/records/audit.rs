//! One change in the directory, before any envelope.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::guid::Guid;
use crate::random::Random;
use crate::tenant::people::User;

/// Who made a change.
#[derive(Debug, Clone)]
pub(crate) enum Initiator<'t> {
    /// A person, from an address.
    User { user: &'t User, ip: IpAddr },
    /// A service or program, by name and service principal id.
    App { name: Cow<'t, str>, id: Guid },
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
        Self { kind: "User", id: user.object_id.to_string(), display_name: None, upn, app_id: None, modified }
    }

    /// An application or service principal with its application id.
    pub(crate) fn program(
        kind: &'static str,
        id: Guid,
        app_id: impl ToString,
        name: &str,
        modified: Vec<Modified>,
    ) -> Self {
        Self { app_id: Some(app_id.to_string()), ..Self::named(kind, id, name, modified) }
    }

    /// A group, device or service principal.
    pub(crate) fn named(kind: &'static str, id: Guid, name: &str, modified: Vec<Modified>) -> Self {
        Self { kind, id: id.to_string(), display_name: Some(name.into()), upn: None, app_id: None, modified }
    }
}

/// One change.
#[derive(Debug, Clone)]
pub(crate) struct Audit<'t> {
    pub(crate) id: String,
    pub(crate) correlation_id: Guid,
    /// As the product spells it, without the unified audit's final period.
    pub(crate) operation: &'static str,
    pub(crate) category: &'static str,
    /// `Add`, `Assign`, `Update`, …
    pub(crate) operation_type: &'static str,
    pub(crate) service: &'static str,
    pub(crate) initiator: Initiator<'t>,
    pub(crate) targets: Vec<Target>,
    pub(crate) user_agent: Option<&'static str>,
    /// `resultReason`: what the service or the person gives as the reason.
    pub(crate) reason: Cow<'static, str>,
    /// `additionalDetails`, name and value.
    pub(crate) details: Vec<(&'static str, String)>,
}

impl<'t> Audit<'t> {
    /// A change named `operation` (with its category and type), to be completed.
    pub(crate) fn new(
        (operation, category, operation_type): (&'static str, &'static str, &'static str),
        initiator: Initiator<'t>,
        targets: Vec<Target>,
        random: &mut Random,
    ) -> Self {
        let correlation_id = random.guid();
        Self {
            id: Self::identifier(correlation_id, random),
            correlation_id,
            operation,
            category,
            operation_type,
            service: "Core Directory",
            initiator,
            targets,
            user_agent: None,
            reason: "".into(),
            details: Vec::new(),
        }
    }

    /// Logged by `service`, with `reason` as the result's.
    pub(crate) fn logged_by(mut self, service: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        self.service = service;
        self.reason = reason.into();
        self
    }

    /// Makes the event part of the request `correlation_id`.
    pub(crate) fn in_request(mut self, correlation_id: Guid, random: &mut Random) -> Self {
        self.id = Self::identifier(correlation_id, random);
        self.correlation_id = correlation_id;
        self
    }

    fn identifier(correlation_id: Guid, random: &mut Random) -> String {
        format!("Directory_{correlation_id}_{}_{}", random.code(5), 10_000_000 + random.below(90_000_000))
    }

    /// The name in the envelope's `identity`.
    pub(crate) fn identity(&self) -> &str {
        match &self.initiator {
            Initiator::User { .. } => "",
            Initiator::App { name, .. } => name,
        }
    }

    /// The address of the initiator; a service has none.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        match &self.initiator {
            Initiator::User { ip, .. } => Some(*ip),
            Initiator::App { .. } => None,
        }
    }
}

/// A text as the log writes it for properties that are lists: `["text"]`.
pub(crate) fn listed(text: &str) -> Option<String> {
    let mut listed = String::from("[");
    crate::json::string(&mut listed, text);
    listed.push(']');
    Some(listed)
}

/// A text as the log writes it inside `oldValue` and `newValue`: as JSON.
pub(crate) fn quoted(text: &str) -> Option<String> {
    let mut quoted = String::new();
    crate::json::string(&mut quoted, text);
    Some(quoted)
}
