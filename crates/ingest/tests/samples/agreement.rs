//! Compares our rows with what independent parsers found in the same records, as `data/FOLDER.fields.tsv` says.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use ingest::MemorySink;
use ingest::time::parse_time;
use serde_json::{Map, Value};

use super::wrappers::Sample;
use crate::rows::rows_of;

/// A table's name and a row of it.
type TableRow = (String, Map<String, Value>);

/// Differences printed per sample.
const PRINTED_DIFFERENCES: usize = 40;

/// How a value of another parser is compared with ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// The same text.
    Text,
    /// The same text but for case.
    IgnoreCase,
    /// The same time, to the millisecond: other parsers cut.
    Time,
    /// Theirs is part of ours.
    Part,
}

/// A line of the file: a column of ours, and the field of theirs.
#[derive(Debug)]
struct Pair {
    table: String,
    field: String,
    /// Columns, the first that is not empty counts; `Column.a.b` looks into a dynamic column.
    columns: Vec<String>,
    comparison: Comparison,
}

/// How many values were compared, and which differ, by sample.
#[derive(Debug, Default)]
pub struct Agreement {
    compared: BTreeMap<String, u64>,
    differences: BTreeMap<String, Vec<String>>,
}

impl Agreement {
    /// Compares the rows of all samples that carry expected values.
    pub fn measure<'s>(folder: &str, samples: impl Iterator<Item = &'s Sample>, sink: &MemorySink) -> Self {
        let pairs = pairs(folder);
        let mut rows: HashMap<String, Vec<TableRow>> = HashMap::new();
        if !pairs.is_empty() {
            for table in sink.tables() {
                for row in rows_of(sink, &table) {
                    let Some(file) = row.get("_SourceFile").and_then(Value::as_str).map(str::to_owned) else {
                        continue;
                    };
                    rows.entry(file).or_default().push((table.clone(), row));
                }
            }
        }
        let mut agreement = Self::default();
        for sample in samples {
            for input in &sample.inputs {
                let Some(expected) = &input.expected else { continue };
                for (table, row) in rows.get(&input.path.display().to_string()).into_iter().flatten() {
                    for pair in pairs.iter().filter(|pair| pair.table == *table) {
                        agreement.compare(&sample.name, pair, row, expected);
                    }
                }
            }
        }
        agreement
    }

    fn compare(&mut self, sample: &str, pair: &Pair, row: &Map<String, Value>, expected: &Value) {
        let Some(theirs) = field(expected, &pair.field).and_then(text) else { return };
        *self.compared.entry(sample.to_owned()).or_default() += 1;
        let ours = pair.columns.iter().find_map(|column| cell(row, column)).unwrap_or_default();
        if !pair.comparison.agree(&ours, &theirs) {
            let difference = format!("{} {}: ours `{ours}`, theirs `{theirs}`", pair.table, pair.field);
            self.differences.entry(sample.to_owned()).or_default().push(difference);
        }
    }

    /// Share of the compared values that agree; 1 when none was compared.
    pub fn share(&self) -> f64 {
        let compared: u64 = self.compared.values().sum();
        let different: usize = self.differences.values().map(Vec::len).sum();
        if compared == 0 { 1.0 } else { 1.0 - different as f64 / compared as f64 }
    }

    /// Prints the agreement of each sample, and the differences.
    pub fn print(&self) {
        for (sample, compared) in &self.compared {
            let differences = self.differences.get(sample).map(Vec::as_slice).unwrap_or_default();
            eprintln!("{sample}: {} of {compared} values agree", compared - differences.len() as u64);
            for difference in differences.iter().take(PRINTED_DIFFERENCES) {
                eprintln!("    {difference}");
            }
        }
    }
}

impl Comparison {
    fn agree(self, ours: &str, theirs: &str) -> bool {
        let milliseconds = |text: &str| parse_time(text).map(|time| time.timestamp_millis());
        match self {
            Self::Text => ours.trim() == theirs.trim(),
            Self::IgnoreCase => ours.trim().eq_ignore_ascii_case(theirs.trim()),
            Self::Time => milliseconds(ours).is_some() && milliseconds(ours) == milliseconds(theirs),
            Self::Part => !theirs.is_empty() && ours.contains(theirs),
        }
    }
}

/// Reads `data/FOLDER.fields.tsv`: table, field of theirs, column of ours (several separated by `|`), and `text`, `ignore-case`,
/// `time` or `part`. A folder without the file compares nothing.
fn pairs(folder: &str) -> Vec<Pair> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/samples/data/{folder}.fields.tsv"));
    let Ok(lines) = fs::read_to_string(path) else { return Vec::new() };
    let pair = |line: &str| {
        let [table, field, columns, comparison] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("`{line}` has not four parts")
        };
        Pair {
            table: table.to_owned(),
            field: field.to_owned(),
            columns: columns.split('|').map(str::to_owned).collect(),
            comparison: match comparison {
                "text" => Comparison::Text,
                "ignore-case" => Comparison::IgnoreCase,
                "time" => Comparison::Time,
                "part" => Comparison::Part,
                other => panic!("no comparison `{other}`"),
            },
        }
    };
    lines.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(pair).collect()
}

/// A field of nested objects by its dotted name; the longest names first, since some parsers keep dots in names.
fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    if let Some(found) = value.get(name) {
        return Some(found);
    }
    name.match_indices('.').rev().find_map(|(at, _)| field(value.get(&name[..at])?, &name[at + 1..]))
}

/// A scalar, or the only element of a list, as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Array(elements) if elements.len() == 1 => text(&elements[0]),
        _ => None,
    }
}

/// A cell, or a part of a dynamic one, as text; `None` when it is empty.
fn cell(row: &Map<String, Value>, column: &str) -> Option<String> {
    if let Some(value) = row.get(column) {
        return text(value).filter(|text| !text.is_empty());
    }
    let (column, path) = column.split_once('.')?;
    let json: Value = serde_json::from_str(row.get(column)?.as_str()?).ok()?;
    let found = path.split('.').try_fold(&json, |value, name| match name.parse::<usize>() {
        Ok(index) => value.get(index),
        Err(_) => value.get(name),
    });
    found.and_then(text).filter(|text| !text.is_empty())
}
