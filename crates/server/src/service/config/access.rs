//! Who may sign in, and how.

use std::collections::BTreeMap;

use access::SessionPolicy;
use chrono::TimeDelta;
use serde::Deserialize;

use super::{ConfigError, Secret, Span};

/// Signing in.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AccessConfig {
    /// How long a session lasts, however busy.
    pub(crate) session_lifetime: Span,
    /// How long a session lasts without a request.
    pub(crate) session_idle: Span,
    /// The client whose access tokens processes of this machine get without a secret, as virtual machines of Azure do. Every process and every user of
    /// the machine gets them, so there is none until one is named.
    pub(crate) managed_identity: Option<String>,
    /// OpenID providers by the name that stands in their routes.
    pub(crate) oidc: BTreeMap<String, OidcConfig>,
}

/// An OpenID provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OidcConfig {
    /// Its issuer URL, exactly as it says it itself.
    pub(crate) issuer: String,
    /// Our `client_id` there.
    pub(crate) client_id: String,
    /// Our secret there; none for a public client.
    #[serde(default)]
    pub(crate) client_secret: Option<Secret>,
    /// What to ask for beside `openid`.
    #[serde(default = "usual_scopes")]
    pub(crate) scopes: Vec<String>,
    /// The claim that names groups, such as `groups` or `realm_access.roles`.
    #[serde(default = "usual_group_claim")]
    pub(crate) group_claim: String,
    /// Whether whoever signs in there becomes a user here, with the roles of its groups and no others. Otherwise an administrator makes users first.
    #[serde(default)]
    pub(crate) create_users: bool,
}

fn usual_scopes() -> Vec<String> {
    vec!["profile".to_owned(), "email".to_owned()]
}

fn usual_group_claim() -> String {
    "groups".to_owned()
}

impl Default for AccessConfig {
    fn default() -> Self {
        let usual = SessionPolicy::default();
        let span = |time: TimeDelta| Span(time.to_std().unwrap_or_default());
        Self {
            session_lifetime: span(usual.lifetime),
            session_idle: span(usual.idle),
            managed_identity: None,
            oidc: BTreeMap::new(),
        }
    }
}

impl AccessConfig {
    /// How long sessions last.
    pub(crate) fn session_policy(&self) -> SessionPolicy {
        let usual = SessionPolicy::default();
        let time = |span: Span, usual| TimeDelta::from_std(span.0).unwrap_or(usual);
        SessionPolicy {
            lifetime: time(self.session_lifetime, usual.lifetime),
            idle: time(self.session_idle, usual.idle),
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (key, span) in [("session_lifetime", self.session_lifetime), ("session_idle", self.session_idle)] {
            if span.0.as_secs() < 60 {
                return Err(ConfigError::new(format!("access.{key}"), "a session cannot last less than a minute"));
            }
        }
        self.oidc.iter().try_for_each(|(name, provider)| provider.check(name))
    }
}

impl OidcConfig {
    fn check(&self, name: &str) -> Result<(), ConfigError> {
        let place = |key: &str| format!("access.oidc.{name}.{key}");
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            return Err(ConfigError::new(
                format!("access.oidc.{name}"),
                "a provider's name is letters, digits, `-` and `_`: it stands in a route",
            ));
        }
        let url = url::Url::parse(&self.issuer)
            .map_err(|_| ConfigError::new(place("issuer"), format!("`{}` is no URL", self.issuer)))?;
        let on_this_machine = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && on_this_machine) {
            let message =
                format!("`{}` is not `https`\nhint: only a provider on this machine may be asked without", self.issuer);
            return Err(ConfigError::new(place("issuer"), message));
        }
        match &self.client_secret {
            Some(secret) => secret.read(&place("client_secret")).map(|_| ()),
            None => Ok(()),
        }
    }
}
