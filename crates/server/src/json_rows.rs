//! The rows of a query of ours as objects.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::catalog::WorkspaceCatalog;
use crate::query::query_error;
use crate::{Error, Session};

/// A row: column to value, without nulls and empty text.
pub(crate) type JsonRow = Map<String, Value>;

/// Runs a query of ours and takes its whole result. `range` is the time `[start, end)` that tables show.
pub(crate) fn json_rows(
    session: &Session,
    catalog: &WorkspaceCatalog,
    text: &str,
    range: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<Vec<JsonRow>, Error> {
    let result = session
        .query_on(catalog, text, DateTime::UNIX_EPOCH, range)
        .and_then(kql_engine::QueryResult::complete)
        .map_err(|error| query_error(&error, text))?;
    let names: Vec<&str> = result.columns.iter().map(|column| column.name.as_str()).collect();
    let is_empty = |value: &Value| value.is_null() || value.as_str().is_some_and(str::is_empty);
    let row = |values: Vec<Value>| -> JsonRow {
        let cells = names.iter().zip(values).filter(|(_, value)| !is_empty(value));
        cells.map(|(name, value)| ((*name).to_owned(), value)).collect()
    };
    Ok(result.rows_json().map(row).collect())
}

/// Text of a cell; empty where there is none.
pub(crate) fn text(row: &JsonRow, column: &str) -> String {
    match row.get(column) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// Number of a cell; 0 where there is none.
pub(crate) fn count(row: &JsonRow, column: &str) -> u64 {
    row.get(column).and_then(Value::as_u64).unwrap_or(0)
}

/// Time of a cell.
pub(crate) fn time(row: &JsonRow, column: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(row.get(column)?.as_str()?).ok().map(|time| time.with_timezone(&Utc))
}

/// A KQL list of strings, each quoted.
pub(crate) fn kql_list<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> String {
    values.into_iter().map(|value| kql_string(value.as_ref())).collect::<Vec<_>>().join(", ")
}

/// A KQL string literal.
pub(crate) fn kql_string(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for letter in value.chars() {
        match letter {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(letter);
            }
            control if control.is_control() => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A KQL datetime literal.
pub(crate) fn kql_time(at: DateTime<Utc>) -> String {
    format!("datetime({})", at.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_stay_inside_the_literal() {
        assert_eq!(kql_string("CORP\\o\"x\n"), r#""CORP\\o\"x ""#);
        assert_eq!(kql_list(["a", "b"]), r#""a", "b""#);
    }
}
