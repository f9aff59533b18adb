//! Takes test records out of the wrappers that other projects keep them in. The wrappers are theirs, not a log format, so the product
//! knows nothing of them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A sample file as it is to be ingested.
#[derive(Debug)]
pub struct Sample {
    /// Its path below the folder, with `/`.
    pub name: String,
    /// What to ingest in its place: the file itself, or files with its records as they were received.
    pub inputs: Vec<Input>,
}

/// A file to ingest.
#[derive(Debug)]
pub struct Input {
    pub path: PathBuf,
    /// What an independent parser found in its record, with ECS names.
    pub expected: Option<Value>,
}

/// All samples below the folder, in order. Unwrapped records are written below `scratch`.
pub fn samples_in(folder: &Path, leave_out: &[&str], scratch: &Path) -> Vec<Sample> {
    let mut files = Vec::new();
    list(folder, &mut files);
    files.sort();
    let name_of =
        |path: &Path| path.strip_prefix(folder).unwrap().to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    files
        .into_iter()
        .map(|path| (name_of(&path), path))
        .filter(|(name, _)| !leave_out.iter().any(|part| name.starts_with(&format!("{part}/"))))
        .map(|(name, path)| {
            let inputs = unwrap(&path, &scratch.join(name.replace('/', "+")))
                .unwrap_or_else(|| vec![Input { path, expected: None }]);
            Sample { name, inputs }
        })
        .collect()
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { list(&path, files) } else { files.push(path) }
    }
}

/// The records inside a file of `{"name","message","expected"}` or `{"rule","expected","event"}` lines; `None` for other files.
fn unwrap(path: &Path, scratch: &Path) -> Option<Vec<Input>> {
    if path.extension().is_none_or(|extension| extension != "ndjson") {
        return None;
    }
    let text = fs::read_to_string(path).ok()?;
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>().ok()?;
    let all_have = |names: [&str; 3]| lines.iter().all(|line| names.iter().all(|name| line.get(name).is_some()));
    fs::create_dir_all(scratch).unwrap();
    let write = |name: &str, content: &str| {
        let path = scratch.join(name);
        fs::write(&path, content).unwrap();
        path
    };
    if all_have(["name", "message", "expected"]) {
        // A file each: they are of different sources.
        let input = |(index, line): (usize, &Value)| Input {
            path: write(&format!("{index:04}"), line["message"].as_str().unwrap()),
            expected: Some(line["expected"].clone()),
        };
        return Some(lines.iter().enumerate().map(input).collect());
    }
    if all_have(["rule", "expected", "event"]) {
        let events: String = lines.iter().map(|line| line["event"].to_string() + "\n").collect();
        return Some(vec![Input { path: write("events", &events), expected: None }]);
    }
    None
}
