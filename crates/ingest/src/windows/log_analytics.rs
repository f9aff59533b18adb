//! Rows of the tables of Windows events as Log Analytics exports them: which table they are of when they don't say, and what their XML
//! holds beside their columns.

use super::knowledge::is_audit_event;
use super::read_xml::read_data_xml;
use crate::json::{JsonObject, JsonValue};

/// The table of a row whose columns are those of SecurityEvent, Event or WindowsEvent.
pub fn table_of_row(object: &JsonObject) -> Option<&'static str> {
    let has_any = |names: &[&str]| names.iter().any(|name| object.has(name));
    if !object.has("EventID") {
        return None;
    }
    // So many columns of one table that the row is of it even without a time.
    let has_all = |names: &[&str]| names.iter().all(|name| object.has(name));
    if has_all(&["Activity", "EventSourceName"]) {
        return Some("SecurityEvent");
    }
    if has_all(&["EventLog", "EventLevelName", "Source"]) {
        return Some("Event");
    }
    if !has_any(&["TimeGenerated", "TimeGenerated [UTC]"]) {
        return None;
    }
    if object.has("Provider") && object.has("Channel") {
        return Some("WindowsEvent");
    }
    if object.has("EventLog") && has_any(&["Source", "EventLevelName", "RenderedDescription", "ParameterXml"]) {
        return Some("Event");
    }
    if object.has("EventSourceName") || object.has("Activity") {
        return Some("SecurityEvent");
    }
    // What is left of a row when a query took its first columns away.
    let event_id = object.get("EventID").and_then(JsonValue::as_i64)?;
    let is_other_log = has_any(&["Source", "EventLog", "Provider", "Channel"]);
    (object.has("Computer") && !is_other_log && is_audit_event(event_id)).then_some("SecurityEvent")
}

/// Hands over the named values of a row's `EventData`, when that is the XML of an event's data.
pub fn each_event_data_field(object: &JsonObject, take: &mut dyn FnMut(&str, &str)) {
    let found = ["EventData", "EventData_string"].iter().find_map(|name| object.get_str(name));
    let Some(xml) = found.filter(|text| text.trim_start().starts_with('<')) else { return };
    let data = read_data_xml(&xml).unwrap_or_default();
    for field in data.fields.iter().filter(|field| !field.name.is_empty()) {
        take(&field.name, &field.value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_name_no_table_are_known_by_their_columns() {
        let cases = [
            (r#"{"TimeGenerated":"","EventID":"4624","Activity":"x","Account":"y"}"#, Some("SecurityEvent")),
            (r#"{"TimeGenerated":"","EventID":1,"EventLog":"System","Source":"x"}"#, Some("Event")),
            (r#"{"TimeGenerated":"","EventID":1,"Provider":"x","Channel":"y","EventData":{}}"#, Some("WindowsEvent")),
            (r#"{"TimeGenerated":"","EventID":5156,"Computer":"x"}"#, Some("SecurityEvent")),
            (r#"{"TimeGenerated":"","EventID":1,"Computer":"x"}"#, None),
            (r#"{"EventID":4624,"Activity":"x"}"#, None),
        ];
        for (text, table) in cases {
            assert_eq!(table_of_row(&JsonObject::parse(text).unwrap()), table, "{text}");
        }
    }
}
