//! `.show databases schema as json`: what editors (monaco-kusto, Grafana) complete names from.

use serde_json::{Map, Value as Json, json};

use crate::wire_type::system_type;

use super::management_tables::{FunctionRow, SchemaTable};

/// The document of some databases: name, tables, functions of each.
pub fn schema_document(databases: &[(&str, &[SchemaTable], &[FunctionRow])]) -> String {
    let mut all = Map::new();
    for (name, tables, functions) in databases {
        let tables: Map<String, Json> =
            tables.iter().map(|table| (table.name.clone(), table_document(table))).collect();
        let functions: Map<String, Json> =
            functions.iter().map(|function| (function.name.clone(), function_document(function))).collect();
        let database = json!({
            "Name": name,
            "Tables": tables,
            "ExternalTables": {},
            "MaterializedViews": {},
            "EntityGroups": {},
            "MajorVersion": 1,
            "MinorVersion": 0,
            "Functions": functions,
            "DatabaseAccessMode": "ReadWrite",
        });
        all.insert((*name).to_owned(), database);
    }
    json!({ "Plugins": [], "Databases": all }).to_string()
}

/// The document of one table.
pub(super) fn table_document(table: &SchemaTable) -> Json {
    let columns: Vec<Json> = table
        .columns
        .iter()
        .map(|column| json!({"Name": column.name, "Type": system_type(column.ty), "CslType": column.ty.name()}))
        .collect();
    json!({"Name": table.name, "Folder": table.folder, "DocString": table.description, "OrderedColumns": columns})
}

fn function_document(function: &FunctionRow) -> Json {
    json!({
        "Name": function.name,
        "InputParameters": parameters(&function.parameters),
        "Body": function.body,
        "Folder": "",
        "DocString": "",
        "FunctionKind": "Unknown",
        "OutputColumns": [],
    })
}

/// `(a:long=5, T:(x:string))` as the list that editors read.
fn parameters(text: &str) -> Vec<Json> {
    let inner = text.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text.trim());
    let mut listed = Vec::new();
    for part in split(inner) {
        let Some((name, rest)) = part.split_once(':') else { continue };
        let (ty, default) = match rest.split_once('=') {
            Some((ty, default)) => (ty.trim(), Some(default.trim())),
            None => (rest.trim(), None),
        };
        let mut parameter = Map::new();
        parameter.insert("Name".to_owned(), json!(name.trim()));
        match ty.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(columns) => {
                let columns: Vec<Json> = split(columns)
                    .into_iter()
                    .filter_map(|column| column.split_once(':'))
                    .map(|(name, ty)| json!({"Name": name.trim(), "CslType": ty.trim()}))
                    .collect();
                parameter.insert("Columns".to_owned(), Json::Array(columns));
            }
            None => {
                parameter.insert("CslType".to_owned(), json!(ty));
            }
        }
        if let Some(default) = default {
            parameter.insert("CslDefaultValue".to_owned(), json!(default));
        }
        listed.push(Json::Object(parameter));
    }
    listed
}

/// The parts between commas that stand in no brackets and no text.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut quote, mut start) = (Vec::new(), 0_usize, None, 0);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_functions_are_listed_with_types_and_defaults() {
        let listed = parameters("(a:long, b:string='x,y', T:(x:string, y:long), any:(*))");
        assert_eq!(
            Json::Array(listed),
            json!([
                {"Name": "a", "CslType": "long"},
                {"Name": "b", "CslType": "string", "CslDefaultValue": "'x,y'"},
                {"Name": "T", "Columns": [{"Name": "x", "CslType": "string"}, {"Name": "y", "CslType": "long"}]},
                {"Name": "any", "Columns": []},
            ])
        );
        assert!(parameters("()").is_empty() && parameters("").is_empty());
    }
}
