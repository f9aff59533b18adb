//! Why a query has no result, before it has a surface's form.

use std::time::Duration;

/// Where in a query something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub position: usize,
    /// What stands there.
    pub token: String,
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// The request is not one: its body, a header, an option.
    BadRequest,
    /// The text is not KQL.
    Syntax {
        /// Such as `SYN0002`.
        code: &'static str,
        /// Where.
        place: Place,
    },
    /// The text is KQL that cannot run here.
    Semantic {
        /// Such as `SEM0100`.
        code: &'static str,
        /// Where.
        place: Place,
    },
    /// A database, workspace or table that is not there.
    NotFound {
        /// `Database`, `Table`, `Workspace`, `Path`, as the field names it.
        entity: &'static str,
    },
    /// A command that the caller may not give.
    Forbidden,
    /// A management command that is not supported.
    Unsupported,
    /// The query took longer than it may.
    Timeout {
        /// How long it could take.
        limit: Duration,
    },
    /// The query needs more memory than it may have.
    OutOfMemory,
    /// Too many queries at once.
    Throttled {
        /// When to try again.
        retry_after: Duration,
    },
    /// Its client went away, or somebody cancelled it.
    Cancelled,
    /// Something is wrong on this side.
    Internal,
}

/// Why there is no result, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Of which kind.
    pub kind: FailureKind,
    /// What failed, for people: without prefix, code or place.
    pub message: String,
}

impl Failure {
    /// A failure.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// The request is not one.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(FailureKind::BadRequest, message)
    }

    /// There is no such thing.
    pub fn not_found(entity: &'static str, name: &str) -> Self {
        Self::new(FailureKind::NotFound { entity }, format!("Entity ID '{name}' of kind '{entity}' was not found."))
    }

    /// The HTTP status that every surface answers with.
    pub fn status(&self) -> u16 {
        match self.kind {
            FailureKind::BadRequest
            | FailureKind::Syntax { .. }
            | FailureKind::Semantic { .. }
            | FailureKind::Unsupported
            | FailureKind::OutOfMemory => 400,
            FailureKind::NotFound { entity: "Workspace" | "Path" } => 404,
            // Kusto answers 400 for a database or table that is not there.
            FailureKind::NotFound { .. } => 400,
            FailureKind::Forbidden => 403,
            FailureKind::Throttled { .. } => 429,
            // The status that proxies log for a client that left: nobody reads it.
            FailureKind::Cancelled => 499,
            FailureKind::Timeout { .. } => 504,
            FailureKind::Internal => 500,
        }
    }

    /// Seconds of the `Retry-After` header, where there is one: at least 1.
    pub fn retry_after(&self) -> Option<u64> {
        match self.kind {
            FailureKind::Throttled { retry_after } => Some(retry_after.as_secs().max(1)),
            _ => None,
        }
    }

    /// Where in the query.
    pub fn place(&self) -> Option<(&'static str, &Place)> {
        match &self.kind {
            FailureKind::Syntax { code, place } | FailureKind::Semantic { code, place } => Some((code, place)),
            _ => None,
        }
    }
}
