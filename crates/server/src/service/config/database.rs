//! Where users, tokens and settings lie.

use std::path::Path;

use database::DatabaseLocation;
use serde::Deserialize;

use super::{ConfigError, Secret};

/// The state of the service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DatabaseConfig {
    /// `postgres://…`, which holds a password; without it the state lies in the workspace, in `database.sqlite`.
    pub(crate) url: Option<Secret>,
}

impl DatabaseConfig {
    /// The place.
    ///
    /// # Errors
    /// When the secret cannot be read or its value is no URL of PostgreSQL.
    pub(crate) fn location(&self, workspace: &Path) -> Result<DatabaseLocation, ConfigError> {
        let url = self.url.as_ref().map(|url| url.read("database.url")).transpose()?;
        DatabaseLocation::new(url.as_deref(), workspace)
            .map_err(|error| ConfigError::new("database.url", error.to_string()))
    }
}
