//! Gathers the terms of a file's text columns while it is written, a row group at a time.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use schema::{ColumnType, Table};

use super::filter::TermFilter;
use super::sidecar::{ColumnTerms, GroupTerms};
use super::split::{JsonForms, each_term, whole};

/// A column with more terms than this in a row group has no filter there: it would take over 48 KiB and, as the terms are mostly ids
/// and times, seldom serve.
const MAX_TERMS: usize = 32 * 1024;

/// A row group's filters together take at most one part in this many of the row group's bytes; the largest are left out first.
const SHARE_OF_ROW_GROUP: u64 = 50;

/// Bytes that the filters of even a small row group may take: they save opening its file.
const ALWAYS_ALLOWED: u64 = 4 * 1024;

/// Places of the table by which a text that came before is recognized.
const RECENT: usize = 1024;

/// Hashes are mixed already.
#[derive(Debug, Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

type Hashes = HashSet<u64, BuildHasherDefault<AsIs>>;

/// Gathers the terms of one file.
#[derive(Debug)]
pub(crate) struct TermCollector {
    columns: Vec<Gathered>,
    groups: Vec<GroupTerms>,
    scratch: Vec<u8>,
}

/// The terms of one column since the last row group ended.
#[derive(Debug)]
struct Gathered {
    name: String,
    is_json: bool,
    /// Of all rows since then.
    all: Option<ColumnSet>,
    /// Of the rows last added, which may belong to two row groups.
    last: Option<ColumnSet>,
}

/// `None` in its place stands for too many terms, or for texts of which it is not known how they print.
#[derive(Debug, Default, Clone)]
struct ColumnSet {
    hashes: Hashes,
    has_reals: bool,
}

impl ColumnSet {
    /// Both together, where they are not too many.
    fn union(mut self, other: &Self) -> Option<Self> {
        self.hashes.extend(&other.hashes);
        self.has_reals |= other.has_reals;
        (self.hashes.len() <= MAX_TERMS).then_some(self)
    }
}

impl TermCollector {
    /// For a file of this table: all columns of text.
    pub(crate) fn new(table: &Table) -> Self {
        let texts =
            table.stored_columns().filter(|column| matches!(column.ty, ColumnType::String | ColumnType::Dynamic));
        let columns = texts.map(|column| Gathered {
            name: column.name.clone(),
            is_json: column.ty == ColumnType::Dynamic,
            all: Some(ColumnSet::default()),
            last: Some(ColumnSet::default()),
        });
        Self { columns: columns.collect(), groups: Vec::new(), scratch: Vec::new() }
    }

    /// Takes in rows that go to the file next. A column that they lack has no text in them.
    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        for column in &mut self.columns {
            column.last = match batch.column_by_name(&column.name).map(|array| array.as_string_opt::<i32>()) {
                None => Some(ColumnSet::default()),
                Some(None) => None,
                // Once there are too many, the next rows have too many as well.
                Some(Some(_)) if column.all.is_none() && column.last.is_none() => None,
                Some(Some(texts)) => terms_of(texts, column.is_json, &mut self.scratch),
            };
            let all = column.all.take();
            column.all = all.zip(column.last.as_ref()).and_then(|(all, last)| all.union(last));
        }
    }

    /// Tells the sizes in bytes of the row groups that the file has by now, in order. The rows last added may be in any of the new ones and in
    /// the next.
    pub(crate) fn written(&mut self, row_groups: &[u64]) {
        if row_groups.len() <= self.groups.len() {
            return;
        }
        for bytes in row_groups.iter().skip(self.groups.len()) {
            let columns = self.columns.iter().filter_map(|column| {
                let set = column.all.as_ref()?;
                let filter = TermFilter::of(set.hashes.iter().copied());
                Some(ColumnTerms {
                    name: column.name.clone(),
                    is_json: column.is_json,
                    has_reals: set.has_reals,
                    filter,
                })
            });
            let limit = (bytes / SHARE_OF_ROW_GROUP).max(ALWAYS_ALLOWED);
            let group = GroupTerms { columns: within(columns.collect(), limit) };
            self.groups.push(group);
        }
        for column in &mut self.columns {
            column.all.clone_from(&column.last);
        }
    }

    /// The filters of all row groups.
    pub(crate) fn finish(self) -> Vec<GroupTerms> {
        self.groups
    }
}

/// As many columns as fit, smallest first, in the table's order.
fn within(mut columns: Vec<ColumnTerms>, limit: u64) -> Vec<ColumnTerms> {
    let size = |column: &ColumnTerms| column.filter.bytes().len() as u64;
    let mut sizes: Vec<u64> = columns.iter().map(size).collect();
    sizes.sort_unstable();
    let mut total = 0;
    let largest = sizes.into_iter().take_while(|size| {
        total += size;
        total <= limit
    });
    let largest = largest.last().unwrap_or(0);
    columns.retain(|column| size(column) <= largest);
    columns
}

fn terms_of(texts: &StringArray, is_json: bool, scratch: &mut Vec<u8>) -> Option<ColumnSet> {
    let mut set = ColumnSet::default();
    let mut recent = [usize::MAX; RECENT];
    for row in 0..texts.len() {
        if texts.is_null(row) {
            continue;
        }
        let text = texts.value(row);
        let place = &mut recent[recent_place(text.as_bytes())];
        if text.is_empty() || *place != usize::MAX && texts.value(*place) == text {
            continue;
        }
        *place = row;
        let hashes = &mut set.hashes;
        each_term(text, scratch, |hash| {
            hashes.insert(hash);
        });
        if is_json {
            let forms = JsonForms::of(text);
            if forms.is_broken {
                return None;
            }
            set.has_reals |= forms.has_reals;
            for other in &forms.others {
                each_term(other, scratch, |hash| {
                    hashes.insert(hash);
                });
            }
        } else {
            hashes.extend(whole(text));
        }
        if set.hashes.len() > MAX_TERMS {
            return None;
        }
    }
    Some(set)
}

/// By length and a few bytes: whether it is the same text is seen by comparing.
fn recent_place(text: &[u8]) -> usize {
    let part = |at: usize| text.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes);
    let middle = part(text.len() / 2);
    let end = part(text.len().saturating_sub(8));
    let mixed = (part(0) ^ middle.rotate_left(21) ^ end.rotate_left(42) ^ text.len() as u64)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 54) as usize % RECENT
}
