//! The one error that callers of this crate see.

use std::fmt::{self, Display};

/// What failed, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Lower-case start, values in backticks, no full stop.
    pub message: String,
    /// What to do, where there is something.
    pub hint: Option<String>,
}

impl Error {
    /// An error without hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// An error with its causes. What its text has on further lines is the hint.
    pub(crate) fn with_causes(error: &dyn std::error::Error) -> Self {
        let text = error.to_string();
        let (message, hint) = text.split_once('\n').map_or((text.as_str(), None), |(text, hint)| (text, Some(hint)));
        let causes = std::iter::successors(error.source(), |cause| cause.source());
        let message = causes.fold(message.to_owned(), |text, cause| format!("{text}: {cause}"));
        Self { message, hint: hint.map(str::to_owned) }
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<storage::StorageError> for Error {
    fn from(error: storage::StorageError) -> Self {
        let converted = Self::with_causes(&error);
        match error.hint() {
            // Nothing works on the workspace until that is done.
            Some(hint) if matches!(error, storage::StorageError::DamagedLog { .. }) => converted.with_hint(hint),
            _ => converted,
        }
    }
}
