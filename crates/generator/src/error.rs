//! What can go wrong while a tenant is written or a truth file is read.

use std::path::PathBuf;

/// Why no tenant was generated, or why a truth file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// An option is outside its limits.
    #[error("`{option}` must be {expected}, not `{found}`")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What is allowed.
        expected: String,
        /// What was given.
        found: String,
    },
    /// The folder holds something that no earlier generation wrote.
    #[error("`{}` is not empty and holds no earlier demo tenant (no `truth.json`)", folder.display())]
    FolderInUse {
        /// The folder.
        folder: PathBuf,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried: `read`, `write`, `create`, `remove`.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// What takes the records cannot take them.
    #[error("cannot give records to `{to}`: {reason}")]
    Receiver {
        /// Where they should have gone.
        to: String,
        /// Why they did not.
        reason: String,
    },
    /// No worker threads could be started.
    #[error("cannot start worker threads: {source}")]
    Threads {
        /// The system's answer.
        source: rayon::ThreadPoolBuildError,
    },
    /// A truth file is not what this version writes.
    #[error("`{}` is no truth file: {source}", path.display())]
    Truth {
        /// The file.
        path: PathBuf,
        /// What the JSON reader found.
        source: serde_json::Error,
    },
}

impl GenerateError {
    /// An input or output error of `action` at `path`.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>, source: impl Into<std::io::Error>) -> Self {
        Self::Io { action, path: path.into(), source: source.into() }
    }
}
