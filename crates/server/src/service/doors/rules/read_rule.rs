//! A rule from the body that Azure's clients send, or from the configuration.
//!
//! <https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-rule-structure>

use std::collections::BTreeMap;

use schema::{ColumnType, CustomColumn, MAX_CUSTOM_COLUMNS, custom_column_name};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::rule::{Flow, Output, Rule, Stream};

/// Streams and flows of a rule, at most; Azure allows ten flows.
const MOST_STREAMS: usize = 50;
/// Longest `transformKql`, in bytes; Azure allows 15,360 characters.
const TRANSFORM_BYTES: usize = 64 << 10;
/// The transformation that changes nothing.
const IDENTITY: &str = "source";

/// A rule in the configuration: `[[data_collection_rules]]` with the properties that Azure's have.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RuleConfig {
    /// Its name.
    pub(crate) name: String,
    /// The id by which senders name it; made from the name where it is absent.
    #[serde(default)]
    pub(crate) immutable_id: Option<String>,
    /// Its streams.
    #[serde(default)]
    stream_declarations: BTreeMap<String, Declaration>,
    /// Where their records go.
    #[serde(default)]
    data_flows: Vec<DataFlow>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default)]
    stream_declarations: BTreeMap<String, Declaration>,
    #[serde(default)]
    data_flows: Vec<DataFlow>,
}

#[derive(Debug, Clone, Deserialize)]
struct Declaration {
    columns: Vec<DeclaredColumn>,
}

#[derive(Debug, Clone, Deserialize)]
struct DeclaredColumn {
    name: String,
    #[serde(rename = "type")]
    ty: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DataFlow {
    streams: Vec<String>,
    #[serde(default)]
    transform_kql: Option<String>,
    #[serde(default)]
    output_stream: Option<String>,
}

impl RuleConfig {
    /// The rule.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn rule(&self) -> Result<Rule, String> {
        let id = self.immutable_id.clone().unwrap_or_else(|| immutable_id(&self.name));
        let properties =
            Properties { stream_declarations: self.stream_declarations.clone(), data_flows: self.data_flows.clone() };
        properties.rule(&self.name, id)
    }
}

impl Rule {
    /// A rule from the `properties` of a body.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn from_properties(name: &str, immutable_id: String, properties: &Value) -> Result<Self, String> {
        let properties = Properties::deserialize(properties).map_err(|error| error.to_string())?;
        properties.rule(name, immutable_id)
    }
}

impl Properties {
    fn rule(&self, name: &str, immutable_id: String) -> Result<Rule, String> {
        if self.stream_declarations.len() > MOST_STREAMS || self.data_flows.len() > MOST_STREAMS {
            return Err(format!("more than {MOST_STREAMS} streams or flows"));
        }
        let mut streams = BTreeMap::new();
        for (stream, declaration) in &self.stream_declarations {
            streams.insert(stream.clone(), Stream { columns: declaration.columns(stream)?, flows: Vec::new() });
        }
        for flow in &self.data_flows {
            for stream in &flow.streams {
                let read = flow.read(stream)?;
                if !streams.contains_key(stream) && !stream.starts_with("Microsoft-") {
                    return Err(format!("stream `{stream}` of a data flow is not declared"));
                }
                streams.entry(stream.clone()).or_default().flows.push(read);
            }
        }
        // A stream that is declared and in no flow goes to the table of its name.
        for (name, stream) in streams.iter_mut().filter(|(_, stream)| stream.flows.is_empty()) {
            let output = Output::of_stream(name).ok_or_else(|| format!("stream `{name}` names no table"))?;
            stream.flows.push(Flow { transform: None, output });
        }
        Ok(Rule { name: name.to_owned(), immutable_id, streams, is_open: false })
    }
}

