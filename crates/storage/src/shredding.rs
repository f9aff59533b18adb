//! Leaf columns of the rows of a file, read from its documents before it is written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, StringArray, StringViewArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::Field;
use arrow::error::ArrowError;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use json_text::{Found, PathTree, Step, parse, unquote, write_quoted};
use schema::ColumnType;

use crate::data_file::Partition;
use crate::leaf_column::{Absent, Leaf, LeafColumn, leaves};

/// Documents after which it is decided whether equal ones are worth looking for.
const TRIAL_DOCUMENTS: usize = 4096;

/// Equal documents are looked for where at least one in so many is one that came before.
const WORTH_REMEMBERING: usize = 4;

/// Longest text of a leaf column, in bytes. Names, addresses and ids are shorter; what is longer costs as much as its document.
const LONGEST_TEXT: usize = 512;

/// A leaf column of a file: each row's value by its place among different ones.
#[derive(Debug)]
pub(crate) struct LeafValues {
    pub(crate) field: Field,
    values: ArrayRef,
    /// Shared by the leaves of one document.
    places: Arc<UInt32Array>,
}

impl LeafValues {
    /// The values of some rows.
    pub(crate) fn rows(&self, rows: Range<usize>) -> Result<ArrayRef, ArrowError> {
        take(&self.values, &self.places.slice(rows.start, rows.len()), None)
    }
}

/// The leaf columns that the rows of a file allow, of the columns that the file has.
pub(crate) fn shredded(partition: &Partition<'_>, has_column: impl Fn(&str) -> bool) -> Vec<LeafValues> {
    let mut columns: BTreeMap<&str, Vec<&Leaf>> = BTreeMap::new();
    for leaf in leaves(partition.table).iter().filter(|leaf| has_column(&leaf.column)) {
        columns.entry(&leaf.column).or_default().push(leaf);
    }
    columns.into_iter().flat_map(|(column, leaves)| of_column(partition, column, &leaves).unwrap_or_default()).collect()
}

fn of_column(partition: &Partition<'_>, column: &str, leaves: &[&Leaf]) -> Option<Vec<LeafValues>> {
    let texts = |batch: &'_ arrow::array::RecordBatch| batch.column_by_name(column)?.as_string_opt::<i32>().cloned();
    let arrays: Vec<StringArray> = partition.batches.iter().map(texts).collect::<Option<_>>()?;
    let paths: Vec<&[Step]> = leaves.iter().map(|leaf| leaf.path.as_slice()).collect();
    let tree = PathTree::new(&paths)?;
    let is_parsed = leaves.first()?.is_parsed;
    let mut documents = Documents::new(&tree, leaves.len(), is_parsed);
    let rows = partition.rows.iter().map(|row| {
        let (batch, row) = row.position();
        let array = &arrays[batch];
        array.is_valid(row).then(|| array.value(row))
    });
    rows.for_each(|text| documents.add(text));
    Some(documents.leaves(leaves))
}

/// The documents of a column, and what their paths hold.
struct Documents<'a, 't> {
    tree: &'t PathTree,
    paths: usize,
    /// Whether the documents are parsed by queries; others are read as they are.
    is_parsed: bool,
    /// Each row's document.
    places: Vec<u32>,
    /// What different documents hold, `paths` values for each.
    found: Vec<Found<'a>>,
    /// Whether all documents are valid JSON.
    are_valid: bool,
    /// The place of each different document, while it pays to look.
    seen: Option<HashMap<&'a str, u32>>,
    /// The place of null.
    null: Option<u32>,
}

impl<'a, 't> Documents<'a, 't> {
    fn new(tree: &'t PathTree, paths: usize, is_parsed: bool) -> Self {
        Self {
            tree,
            paths,
            is_parsed,
            places: Vec::new(),
            found: Vec::new(),
            are_valid: true,
            seen: Some(HashMap::new()),
            null: None,
        }
    }

    fn add(&mut self, text: Option<&'a str>) {
        let next = u32::try_from(self.found.len() / self.paths).unwrap_or(u32::MAX);
        let place = match (text, &mut self.seen) {
            (None, _) => match self.null {
                Some(place) => place,
                None => {
                    self.null = Some(next);
                    self.found.extend(std::iter::repeat_n(Found::Nothing, self.paths));
                    next
                }
            },
            (Some(text), Some(seen)) => match seen.entry(text) {
                Entry::Occupied(place) => *place.get(),
                Entry::Vacant(place) => {
                    place.insert(next);
                    self.read(text);
                    next
                }
            },
            (Some(text), None) => {
                self.read(text);
                next
            }
        };
        self.places.push(place);
        if self.places.len() == TRIAL_DOCUMENTS {
            let repeated = self.places.len() - self.found.len() / self.paths;
            self.seen.take_if(|_| repeated < TRIAL_DOCUMENTS / WORTH_REMEMBERING);
        }
    }

    fn read(&mut self, text: &'a str) {
        let start = self.found.len();
        self.found.extend(std::iter::repeat_n(Found::Nothing, self.paths));
        let parsed = parse(text);
        let is_valid = parsed.is_some() || matches!(text.trim(), "" | "null");
        self.are_valid &= is_valid;
        let readable = if self.is_parsed { parsed } else { Some(text) };
        if let Some(json) = readable {
            self.tree.read(json, &mut self.found[start..]);
        }
    }

