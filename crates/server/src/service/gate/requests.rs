//! Bodies of requests, and refusals of the database.

use std::error::Error as _;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use database::DatabaseError;
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::super::connection::Connection;
use super::super::refusal::Refusal;

/// Most bytes of a body of these routes: names, roles and lists of tables.
pub(super) const BODY_BYTES: usize = 64 << 10;

/// The longest name of a user, group, token or client, in characters.
const LONGEST_NAME: usize = 256;

/// How long a token or a secret may last at most: longer ones are forgotten ones.
const LONGEST_LIFE: TimeDelta = TimeDelta::days(3650);

/// A body as JSON.
pub(super) fn read_json<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::bad_request("BadRequest", format!("the body is not as this route wants it: {error}")))
}

/// A name that somebody gives to something.
pub(super) fn read_name(what: &str, name: &str) -> Result<String, Refusal> {
    let trimmed = name.trim();
    let proper =
        !trimmed.is_empty() && trimmed.chars().count() <= LONGEST_NAME && !trimmed.chars().any(char::is_control);
    if proper {
        return Ok(trimmed.to_owned());
    }
    let message = format!("the name of a {what} has 1 to {LONGEST_NAME} characters, none of them control characters");
    Err(Refusal::bad_request("BadRequest", message))
}

/// A time until which a secret is taken.
pub(super) fn read_expiry(
    expires: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Refusal> {
    match expires {
        Some(expires) if expires <= now => Err(Refusal::bad_request("BadRequest", format!("`{expires}` is over"))),
        Some(expires) if expires > now + LONGEST_LIFE => Err(Refusal::bad_request(
            "BadRequest",
            format!("`{expires}` is more than ten years away\nleave it out for no end"),
        )),
        expires => Ok(expires),
    }
}

/// Whoever connected, for lock-out and audit.
pub(super) fn address(parts: &Parts) -> String {
    parts
        .extensions
        .get::<Connection>()
        .map_or_else(|| "unknown".to_owned(), |connection| connection.peer.ip().to_string())
}

/// Whether a request came encrypted.
pub(super) fn is_tls(parts: &Parts) -> bool {
    parts.extensions.get::<Connection>().is_some_and(|connection| connection.is_tls)
}

/// Nothing of that id.
pub(super) fn not_found(what: &str, id: &str) -> Refusal {
    let id: String = id.chars().filter(|character| !character.is_control()).take(LONGEST_NAME).collect();
    Refusal::not_found("NotFound", format!("no {what} `{id}`"))
}

impl From<DatabaseError> for Refusal {
    fn from(error: DatabaseError) -> Self {
        match &error {
            DatabaseError::Taken { .. } | DatabaseError::Changed { .. } => {
                Refusal::new(StatusCode::CONFLICT, "Conflict", error.to_string())
            }
            DatabaseError::Unavailable(cause) => {
                tracing::error!(%cause, "the database cannot be reached");
                Refusal::unavailable(5, "the database cannot be reached; try again")
            }
            _ => {
                tracing::error!(%error, cause = error.source().map(ToString::to_string), "the database refused a statement");
                Refusal::internal("the database refused a statement; the log says which")
            }
        }
    }
}
