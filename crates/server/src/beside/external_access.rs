//! Which external files queries may read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Error;

/// The settings in a workspace.
const FILE: &str = "external-data.yaml";

/// Which external files `externaldata` may read; by default none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExternalAccess {
    /// Files below these folders.
    pub folders: Vec<PathBuf>,
    /// Files that these hosts serve over HTTPS.
    pub hosts: Vec<String>,
    /// Addresses that are answered from a local file.
    pub files: BTreeMap<String, PathBuf>,
}

impl ExternalAccess {
    /// Where a workspace keeps it.
    pub(super) fn file(folder: &Path) -> PathBuf {
        folder.join(FILE)
    }

    /// What `external-data.yaml` of a workspace allows; nothing where there is no such file. Its paths are relative to the
    /// workspace.
    pub(crate) fn of_workspace(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(FILE);
        if !path.is_file() {
            return Ok(Self::default());
        }
        let failed = |error: String| Error::new(format!("failed to read `{}`: {error}", path.display()));
        let text = fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
        let mut access: Self = serde_norway::from_str(&text).map_err(|error| {
            failed(error.to_string())
                .with_hint("its fields are `folders`, `hosts` and `files`, a file for each address")
        })?;
        access.folders.iter_mut().chain(access.files.values_mut()).for_each(|path| *path = folder.join(&*path));
        Ok(access)
    }

    /// Both together; `other` wins where both name an address.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.folders.extend(other.folders.iter().cloned());
        self.hosts.extend(other.hosts.iter().cloned());
        self.files.extend(other.files.iter().map(|(address, path)| (address.clone(), path.clone())));
        self
    }

    /// Whether files of that host may be fetched.
    pub(crate) fn allows_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    }

    /// The file, if it lies below an allowed folder; links count as where they lead.
    pub(crate) fn allowed_path(&self, path: &Path) -> Option<PathBuf> {
        let real = path.canonicalize().ok()?;
        let is_below = |folder: &PathBuf| folder.canonicalize().is_ok_and(|folder| real.starts_with(folder));
        self.folders.iter().any(is_below).then_some(real)
    }
}
