//! Where the workspace lies.

use std::path::PathBuf;

use serde::Deserialize;

/// The workspace that is served.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WorkspaceConfig {
    /// Its folder; made where there is none.
    pub(crate) path: PathBuf,
}

impl Default for WorkspaceConfig {
    fn default() -> Self {
        Self { path: PathBuf::from("workspace") }
    }
}
