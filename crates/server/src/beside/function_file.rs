//! A stored function in a file.

use std::fs;
use std::path::Path;

use kql_engine::StoredFunction;
use serde_norway::{Mapping, Value};

/// Largest file, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// What a file holds.
pub(super) struct FunctionFile {
    /// The names it is called by.
    pub names: Vec<String>,
    /// The function, or what is wrong with it.
    pub function: Result<StoredFunction, String>,
}

/// Reads a file; nothing where it is YAML that holds no function.
pub(super) fn read_function(path: &Path) -> Option<FunctionFile> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = match read(path) {
        Ok(text) => text,
        Err(problem) => return Some(FunctionFile { names: vec![stem], function: Err(problem) }),
    };
    let end = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if end == "yaml" || end == "yml" {
        return of_yaml(&text);
    }
    if !text.trim_start().starts_with('.') {
        let function = StoredFunction::parse(&stem, "", &text);
        return Some(FunctionFile { names: vec![stem], function });
    }
    let function = StoredFunction::parse_command(&text);
    let name = function.as_ref().map_or(stem, |function| function.name.clone());
    Some(FunctionFile { names: vec![name], function })
}

fn read(path: &Path) -> Result<String, String> {
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MAX_BYTES {
        return Err(format!("more than {MAX_BYTES} bytes"));
    }
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
}

/// Sentinel's form of functions and parsers: `FunctionName`, `FunctionParams`, `FunctionQuery`, or `Parser…`.
fn of_yaml(text: &str) -> Option<FunctionFile> {
    let document: Value = serde_norway::from_str(text).ok()?;
    let fields = document.as_mapping()?;
    let word = ["Function", "Parser"].into_iter().find(|word| text_of(fields, &format!("{word}Query")).is_some())?;
    let field = |end: &str| text_of(fields, &format!("{word}{end}"));
    let aliases = ["FunctionAlias", "EquivalentBuiltInFunction", "EquivalentBuiltInParser"];
    let mut names: Vec<String> =
        field("Name").into_iter().chain(aliases.into_iter().filter_map(|alias| text_of(fields, alias))).collect();
    names.dedup();
    let name = names.first()?.clone();
    let parameters = fields.get(format!("{word}Params").as_str()).map_or(Ok(String::new()), parameters);
    let query = field("Query").unwrap_or_default();
    let function = parameters.and_then(|parameters| StoredFunction::parse(&name, &parameters, &query));
    Some(FunctionFile { names, function })
}

fn text_of(fields: &Mapping, name: &str) -> Option<String> {
    fields.get(name)?.as_str().map(str::to_owned)
}

/// The list of parameters as KQL writes it.
fn parameters(listed: &Value) -> Result<String, String> {
    if let Some(text) = listed.as_str() {
        return Ok(text.to_owned());
    }
    let items = listed.as_sequence().map_or(&[][..], Vec::as_slice);
    let written: Result<Vec<String>, String> = items.iter().map(parameter).collect();
    Ok(written?.join(", "))
}

fn parameter(item: &Value) -> Result<String, String> {
    let fields = item.as_mapping().ok_or("a parameter is no mapping of `Name` and `Type`")?;
    let name = text_of(fields, "Name").ok_or("a parameter has no `Name`")?;
    let ty = text_of(fields, "Type").ok_or_else(|| format!("parameter `{name}` has no `Type`"))?;
    let ty = match ty.strip_prefix("table") {
        Some("") => "(*)".to_owned(),
        Some(columns) => columns.trim_start_matches(':').to_owned(),
        None => ty,
    };
    let default = match fields.get("Default") {
        None | Some(Value::Null) => return Ok(format!("{name}:{ty}")),
        Some(Value::String(text)) if ty == "string" => quoted(text),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::Number(value)) => value.to_string(),
        Some(_) => return Err(format!("default of parameter `{name}` is no single value")),
    };
    Ok(format!("{name}:{ty}={default}"))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
