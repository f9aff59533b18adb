//! Ingestion mappings: which field of what comes goes to which column.
//!
//! <https://learn.microsoft.com/kusto/management/mappings>

use serde_json::{Map, Value as Json};

use crate::body::get;
use crate::failure::Failure;

use super::command::MappingKind;

/// Most columns of a mapping: as many as a table can have, and room for some that are mapped twice.
const MAX_MAPPED_COLUMNS: usize = 2_000;

/// One column of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingColumn {
    /// Where the value goes.
    pub column: String,
    /// Where it comes from in JSON, such as `$.user.name`.
    pub path: Option<String>,
    /// Where it comes from in delimited text, from 0.
    pub ordinal: Option<usize>,
    /// The value where nothing comes.
    pub constant: Option<String>,
}

/// Reads the text of a mapping.
///
/// # Errors
/// Where it is no list of columns, or a column has no source.
pub fn parse_mapping(kind: MappingKind, text: &str) -> Result<Vec<MappingColumn>, Failure> {
    if let MappingKind::Unsupported(name) = kind {
        return Err(Failure::bad_request(format!(
            "ingestion mappings of kind `{name}` are not supported\nthose of Json and Csv are"
        )));
    }
    let items: Vec<Map<String, Json>> = serde_json::from_str(text)
        .map_err(|error| Failure::bad_request(format!("ingestion mapping is no JSON list of columns: {error}")))?;
    if items.is_empty() || items.len() > MAX_MAPPED_COLUMNS {
        let count = items.len();
        let message = format!("ingestion mapping has `{count}` columns\nit can have from 1 to {MAX_MAPPED_COLUMNS}");
        return Err(Failure::bad_request(message));
    }
    items.iter().map(|item| column(kind, item)).collect()
}

fn column(kind: MappingKind, item: &Map<String, Json>) -> Result<MappingColumn, Failure> {
    // `Name` and `Path` beside each other are the older form.
    let own = |map: &Map<String, Json>, key: &str| get(map, key).and_then(Json::as_str).map(str::to_owned);
    let Some(column) = own(item, "column").or_else(|| own(item, "name")) else {
        return Err(Failure::bad_request("a column of the ingestion mapping has no `column`"));
    };
    let empty = Map::new();
    let properties = get(item, "properties").and_then(Json::as_object).unwrap_or(&empty);
    if let Some(transform) = own(properties, "transform").filter(|transform| !transform.eq_ignore_ascii_case("none")) {
        return Err(Failure::bad_request(format!(
            "transformation `{transform}` of an ingestion mapping is not supported"
        )));
    }
    let either = |key: &str| get(properties, key).or_else(|| get(item, key));
    let constant = either("constValue").map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let path = either("path").and_then(Json::as_str).map(str::to_owned);
    let ordinal = either("ordinal").and_then(|value| match value {
        Json::String(text) => text.trim().parse().ok(),
        other => other.as_u64().and_then(|value| usize::try_from(value).ok()),
    });
    let has_source = constant.is_some() || if kind == MappingKind::Json { path.is_some() } else { ordinal.is_some() };
    if !has_source {
        let wanted = if kind == MappingKind::Json { "Path" } else { "Ordinal" };
        return Err(Failure::bad_request(format!(
            "column `{column}` of the ingestion mapping has neither `{wanted}` nor `ConstValue`"
        )));
    }
    Ok(MappingColumn { column, path, ordinal, constant })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_column_are_read() {
        let text = r#"[{"column":"a","Properties":{"Path":"$.x"}},{"Name":"b","path":"$.y"},{"column":"c","properties":{"constvalue":5}}]"#;
        let columns = parse_mapping(MappingKind::Json, text).expect("a mapping");
        let paths: Vec<Option<&str>> = columns.iter().map(|column| column.path.as_deref()).collect();
        assert_eq!(paths, [Some("$.x"), Some("$.y"), None]);
        assert_eq!(columns[2].constant.as_deref(), Some("5"));
        let csv =
            parse_mapping(MappingKind::Csv, r#"[{"column":"a","Properties":{"Ordinal":"3"}}]"#).expect("a mapping");
        assert_eq!(csv[0].ordinal, Some(3));
    }

    #[test]
    fn what_is_no_mapping_is_refused() {
        for (kind, text) in [
            (MappingKind::Json, "{}"),
            (MappingKind::Json, "[]"),
            (MappingKind::Json, r#"[{"column":"a"}]"#),
            (MappingKind::Json, r#"[{"Path":"$.a"}]"#),
            (MappingKind::Csv, r#"[{"column":"a","Path":"$.a"}]"#),
            (MappingKind::Json, r#"[{"column":"a","Properties":{"Path":"$.a","Transform":"SourceLocation"}}]"#),
            (MappingKind::Unsupported("Avro"), "[]"),
        ] {
            assert!(parse_mapping(kind, text).is_err(), "{kind:?} {text}");
        }
    }
}
