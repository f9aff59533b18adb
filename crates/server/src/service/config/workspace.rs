//! Where the workspace lies.

use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;

/// The workspace that is served.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WorkspaceConfig {
    /// Its folder; made where there is none.
    pub(crate) path: PathBuf,
    /// Its name: that of the database of Kusto's surface too.
    pub(crate) name: String,
    /// Further names by which clients ask for it: ids of workspaces and names of databases that they are set up with.
    pub(crate) aliases: Vec<String>,
}

/// Longest name, as of a database in Azure Data Explorer.
const MAX_NAME_BYTES: usize = 1024;

impl WorkspaceConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let aliases = self.aliases.iter().map(|name| ("workspace.aliases", name));
        for (place, name) in std::iter::once(("workspace.name", &self.name)).chain(aliases) {
            if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
                return Err(ConfigError::new(place, format!("`{}` is no name of a workspace", name.escape_debug())));
            }
        }
        Ok(())
    }
}

impl Default for WorkspaceConfig {
    fn default() -> Self {
        Self { path: PathBuf::from("workspace"), name: "Vedette".to_owned(), aliases: Vec::new() }
    }
}
