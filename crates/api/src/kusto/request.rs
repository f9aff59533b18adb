//! The body of Kusto's query and management requests.

use serde_json::{Map, Value as Json};

use kql_functions::datetime::parse_datetime;
use kql_functions::timespan::parse_timespan;

use crate::body::{BodyError, flag, get, object, text};

/// A query or a management command.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KustoRequest {
    /// The database; empty where the client named none.
    pub database: String,
    /// KQL, or a command that starts with a dot.
    pub text: String,
    /// What the client asks of the run.
    pub options: KustoOptions,
    /// Values of `declare query_parameters`, as text (see `parameter_text`).
    pub parameters: Vec<(String, String)>,
}

/// The client request properties that change what an answer is. Others only tune Kusto's own machinery and are passed over.
///
/// <https://learn.microsoft.com/kusto/api/rest/request-properties>
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KustoOptions {
    /// `servertimeout` in ticks.
    pub server_timeout: Option<i64>,
    /// `norequesttimeout`: as long as the service allows.
    pub no_timeout: bool,
    /// `truncationmaxrecords`.
    pub truncation_records: Option<u64>,
    /// `truncationmaxsize` in bytes.
    pub truncation_bytes: Option<u64>,
    /// `notruncation`: as much as the service allows.
    pub no_truncation: bool,
    /// `deferpartialqueryfailures`: what is cut off is told as a status, not as an error among the rows.
    pub defer_partial_failures: bool,
    /// `request_readonly`: commands that change something are refused.
    pub read_only: bool,
    /// `query_now` in ticks.
    pub now: Option<i64>,
    /// `query_datascope`, read by [`includes_archive`]; absent where the client does not say.
    pub includes_archive: Option<bool>,
    /// `query_datetimescope_from` and `query_datetimescope_to` in ticks.
    pub scope: (Option<i64>, Option<i64>),
}

impl KustoRequest {
    /// Reads `{"db","csl","properties"}`; keys in any case, properties as an object or as its text.
    ///
    /// # Errors
    /// Where the body is no such object or an option has a value that it cannot have.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let body = object(body)?;
        let properties = match get(&body, "properties") {
            None => Map::new(),
            Some(value) => properties_of(value)?,
        };
        Self::of_parts(text(&body, "db")?, text(&body, "csl")?, &properties)
    }

    /// Reads what the address of a GET request has.
    ///
    /// # Errors
    /// As of [`KustoRequest::parse`].
    pub fn of_address(
        database: Option<String>,
        text: Option<String>,
        properties: Option<&str>,
    ) -> Result<Self, BodyError> {
        let properties = match properties {
            None | Some("") => Map::new(),
            Some(text) => properties_of(&Json::String(text.to_owned()))?,
        };
        Self::of_parts(database, text, &properties)
    }

    fn of_parts(
        database: Option<String>,
        text: Option<String>,
        properties: &Map<String, Json>,
    ) -> Result<Self, BodyError> {
        let text = text.filter(|text| !text.trim().is_empty()).ok_or_else(|| BodyError::new("`csl` has no text"))?;
        let options = match get(properties, "options") {
            None => KustoOptions::default(),
            Some(Json::Object(options)) => KustoOptions::parse(options)?,
            Some(_) => return Err(BodyError::new("`Options` is not an object")),
        };
        let parameters = match get(properties, "parameters") {
            None => Vec::new(),
            Some(Json::Object(parameters)) => {
                parameters.iter().map(parameter).collect::<Result<Vec<_>, BodyError>>()?
            }
            Some(_) => return Err(BodyError::new("`Parameters` is not an object")),
        };
        Ok(Self { database: database.unwrap_or_default(), text, options, parameters })
    }
}

fn properties_of(value: &Json) -> Result<Map<String, Json>, BodyError> {
    match value {
        Json::Object(map) => Ok(map.clone()),
        Json::String(text) if text.trim().is_empty() => Ok(Map::new()),
        Json::String(text) => match serde_json::from_str(text) {
            Ok(Json::Object(map)) => Ok(map),
            Ok(Json::Null) => Ok(Map::new()),
            Ok(_) => Err(BodyError::new("`properties` is not an object")),
            Err(error) => Err(BodyError::new(format!("`properties` is not JSON: {error}"))),
        },
        _ => Err(BodyError::new("`properties` is neither an object nor its text")),
    }
}

/// Values are strings that hold KQL literals; some clients send JSON's own numbers, truth values and lists.
fn parameter((name, value): (&String, &Json)) -> Result<(String, String), BodyError> {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Null => return Err(BodyError::new(format!("parameter `{name}` has no value"))),
        other => other.to_string(),
    };
    Ok((name.clone(), text))
}

