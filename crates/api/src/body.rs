//! Reading JSON bodies whose keys come in any case.

use serde_json::{Map, Value as Json};

/// Why a request's body is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BodyError(pub String);

impl BodyError {
    /// What failed.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// The body as an object.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Json>, BodyError> {
    // A byte order mark is what some clients of .NET send.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match serde_json::from_slice(body) {
        Ok(Json::Object(map)) => Ok(map),
        Ok(_) => Err(BodyError::new("request body is not a JSON object")),
        Err(error) => Err(BodyError::new(format!("request body is not JSON: {error}"))),
    }
}

/// The value of a key in any case; JSON's null is none.
pub(crate) fn get<'a>(map: &'a Map<String, Json>, key: &str) -> Option<&'a Json> {
    let exact = map.get(key);
    let found = exact.or_else(|| map.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value));
    found.filter(|value| !value.is_null())
}

/// A text; an error where it is something else.
pub(crate) fn text(map: &Map<String, Json>, key: &str) -> Result<Option<String>, BodyError> {
    match get(map, key) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(BodyError::new(format!("`{key}` is not a string"))),
    }
}

/// A truth value, also as text, as many clients send it.
pub(crate) fn flag(map: &Map<String, Json>, key: &str) -> Result<Option<bool>, BodyError> {
    match get(map, key) {
        None => Ok(None),
        Some(Json::Bool(value)) => Ok(Some(*value)),
        Some(Json::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(Json::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(other) => Err(BodyError::new(format!("`{key}` is neither true nor false: `{other}`"))),
    }
}
