//! How `render` asked to show a result, as Kusto's clients read it.

use serde_json::{Map, Value as Json, json};

/// The properties in Kusto's order, and what they are where a query does not say.
const PROPERTIES: [(&str, &str); 16] = [
    ("Title", "null"),
    ("XColumn", "null"),
    ("Series", "null"),
    ("YColumns", "null"),
    ("AnomalyColumns", "null"),
    ("XTitle", "null"),
    ("YTitle", "null"),
    ("XAxis", "null"),
    ("YAxis", "null"),
    ("Legend", "null"),
    ("YSplit", "null"),
    ("Accumulate", "false"),
    ("IsQuerySorted", "false"),
    ("Kind", "null"),
    ("Ymin", "\"NaN\""),
    ("Ymax", "\"NaN\""),
];

/// The JSON text of Kusto's visualization properties; all are there, also without `render`.
pub fn visualization_properties(visualization: Option<&Json>) -> String {
    let empty = Map::new();
    let given = visualization.and_then(Json::as_object).unwrap_or(&empty);
    let find =
        |name: &str| given.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
    let mut properties = Map::new();
    properties.insert("Visualization".to_owned(), find("visualization").unwrap_or(Json::Null));
    for (name, absent) in PROPERTIES {
        let absent = || serde_json::from_str(absent).unwrap_or(Json::Null);
        let value = find(name).map_or_else(absent, |value| value_of(name, value));
        properties.insert(name.to_owned(), value);
    }
    Json::Object(properties).to_string()
}

/// Limits of an axis are numbers, `NaN` as text; the rest stays as it is.
fn value_of(name: &str, value: Json) -> Json {
    match (name, value) {
        ("Ymin" | "Ymax", Json::String(text)) => {
            text.parse::<f64>().ok().filter(|value| value.is_finite()).map_or(json!("NaN"), Json::from)
        }
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_properties_are_there_with_or_without_render() {
        let none = visualization_properties(None);
        assert!(
            none.starts_with(r#"{"Visualization":null,"Title":null,"#)
                && none.ends_with(r#""Ymin":"NaN","Ymax":"NaN"}"#),
            "{none}"
        );
        let hint = json!({"visualization": "timechart", "title": "Sign-ins", "ycolumns": ["n"], "ymin": 0});
        let some = visualization_properties(Some(&hint));
        let read: Json = serde_json::from_str(&some).unwrap();
        assert_eq!((&read["Visualization"], &read["Title"]), (&json!("timechart"), &json!("Sign-ins")));
        assert_eq!((&read["YColumns"], &read["Ymin"], &read["Kind"]), (&json!(["n"]), &json!(0), &Json::Null));
    }
}