impl Declaration {
    fn columns(&self, stream: &str) -> Result<Vec<CustomColumn>, String> {
        if self.columns.len() > MAX_CUSTOM_COLUMNS {
            return Err(format!("stream `{stream}` has more than {MAX_CUSTOM_COLUMNS} columns"));
        }
        // `TimeGenerated` and what else every table has is there anyway.
        let own = self.columns.iter().filter(|column| custom_column_name(&column.name).is_some());
        own.map(|column| {
            let ty = column_type(&column.ty).ok_or_else(|| {
                format!("column `{}` of `{stream}` has the unknown type `{}`", column.name, column.ty)
            })?;
            Ok(CustomColumn { name: column.name.clone(), ty })
        })
        .collect()
    }
}

/// Types of declared columns. Custom tables hold guids as text.
fn column_type(name: &str) -> Option<ColumnType> {
    Some(match name.to_ascii_lowercase().as_str() {
        "string" | "guid" => ColumnType::String,
        "int" | "long" => ColumnType::Long,
        "real" => ColumnType::Real,
        "boolean" | "bool" => ColumnType::Bool,
        "datetime" => ColumnType::DateTime,
        "dynamic" => ColumnType::Dynamic,
        _ => return None,
    })
}

impl DataFlow {
    fn read(&self, stream: &str) -> Result<Flow, String> {
        let named = self.output_stream.as_deref().unwrap_or(stream);
        let output = Output::of_stream(named).ok_or_else(|| format!("stream `{named}` names no table"))?;
        let transform =
            self.transform_kql.as_deref().map(str::trim).filter(|text| !text.is_empty() && *text != IDENTITY);
        if transform.is_some_and(|text| text.len() > TRANSFORM_BYTES) {
            return Err(format!("transformKql of `{stream}` is longer than {TRANSFORM_BYTES} bytes"));
        }
        if transform.is_some() && output == Output::Recognized {
            return Err(format!("transformKql of `{stream}` needs an outputStream that names a table"));
        }
        Ok(Flow { transform: transform.map(str::to_owned), output })
    }
}

/// An id that a name always has, so that senders keep theirs when the rule is made anew.
pub(crate) fn immutable_id(name: &str) -> String {
    let digest = Sha256::digest(name.as_bytes());
    let digits: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("dcr-{digits}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(properties: Value) -> Result<Rule, String> {
        Rule::from_properties("r", immutable_id("r"), &properties)
    }

    #[test]
    fn streams_have_their_columns_and_flows() {
        let rule = read(json!({
            "streamDeclarations": {
                "Custom-App_CL": {"columns": [{"name": "TimeGenerated", "type": "datetime"}, {"name": "N", "type": "int"}]},
                "Custom-In": {"columns": [{"name": "line", "type": "string"}]},
            },
            "destinations": {"logAnalytics": [{"name": "w"}]},
            "dataFlows": [
                {"streams": ["Custom-In"], "destinations": ["w"], "transformKql": "source | extend A = line", "outputStream": "Custom-Out_CL"},
                {"streams": ["Microsoft-Syslog"], "destinations": ["w"], "transformKql": "source"},
            ],
        }))
        .unwrap();
        let app = &rule.streams["Custom-App_CL"];
        assert_eq!(app.columns, [CustomColumn { name: "N".to_owned(), ty: ColumnType::Long }]);
        assert_eq!(app.flows, [Flow { transform: None, output: Output::Table("App_CL".to_owned()) }]);
        let flow = &rule.streams["Custom-In"].flows[0];
        assert_eq!(flow.transform.as_deref(), Some("source | extend A = line"));
        assert_eq!(rule.streams["Microsoft-Syslog"].flows[0].transform, None);
        assert_eq!(rule.immutable_id.len(), "dcr-".len() + 32);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let columns = json!({"Custom-X_CL": {"columns": [{"name": "a", "type": "float"}]}});
        for (properties, reason) in [
            (json!({"streamDeclarations": columns}), "column `a` of `Custom-X_CL` has the unknown type `float`"),
            (
                json!({"dataFlows": [{"streams": ["Custom-X_CL"]}]}),
                "stream `Custom-X_CL` of a data flow is not declared",
            ),
            (json!({"dataFlows": [{"streams": ["Microsoft-X"]}]}), "stream `Microsoft-X` names no table"),
        ] {
            assert_eq!(read(properties).unwrap_err(), reason);
        }
    }
}
