//! Ingestion mappings: which part of a record goes to which column.
//!
//! <https://learn.microsoft.com/kusto/management/mappings>

use chrono::{DateTime, SecondsFormat};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::json::{JsonValue, quote};
use crate::limits::{CSV_COLUMNS, JSON_DEPTH};

/// Where a column's value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnSource {
    /// The field of a row of CSV, from 0.
    Ordinal(usize),
    /// The steps of a JSON path.
    Path(Vec<PathStep>),
    /// The same text in each row.
    Constant(String),
}

/// A step of a JSON path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathStep {
    /// Into the field of this name.
    Field(String),
    /// Into the element at this place.
    Element(usize),
}

/// What is done with a value on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transform {
    /// A count of units of so many nanoseconds since 1970 becomes a time.
    UnixTime(i64),
}

/// One column of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMapping {
    /// The column.
    pub column: String,
    /// Where its value is.
    pub source: ColumnSource,
    /// What is done with it.
    pub transform: Option<Transform>,
}

/// A mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KustoMapping {
    /// Its columns.
    pub columns: Vec<ColumnMapping>,
}

/// A text that is no mapping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("ingestion mapping is not valid: {0}")]
pub struct MappingError(String);

/// A column as it is written.
#[derive(Deserialize)]
struct Written(Map<String, Value>);

impl Written {
    /// A property, in the column or in its `Properties`, whatever the case of its name.
    fn property(&self, name: &str) -> Option<String> {
        let find = |fields: &Map<String, Value>| {
            let value = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1;
            match value {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            }
        };
        let inner = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case("Properties"));
        find(&self.0).or_else(|| find(inner?.1.as_object()?)).filter(|text| !text.is_empty())
    }

    fn mapping(&self) -> Result<ColumnMapping, MappingError> {
        let column = self.property("column").or_else(|| self.property("name"));
        let column = column.ok_or_else(|| MappingError("entry without `column`".to_owned()))?;
        let source = if let Some(constant) = self.property("ConstValue") {
            ColumnSource::Constant(constant)
        } else if let Some(path) = self.property("path") {
            ColumnSource::Path(parse_path(&path)?)
        } else if let Some(ordinal) = self.property("ordinal") {
            let place = ordinal.parse().ok().filter(|place| *place < CSV_COLUMNS);
            ColumnSource::Ordinal(place.ok_or_else(|| MappingError(format!("ordinal `{ordinal}` of `{column}`")))?)
        } else {
            return Err(MappingError(format!("column `{column}` has neither `path`, `ordinal` nor `ConstValue`")));
        };
        let transform = self.property("transform").map(|name| parse_transform(&name)).transpose()?.flatten();
        Ok(ColumnMapping { column, source, transform })
    }
}

impl KustoMapping {
    /// Reads a mapping: a JSON array of columns, in any of the ways that clients write them.
    ///
    /// # Errors
    /// When it is none, or asks for a transformation that is not done.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let written: Vec<Written> = serde_json::from_str(text).map_err(|error| MappingError(error.to_string()))?;
        if written.is_empty() || written.len() > CSV_COLUMNS {
            return Err(MappingError(format!("expected 1 to {CSV_COLUMNS} columns")));
        }
        let columns = written.iter().map(Written::mapping).collect::<Result<_, _>>()?;
        Ok(Self { columns })
    }

    /// The record of a JSON document, columns by name.
    pub(crate) fn of_json(&self, document: &Value) -> String {
        let mut record = String::with_capacity(64 * self.columns.len());
        for column in &self.columns {
            let value = match &column.source {
                ColumnSource::Constant(text) => Some(quote(text)),
                ColumnSource::Path(path) => at_path(document, path).map(Value::to_string),
                ColumnSource::Ordinal(_) => None,
            };
            let value = value.filter(|value| value != "null");
            push_field(&mut record, column, value.as_deref().map(JsonValue::Json));
        }
        end_object(record)
    }

    /// The record of a row of values, columns by name.
    pub(crate) fn of_row(&self, values: &[std::borrow::Cow<str>]) -> String {
        let mut record = String::with_capacity(64 * self.columns.len());
        for column in &self.columns {
            let value = match &column.source {
                ColumnSource::Constant(text) => Some(text.as_str()),
                ColumnSource::Ordinal(place) => values.get(*place).map(AsRef::as_ref).filter(|text| !text.is_empty()),
                ColumnSource::Path(_) => None,
            };
            push_field(&mut record, column, value.map(|text| JsonValue::Text(text.into())));
        }
        end_object(record)
    }
}

fn push_field(record: &mut String, column: &ColumnMapping, value: Option<JsonValue>) {
    let Some(value) = value else { return };
    let value = match column.transform {
        None => value.to_json().into_owned(),
        Some(transform) => match apply(transform, &value) {
            Some(text) => quote(&text),
            None => value.to_json().into_owned(),
        },
    };
    record.push(if record.is_empty() { '{' } else { ',' });
    record.push_str(&quote(&column.column));
    record.push(':');
    record.push_str(&value);
}

