//! Which field of a record goes to which column of a table.

use std::collections::HashMap;

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

/// The columns that fields go to. Built once per decoder.
#[derive(Debug)]
pub struct FieldMap {
    targets: HashMap<String, Target>,
}

impl FieldMap {
    /// All stored columns of the table, those of the framework aside, under their names in this spelling.
    pub fn of(table: &Table, spelling: Spelling) -> Self {
        let targets = table
            .stored_columns()
            .filter(|column| !column.hidden && column.name != "Type")
            .filter_map(|column| {
                let name = match spelling {
                    Spelling::Same => column.name.clone(),
                    Spelling::SmallFirst => small_first(&column.name),
                };
                Some((name, Target::Column(ColumnIndex::of(table, &column.name)?)))
            })
            .collect();
        Self { targets }
    }

    /// No fields.
    pub fn empty() -> Self {
        Self { targets: HashMap::new() }
    }

    /// Sends fields to columns of other names. Columns that the table lacks are left out, so that one list serves several tables.
    pub fn rename(mut self, table: &Table, names: &[(&str, &str)]) -> Self {
        for (field, column) in names {
            match ColumnIndex::of(table, column) {
                Some(index) => drop(self.targets.insert((*field).to_owned(), Target::Column(index))),
                None => drop(self.targets.remove(*field)),
            }
        }
        self
    }

    /// Leaves out fields that the decoder handles itself.
    pub fn ignore(mut self, names: &[&str]) -> Self {
        self.targets.extend(names.iter().map(|name| ((*name).to_owned(), Target::Ignored)));
        self
    }

    /// Sets the row's cells from the object. Fields without a column, and values that a column cannot take, go to `extra`.
    pub fn fill(&self, object: &JsonObject, row: &mut RowBuilder, extra: &mut ExtraFields) {
        for (name, value) in object.iter() {
            if value.is_null() {
                continue;
            }
            match self.targets.get(name) {
                Some(Target::Ignored) => {}
                Some(Target::Column(index)) if row.is_set(*index) || row.set_json(*index, value) => {}
                // An empty string in a column of another type is an absent value.
                Some(Target::Column(_)) if value.is_blank() => {}
                Some(Target::Column(_)) | None if *value == NO_VALUE => {}
                Some(Target::Column(_)) | None => extra.push(name, value),
            }
        }
    }
}

fn small_first(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(characters).collect()
}
