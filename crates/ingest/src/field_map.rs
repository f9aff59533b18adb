//! Which field of a record goes to which column of a table.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

use schema::Table;

use crate::json::{JsonObject, JsonValue};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::ExtraFields;

/// What Azure writes for a value that is missing.
const NO_VALUE: JsonValue = JsonValue::Json("\"<null>\"");

/// How the names of fields are spelled where they are the names of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// As the column: `UserId`.
    Same,
    /// With a small first letter: `userId`.
    SmallFirst,
}

#[derive(Debug, Clone, Copy)]
enum Target {
    Column(ColumnIndex),
    /// Handled by the decoder itself.
    Ignored,
}

/// A field with its column.
#[derive(Debug)]
struct Field {
    /// `None` once another field took its place.
    name: Option<String>,
    target: Target,
    /// The field that came after this one in the last record: records of one source have their fields in one order, so that most
    /// fields are found by one comparison.
    next: AtomicUsize,
}

/// The columns that fields go to. Built once per decoder.
#[derive(Debug, Default)]
pub struct FieldMap {
    fields: Vec<Field>,
    /// Place of each field by its name.
    places: HashMap<String, usize, NameHash>,
    /// The same by the name in lower case, for fields that are not spelled as usual.
    lower_places: HashMap<String, usize, NameHash>,
}

impl FieldMap {
    /// All stored columns of the table, those of the framework aside, under their names in this spelling.
    pub fn of(table: &Table, spelling: Spelling) -> Self {
        let mut map = Self::empty();
        for column in table.stored_columns().filter(|column| !column.hidden && column.name != "Type") {
            let name = match spelling {
                Spelling::Same => column.name.clone(),
                Spelling::SmallFirst => small_first(&column.name),
            };
            if let Some(index) = ColumnIndex::of(table, &column.name) {
                map.insert(name, Target::Column(index));
            }
        }
        map
    }

    /// No fields.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Sends fields to columns of other names. Columns that the table lacks are left out, so that one list serves several tables.
    pub fn rename(mut self, table: &Table, names: &[(&str, &str)]) -> Self {
        for (field, column) in names {
            match ColumnIndex::of(table, column) {
                Some(index) => self.insert((*field).to_owned(), Target::Column(index)),
                None => self.remove(field),
            }
        }
        self
    }

    /// Leaves out fields that the decoder handles itself.
    pub fn ignore(mut self, names: &[&str]) -> Self {
        for name in names {
            self.insert((*name).to_owned(), Target::Ignored);
        }
        self
    }

    fn remove(&mut self, name: &str) {
        self.lower_places.remove(&name.to_ascii_lowercase());
        if let Some(place) = self.places.remove(name) {
            self.fields[place].name = None;
        }
    }

    fn insert(&mut self, name: String, target: Target) {
        self.remove(&name);
        let place = self.fields.len();
        self.lower_places.insert(name.to_ascii_lowercase(), place);
        self.places.insert(name.clone(), place);
        self.fields.push(Field { name: Some(name), target, next: AtomicUsize::new(place + 1) });
    }

    /// The place of the field, guessed from the one before it.
    fn place(&self, name: &str, before: Option<usize>) -> Option<usize> {
        let guess = before.map_or(0, |before| self.fields[before].next.load(Ordering::Relaxed));
        if self.fields.get(guess).is_some_and(|field| field.name.as_deref() == Some(name)) {
            return Some(guess);
        }
        let place = self.places.get(name).copied().or_else(|| {
            let lower = name.bytes().any(|byte| byte.is_ascii_uppercase()).then(|| name.to_ascii_lowercase());
            self.lower_places.get(lower.as_deref().unwrap_or(name)).copied()
        })?;
        if let Some(before) = before {
            self.fields[before].next.store(place, Ordering::Relaxed);
        }
        Some(place)
    }

    /// Sets the row's cells from the object; a cell that is set stays. Fields without a column, values that a column cannot take, and
    /// values other than the one that is set, go to `extra`.
    pub fn fill(&self, object: &JsonObject, row: &mut RowBuilder, extra: &mut ExtraFields) {
        let mut before = None;
        for (name, value) in object.iter() {
            let place = self.place(name, before);
            before = place.or(before);
            if !value.is_null() {
                let target = place.map(|place| self.fields[place].target);
                put(target, (name, value), object.is_compact(), row, extra);
            }
        }
    }
}

/// Puts a field where it belongs.
fn put(
    target: Option<Target>,
    (name, value): (&str, &JsonValue),
    compact: bool,
    row: &mut RowBuilder,
    extra: &mut ExtraFields,
) {
    let placed = match target {
        Some(Target::Ignored) => true,
        Some(Target::Column(index)) if row.is_set(index) => row.holds(index, value),
        Some(Target::Column(index)) => row.set_value(index, value, compact),
        None => false,
    };
    // An empty string in a column of another type is an absent value.
    if !placed && *value != NO_VALUE && !(target.is_some() && value.is_blank()) {
        extra.push(name, value);
    }
}

/// Hashes names of fields (FNV-1a): they are short, and come from the program's own lists.
#[derive(Debug, Clone)]
pub struct NameHasher(u64);

/// Builds [`NameHasher`]s.
pub type NameHash = BuildHasherDefault<NameHasher>;

impl Default for NameHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn small_first(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(characters).collect()
}
