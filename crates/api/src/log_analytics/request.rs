//! A query of Log Analytics.

use serde_json::{Map, Value as Json};

use crate::body::{BodyError, get, object, text};

/// A query of Log Analytics.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogAnalyticsRequest {
    /// KQL.
    pub query: String,
    /// The time range as the client wrote it (see [`crate::timespan`]); empty is none.
    pub timespan: Option<String>,
    /// Further workspaces, by id, name or resource id.
    pub workspaces: Vec<String>,
}

impl LogAnalyticsRequest {
    /// Reads `{"query","timespan","workspaces"}`.
    ///
    /// # Errors
    /// Where the body is no such object.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        Self::of_object(&object(body)?)
    }

    pub(super) fn of_object(body: &Map<String, Json>) -> Result<Self, BodyError> {
        let listed = ["workspaces", "additionalWorkspaces", "resources"];
        let mut workspaces = Vec::new();
        for key in listed {
            match get(body, key) {
                None => {}
                Some(Json::Array(names)) => {
                    for name in names {
                        let name = name
                            .as_str()
                            .ok_or_else(|| BodyError::new(format!("`{key}` has an entry that is not a string")))?;
                        workspaces.push(name.to_owned());
                    }
                }
                Some(_) => return Err(BodyError::new(format!("`{key}` is not a list"))),
            }
        }
        Self::of_parts(text(body, "query")?, text(body, "timespan")?, workspaces)
    }

    /// Reads what the address of a GET request has.
    ///
    /// # Errors
    /// Where there is no query.
    pub fn of_address(query: Option<String>, timespan: Option<String>) -> Result<Self, BodyError> {
        Self::of_parts(query, timespan, Vec::new())
    }

    fn of_parts(query: Option<String>, timespan: Option<String>, workspaces: Vec<String>) -> Result<Self, BodyError> {
        let query =
            query.filter(|query| !query.trim().is_empty()).ok_or_else(|| BodyError::new("`query` has no text"))?;
        Ok(Self { query, timespan: timespan.filter(|text| !text.trim().is_empty()), workspaces })
    }
}
