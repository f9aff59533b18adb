//! The context that a workspace keeps.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::UNIX_EPOCH;

use detections::Context;

use crate::Error;

/// Its file in a workspace.
const FILE: &str = "context.json";

/// A context and when it was stored.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoredContext {
    /// The entries.
    pub(crate) context: Context,
    /// When it was written, in microseconds since the epoch; 0 where it never was.
    pub(crate) written: i64,
}

impl StoredContext {
    /// Where a workspace keeps it.
    pub(crate) fn file(folder: &Path) -> std::path::PathBuf {
        folder.join(FILE)
    }

    /// A context that is not stored yet.
    pub(crate) fn new(context: Context) -> Self {
        Self { context, written: 0 }
    }

    /// That of a workspace; an empty one where it keeps none.
    pub(crate) fn read(workspace: &Path) -> Result<Self, Error> {
        let path = workspace.join(FILE);
        let failed = |why: String| {
            Error::new(format!("failed to read the context in `{}`: {why}", path.display()))
                .with_hint("remove the file and investigate again to have it made anew")
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(failed(error.to_string())),
        };
        let written = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok();
        let written = written.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let written = written.and_then(|since| i64::try_from(since.as_micros()).ok()).unwrap_or_default();
        let context = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
        Ok(Self { context, written })
    }

    /// Whether a workspace keeps one.
    pub(crate) fn is_kept(workspace: &Path) -> bool {
        workspace.join(FILE).is_file()
    }

    /// Puts it into a workspace, in place of the one before, all at once.
    pub(crate) fn write(&self, workspace: &Path) -> Result<(), Error> {
        let failed =
            |why: String| Error::new(format!("failed to write the context to `{}`: {why}", workspace.display()));
        let text = serde_json::to_string_pretty(&self.context).map_err(|error| failed(error.to_string()))?;
        let mut file = tempfile::NamedTempFile::new_in(workspace).map_err(|error| failed(error.to_string()))?;
        file.write_all(text.as_bytes()).map_err(|error| failed(error.to_string()))?;
        file.as_file().sync_all().map_err(|error| failed(error.to_string()))?;
        file.persist(workspace.join(FILE)).map_err(|error| failed(error.to_string()))?;
        Ok(())
    }
}