fn end_object(mut record: String) -> String {
    record.push_str(if record.is_empty() { "{}" } else { "}" });
    record
}

fn apply(transform: Transform, value: &JsonValue) -> Option<String> {
    let Transform::UnixTime(unit) = transform;
    let nanoseconds = match value.to_text().trim().parse::<i64>() {
        Ok(count) => count.checked_mul(unit)?,
        Err(_) => (value.as_f64()? * unit as f64) as i64,
    };
    Some(DateTime::from_timestamp_nanos(nanoseconds).to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

fn parse_transform(name: &str) -> Result<Option<Transform>, MappingError> {
    let unit = match name.to_ascii_lowercase().as_str() {
        "none" => return Ok(None),
        "datetimefromunixseconds" => 1_000_000_000,
        "datetimefromunixmilliseconds" => 1_000_000,
        "datetimefromunixmicroseconds" => 1_000,
        "datetimefromunixnanoseconds" => 1,
        _ => return Err(MappingError(format!("transformation `{name}` is not done"))),
    };
    Ok(Some(Transform::UnixTime(unit)))
}

/// `$.a.b`, `$['a b'][0]`, `$` itself.
fn parse_path(text: &str) -> Result<Vec<PathStep>, MappingError> {
    let failed = || MappingError(format!("path `{}`", crate::unsupported::shorten(text)));
    let mut rest = text.trim().strip_prefix('$').ok_or_else(failed)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if steps.len() >= JSON_DEPTH {
            return Err(failed());
        }
        if let Some(name) = rest.strip_prefix('.') {
            let end = name.find(['.', '[']).unwrap_or(name.len());
            if end == 0 {
                return Err(failed());
            }
            steps.push(PathStep::Field(name[..end].to_owned()));
            rest = &name[end..];
            continue;
        }
        let inner = rest.strip_prefix('[').ok_or_else(failed)?;
        let quote = inner.chars().next().filter(|quote| matches!(quote, '\'' | '"'));
        let (step, after) = match quote {
            Some(quote) => {
                let (name, after) = inner[1..].split_once(quote).ok_or_else(failed)?;
                (PathStep::Field(name.to_owned()), after.strip_prefix(']').ok_or_else(failed)?)
            }
            None => {
                let (place, after) = inner.split_once(']').ok_or_else(failed)?;
                (PathStep::Element(place.trim().parse().map_err(|_| failed())?), after)
            }
        };
        steps.push(step);
        rest = after;
    }
    Ok(steps)
}

fn at_path<'v>(document: &'v Value, path: &[PathStep]) -> Option<&'v Value> {
    path.iter().try_fold(document, |value, step| match step {
        PathStep::Field(name) => value.get(name.as_str()),
        PathStep::Element(place) => value.get(*place),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_come_from_paths_places_and_constants() {
        let mapping = KustoMapping::parse(
            r#"[{"column":"A","Properties":{"path":"$.a.b[1]['x y']"}},{"Name":"B","path":"$.t","transform":"DateTimeFromUnixMilliseconds"},
                {"column":"C","Properties":{"ConstValue":"k"}},{"column":"D","path":"$.none","datatype":"string"},{"column":"E","path":"$"}]"#,
        )
        .unwrap();
        let document = serde_json::json!({"a": {"b": [0, {"x y": [1, 2]}]}, "t": 1_700_000_000_123_i64});
        assert_eq!(
            mapping.of_json(&document),
            format!(r#"{{"A":[1,2],"B":"2023-11-14T22:13:20.123Z","C":"k","E":{document}}}"#)
        );
        let mapping = KustoMapping::parse(
            r#"[{"column":"X","Properties":{"Ordinal":"1"}},{"Name":"Y","Ordinal":0,"Transform":"DateTimeFromUnixSeconds"},{"column":"Z","Ordinal":7}]"#,
        )
        .unwrap();
        assert_eq!(mapping.of_row(&["1.5".into(), "7".into()]), r#"{"X":"7","Y":"1970-01-01T00:00:01.500Z"}"#);
    }

    #[test]
    fn what_is_no_mapping_is_refused_by_name() {
        for (text, reason) in [
            ("[]", "expected 1 to 4096 columns"),
            (r#"[{"path":"$.a"}]"#, "entry without `column`"),
            (r#"[{"column":"a"}]"#, "column `a` has neither `path`, `ordinal` nor `ConstValue`"),
            (r#"[{"column":"a","path":"a.b"}]"#, "path `a.b`"),
            (r#"[{"column":"a","path":"$[x]"}]"#, "path `$[x]`"),
            (
                r#"[{"column":"a","path":"$","transform":"SourceLocation"}]"#,
                "transformation `SourceLocation` is not done",
            ),
        ] {
            let error = KustoMapping::parse(text).unwrap_err();
            assert_eq!(error.to_string(), format!("ingestion mapping is not valid: {reason}"));
        }
    }

    proptest! {
        #[test]
        fn any_path_is_read_or_refused(path in "\\$[.\\[\\]'\"a0é ]{0,20}") {
            let _ = parse_path(&path);
        }
    }
}