impl KustoOptions {
    fn parse(options: &Map<String, Json>) -> Result<Self, BodyError> {
        Ok(Self {
            server_timeout: ticks(options, "servertimeout", parse_timespan)?,
            no_timeout: flag(options, "norequesttimeout")?.unwrap_or_default(),
            truncation_records: count(options, "truncationmaxrecords")?,
            truncation_bytes: count(options, "truncationmaxsize")?,
            no_truncation: flag(options, "notruncation")?.unwrap_or_default(),
            defer_partial_failures: flag(options, "deferpartialqueryfailures")?.unwrap_or_default(),
            read_only: flag(options, "request_readonly")?.unwrap_or_default()
                || flag(options, "request_readonly_hardline")?.unwrap_or_default(),
            now: ticks(options, "query_now", datetime_literal)?,
            includes_archive: datascope(options)?,
            scope: (
                ticks(options, "query_datetimescope_from", datetime_literal)?,
                ticks(options, "query_datetimescope_to", datetime_literal)?,
            ),
        })
    }
}

/// The request property that says of how much of the data a query is asked; also the name of the `set` statement that says so in its text.
pub const DATASCOPE: &str = "query_datascope";

/// Whether a value of [`DATASCOPE`] asks for archived rows too: of Kusto's values `all` does, `default` and `hotcache` do not. `None` for others.
pub fn includes_archive(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "all" => Some(true),
        "default" | "hotcache" => Some(false),
        _ => None,
    }
}

fn datascope(options: &Map<String, Json>) -> Result<Option<bool>, BodyError> {
    let Some(value) = text(options, DATASCOPE)? else { return Ok(None) };
    let known = includes_archive(&value);
    let unknown = || BodyError::new(format!("option `{DATASCOPE}` has no such value: `{value}`"));
    known.map(Some).ok_or_else(unknown)
}

/// A datetime as text, or as `datetime(text)`.
fn datetime_literal(text: &str) -> Option<i64> {
    let text = text.trim();
    let inner = text.strip_prefix("datetime(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    parse_datetime(inner)
}

fn ticks(options: &Map<String, Json>, key: &str, read: fn(&str) -> Option<i64>) -> Result<Option<i64>, BodyError> {
    let Some(text) = text(options, key)? else { return Ok(None) };
    read(&text).map(Some).ok_or_else(|| BodyError::new(format!("option `{key}` has no such value: `{text}`")))
}

fn count(options: &Map<String, Json>, key: &str) -> Result<Option<u64>, BodyError> {
    let found = match get(options, key) {
        None => return Ok(None),
        Some(Json::Number(number)) => number.as_u64(),
        Some(Json::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    found.map(Some).ok_or_else(|| BodyError::new(format!("option `{key}` is no count")))
}

#[cfg(test)]
mod tests {
    use kql_functions::datetime::TICKS_PER_SECOND;

    use super::*;

    #[test]
    fn properties_come_as_text_or_as_an_object_and_keys_in_any_case() {
        let python = br#"{"db":"D","csl":"T","properties":"{\"Options\":{\"servertimeout\":\"00:00:30\",\"notruncation\":true},\"Parameters\":{\"n\":\"5\"}}"}"#;
        let grafana = br#"{"DB":"D","Csl":"T","Properties":{"options":{"ServerTimeout":"0:00:30","notruncation":"true"},"parameters":{"n":5}},"querySource":"schema"}"#;
        let expected = KustoRequest {
            database: "D".to_owned(),
            text: "T".to_owned(),
            options: KustoOptions {
                server_timeout: Some(30 * TICKS_PER_SECOND),
                no_truncation: true,
                ..KustoOptions::default()
            },
            parameters: vec![("n".to_owned(), "5".to_owned())],
        };
        assert_eq!(KustoRequest::parse(python), Ok(expected.clone()));
        assert_eq!(KustoRequest::parse(grafana), Ok(expected));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (body, named) in [
            ("", "not JSON"),
            ("[]", "not a JSON object"),
            (r#"{"csl":"  "}"#, "`csl`"),
            (r#"{"csl":"T","db":5}"#, "`db`"),
            (r#"{"csl":"T","properties":"{"}"#, "`properties`"),
            (r#"{"csl":"T","properties":{"Options":{"servertimeout":"soon"}}}"#, "`servertimeout`"),
            (r#"{"csl":"T","properties":{"Options":{"truncationmaxrecords":-1}}}"#, "`truncationmaxrecords`"),
            (r#"{"csl":"T","properties":{"Options":{"query_datascope":"some"}}}"#, "`query_datascope`"),
        ] {
            let error = KustoRequest::parse(body.as_bytes()).expect_err(body);
            assert!(error.0.contains(named), "{body}: {error}");
        }
    }

    #[test]
    fn a_get_request_has_its_parts_in_the_address() {
        let request = KustoRequest::of_address(None, Some("print 1".to_owned()), Some(r#"{"Options":{}}"#));
        assert_eq!(request.map(|request| request.text), Ok("print 1".to_owned()));
        assert!(KustoRequest::of_address(None, None, None).is_err());
    }
}
