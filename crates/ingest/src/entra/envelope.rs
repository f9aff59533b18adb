//! The envelope that diagnostic settings put around Entra records.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::json::{JsonObject, JsonValue};
use crate::time::parse_time;

/// What Log Analytics writes as the source of Entra rows.
pub(super) const SOURCE_SYSTEM: &str = "Azure AD";

/// The resource provider of the directory, which Log Analytics repeats in `Resource` and `ResourceGroup`.
pub(super) const RESOURCE: &str = "Microsoft.aadiam";

/// What diagnostic settings write for a missing address.
pub(super) const NO_VALUE: &str = "<null>";

/// A record of diagnostic settings, or the bare object of Graph.
pub(super) struct Envelope<'r, 'a> {
    /// The fields of the envelope; `None` for an object of Graph.
    pub outer: Option<&'r JsonObject<'a>>,
    /// The Graph object.
    pub properties: Cow<'r, JsonObject<'a>>,
}

impl<'r, 'a> Envelope<'r, 'a> {
    /// Takes the record apart; `None` when its `properties` are no object.
    pub fn open(object: &'r JsonObject<'a>) -> Option<Self> {
        if !object.has("properties") {
            return Some(Self { outer: None, properties: Cow::Borrowed(object) });
        }
        Some(Self { outer: Some(object), properties: object.object("properties")? })
    }

    /// A field of the envelope.
    pub fn outer(&self, name: &str) -> Option<&JsonValue<'a>> {
        self.outer.and_then(|outer| outer.get(name)).filter(|value| !value.is_null())
    }

    /// The time of the event: this property, or else the envelope's time of sending.
    pub fn time(&self, property: &str) -> Option<DateTime<Utc>> {
        self.property_time(property).or_else(|| self.sent())
    }

    /// The time in this property.
    pub fn property_time(&self, property: &str) -> Option<DateTime<Utc>> {
        self.properties.get(property).and_then(read_time)
    }

    /// When the record was sent, which is up to hours after the event.
    pub fn sent(&self) -> Option<DateTime<Utc>> {
        self.outer("time").and_then(read_time)
    }

    /// The address that the request came from.
    pub fn caller_address(&self) -> Option<&JsonValue<'a>> {
        self.outer("callerIpAddress").filter(|value| value.as_str().is_none_or(|text| text != NO_VALUE))
    }

    /// The tenant: named by the envelope, or part of its resource id.
    pub fn tenant(&self) -> Option<String> {
        let outer = self.outer?;
        if let Some(tenant) = outer.get_ignore_case("tenantId").and_then(JsonValue::as_str) {
            return Some(tenant.into_owned());
        }
        let resource = self.outer("resourceId")?.as_str()?;
        let mut parts = resource.split('/').skip_while(|part| !part.eq_ignore_ascii_case("tenants"));
        parts.nth(1).filter(|tenant| !tenant.is_empty()).map(str::to_owned)
    }
}

fn read_time(value: &JsonValue) -> Option<DateTime<Utc>> {
    value.as_str().and_then(|text| parse_time(&text))
}
