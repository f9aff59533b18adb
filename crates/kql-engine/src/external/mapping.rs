//! `ingestionMapping`: which value of a record goes to which column.

use kql_functions::dynamic::{Step, parse_path};
use serde_json::Value as Json;

/// Where the values of a column come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mapping {
    /// The value at that position of a delimited record.
    Ordinal(usize),
    /// The value at that path of a JSON record.
    Path(Vec<Step>),
    /// The same text in all records.
    Constant(String),
    /// Nowhere.
    Nothing,
}

impl Mapping {
    /// What columns hold without a mapping: in delimited records the value at their position, in JSON the property of
    /// their name.
    pub fn of_columns<'a>(names: impl Iterator<Item = &'a str>, is_json: bool) -> Vec<Self> {
        names
            .enumerate()
            .map(|(at, name)| match is_json {
                true => Mapping::Path(vec![Step::Key(name.to_owned())]),
                false => Mapping::Ordinal(at),
            })
            .collect()
    }

    /// Reads `[{"Column":"a","Properties":{"Path":"$.x"}}, …]`, also in its older form without `Properties`
    /// (<https://learn.microsoft.com/kusto/management/mappings>). Columns it does not mention are left out.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse<'a>(text: &str, names: impl Iterator<Item = &'a str>, is_json: bool) -> Result<Vec<Self>, String> {
        let listed: Json = serde_json::from_str(text).map_err(|error| format!("mapping is no JSON: {error}"))?;
        let listed = listed.as_array().ok_or("mapping is no JSON array")?;
        names.map(|name| Self::of_column(listed, name, is_json)).collect()
    }

    fn of_column(listed: &[Json], name: &str, is_json: bool) -> Result<Self, String> {
        let item = listed.iter().find(|item| property(item, "column").and_then(Json::as_str) == Some(name));
        let Some(item) = item else { return Ok(Mapping::Nothing) };
        let inner = property(item, "properties").unwrap_or(item);
        if property(inner, "transform").or_else(|| property(item, "transform")).is_some_and(|value| !value.is_null()) {
            return Err(format!("transform of column `{name}` is not supported yet"));
        }
        if let Some(constant) = property(inner, "constvalue").filter(|value| !value.is_null()) {
            return Ok(Mapping::Constant(constant.as_str().map_or_else(|| constant.to_string(), str::to_owned)));
        }
        if is_json {
            let path = property(inner, "path").and_then(Json::as_str);
            let path = path.ok_or_else(|| format!("mapping of column `{name}` has no path"))?;
            let steps = parse_path(path).ok_or_else(|| format!("`{path}` is no path such as `$.a.b`"))?;
            return Ok(Mapping::Path(steps));
        }
        let ordinal = property(inner, "ordinal").and_then(|value| match value {
            Json::String(text) => text.parse().ok(),
            other => other.as_u64().and_then(|value| usize::try_from(value).ok()),
        });
        ordinal.map(Mapping::Ordinal).ok_or_else(|| format!("mapping of column `{name}` has no ordinal"))
    }
}

/// The property of that name in any case.
fn property<'a>(object: &'a Json, name: &str) -> Option<&'a Json> {
    object.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_mappings_are_read() {
        let text = r#"[{"Column":"a","Properties":{"Path":"$.x.y"}},{"column":"b","path":"$['z']"},{"Column":"c","Properties":{"ConstValue":"k"}}]"#;
        let key = |name: &str| Step::Key(name.to_owned());
        assert_eq!(
            Mapping::parse(text, ["a", "b", "c", "d"].into_iter(), true),
            Ok(vec![
                Mapping::Path(vec![key("x"), key("y")]),
                Mapping::Path(vec![key("z")]),
                Mapping::Constant("k".to_owned()),
                Mapping::Nothing
            ])
        );
        let ordinals = r#"[{"Column":"a","Properties":{"Ordinal":"2"}},{"Name":"b","Ordinal":0}]"#;
        assert_eq!(
            Mapping::parse(ordinals, ["a", "b"].into_iter(), false),
            Ok(vec![Mapping::Ordinal(2), Mapping::Nothing])
        );
        assert!(Mapping::parse("{}", ["a"].into_iter(), true).is_err());
        assert!(Mapping::parse(r#"[{"Column":"a"}]"#, ["a"].into_iter(), true).is_err());
    }
}
