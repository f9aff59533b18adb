//! Values that do not stand in the file.

use std::path::PathBuf;
use std::{env, fmt, fs};

use serde::Deserialize;

use super::ConfigError;

/// Where a secret is found: `{ env = "NAME" }` or `{ file = "path" }`.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Secret {
    /// In an environment variable.
    Env(String),
    /// In a file, whose last line feed does not count.
    File(PathBuf),
}

impl Secret {
    /// The value; `place` is the key, for the error.
    pub(crate) fn read(&self, place: &str) -> Result<String, ConfigError> {
        match self {
            Secret::Env(name) => env::var(name)
                .map_err(|_| ConfigError::new(place, format!("environment variable `{name}` is not set or not UTF-8"))),
            Secret::File(path) => fs::read_to_string(path)
                .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
                .map_err(|error| ConfigError::new(place, format!("cannot read `{}`: {error}", path.display()))),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Secret::Env(name) => write!(f, "env {name}"),
            Secret::File(path) => write!(f, "file {}", path.display()),
        }
    }
}