    fn leaves(self, leaves: &[&Leaf]) -> Vec<LeafValues> {
        let places = Arc::new(UInt32Array::from(self.places));
        let of_path = |(at, leaf): (usize, &&Leaf)| {
            let found = || self.found.iter().skip(at).step_by(self.paths).copied();
            let (values, absent) = column(leaf.ty, found)?;
            // Documents that are no JSON are read as nothing from a text in any case.
            let is_read_alike = self.is_parsed || self.are_valid;
            let survives_text = is_read_alike && found().all(|found| found != Found::WithinText);
            let field = leaf.field(LeafColumn { absent, survives_text });
            Some(LeafValues { field, values, places: Arc::clone(&places) })
        };
        leaves.iter().enumerate().filter_map(of_path).collect()
    }
}

/// The values of one path as an array; `None` where one is not of the type, or would not come back as the same JSON text.
fn column<'a, I>(ty: ColumnType, found: impl Fn() -> I) -> Option<(ArrayRef, Absent)>
where
    I: Iterator<Item = Found<'a>>,
{
    let values = || {
        found().map(|found| match found {
            Found::Value(json) => Some(json).filter(|json| *json != "null"),
            Found::Nothing | Found::WithinText => None,
        })
    };
    let scalar_absent = if values().all(|value| value.is_some()) { Absent::Never } else { Absent::Null };
    Some(match ty {
        ColumnType::Long => (Arc::new(all(values(), long)?.into_iter().collect::<Int64Array>()), scalar_absent),
        ColumnType::Bool => (Arc::new(all(values(), boolean)?.into_iter().collect::<BooleanArray>()), scalar_absent),
        _ => {
            let texts = all(values(), text)?;
            let has_empty = texts.iter().any(|text| text.as_deref() == Some(""));
            let absent = match scalar_absent {
                Absent::Null if !has_empty => Absent::Empty,
                other => other,
            };
            let array: StringViewArray = match absent {
                Absent::Empty => texts.into_iter().map(|text| Some(text.unwrap_or_default())).collect(),
                _ => texts.into_iter().collect(),
            };
            (Arc::new(array), absent)
        }
    })
}

/// All values read; `None` where one cannot be.
fn all<'a, T>(
    values: impl Iterator<Item = Option<&'a str>>,
    read: impl Fn(&'a str) -> Option<T>,
) -> Option<Vec<Option<T>>> {
    values.map(|value| value.map_or(Some(None), |json| read(json).map(Some))).collect()
}

/// A whole number as it is printed.
fn long(json: &str) -> Option<i64> {
    let value: i64 = json.parse().ok()?;
    (value.to_string() == json).then_some(value)
}

fn boolean(json: &str) -> Option<bool> {
    match json {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The text of a short JSON string with escapes in the one form that [`write_quoted`] gives them.
fn text(json: &str) -> Option<Cow<'_, str>> {
    if json.len() > LONGEST_TEXT {
        return None;
    }
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if inner.bytes().all(|byte| byte >= b' ' && byte != b'\\' && byte != b'"') {
        return Some(Cow::Borrowed(inner));
    }
    let text = unquote(json);
    let mut quoted = String::with_capacity(json.len());
    write_quoted(&mut quoted, &text);
    (quoted == json).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_that_come_back_as_they_were_are_kept() {
        for json in ["0", "-1", "9223372036854775807"] {
            assert_eq!(long(json).map(|value| value.to_string()).as_deref(), Some(json));
        }
        for json in ["1.0", "1e3", "+1", "01", "-0", "9223372036854775808", "\"1\"", "", "true"] {
            assert_eq!(long(json), None, "{json}");
        }
        for (json, expected) in [(r#""""#, ""), (r#""a b""#, "a b"), (r#""a\"\\\n""#, "a\"\\\n"), ("\"é\"", "é")] {
            assert_eq!(text(json).as_deref(), Some(expected));
        }
        for json in [r#""\u0061""#, r#""\/""#, "\"\n\"", r#""\ud800""#, "1", "{}", "\"", "nul", r#""\"#] {
            assert_eq!(text(json), None, "{json}");
        }
    }

    fn column_of(values: &[&'static str]) -> Option<(Vec<Option<String>>, Absent)> {
        let found = |json: &'static str| if json.is_empty() { Found::Nothing } else { Found::Value(json) };
        let (array, absent) = column(ColumnType::String, || values.iter().map(|json| found(json)))?;
        Some((array.as_string_view().iter().map(|text| text.map(str::to_owned)).collect(), absent))
    }

    #[test]
    fn absent_and_empty_are_told_apart() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(column_of(&["\"a\"", ""]), Some((vec![some("a"), some("")], Absent::Empty)));
        assert_eq!(column_of(&["\"a\"", "null"]), Some((vec![some("a"), some("")], Absent::Empty)));
        assert_eq!(column_of(&["\"a\"", "\"\"", ""]), Some((vec![some("a"), some(""), None], Absent::Null)));
        assert_eq!(column_of(&["\"a\"", "\"\""]), Some((vec![some("a"), some("")], Absent::Never)));
        assert_eq!(column_of(&["\"a\"", "1"]), None);
    }
}
