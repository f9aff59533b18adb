//! Within what a name means something: a tenant, or everywhere.

use std::collections::BTreeSet;
use std::net::IpAddr;

use schema::{Alert, Entity, EntityKind};

/// The tenants of a set of alerts.
pub(crate) struct Scopes<'a> {
    /// The only tenant, where there is just one: alerts without a tenant are taken to be of it.
    only: Option<&'a str>,
    several: bool,
}

impl<'a> Scopes<'a> {
    pub(crate) fn of(alerts: &[&'a Alert]) -> Self {
        let tenants: BTreeSet<&str> = alerts.iter().filter_map(|alert| alert.tenant.as_deref()).collect();
        let several = tenants.len() > 1;
        Self { only: tenants.into_iter().next().filter(|_| !several), several }
    }

    /// The tenant that an alert belongs to.
    pub(crate) fn tenant(&self, alert: &'a Alert) -> Option<&'a str> {
        alert.tenant.as_deref().or(self.only)
    }

    /// The identities by which an alert's entity may join it with other alerts. Those that mean something within a tenant only carry
    /// it. Where there are several tenants and the alert names none, a name must tell by itself whose it is.
    pub(crate) fn keys(&self, alert: &Alert, entity: &Entity) -> Vec<String> {
        let keys = entity.strong_keys();
        if is_public(entity) || !self.several {
            return keys;
        }
        match alert.tenant.as_deref() {
            Some(tenant) => keys.into_iter().map(|key| format!("{tenant}/{key}")).collect(),
            None => keys.into_iter().filter(|key| tells_whose(entity, key)).collect(),
        }
    }
}

/// An address that means the same to everybody.
fn is_public(entity: &Entity) -> bool {
    let address =
        entity.identifier("Address").filter(|_| entity.kind == EntityKind::Ip).and_then(|text| text.parse().ok());
    match address {
        Some(IpAddr::V4(address)) => {
            let shared = address.octets()[0] == 100 && (64..128).contains(&address.octets()[1]);
            !address.is_private()
                && !address.is_loopback()
                && !address.is_link_local()
                && !address.is_unspecified()
                && !shared
        }
        Some(IpAddr::V6(address)) => {
            !address.is_unique_local()
                && !address.is_loopback()
                && !address.is_unicast_link_local()
                && !address.is_unspecified()
        }
        None => false,
    }
}

/// A private address and a bare host name are the same in every company.
fn tells_whose(entity: &Entity, key: &str) -> bool {
    match entity.kind {
        EntityKind::Ip => false,
        EntityKind::Host => key.contains(['.', '\\']) || entity.identifier("AzureID").is_some(),
        _ => true,
    }
}
