//! The rows of one custom table, and how they become batches.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use schema::{ColumnType, CustomColumn, MAX_CUSTOM_COLUMNS, Table, custom_column_name, custom_table};

use super::column_guess::{ColumnGuess, as_json, fits};
use super::custom_registry::CustomRegistry;
use super::custom_tables::{ColumnTypes, CustomRow};
use crate::json::{JsonObject, JsonValue, quote};
use crate::limits::{BATCH_BYTES, BATCH_ROWS, CUSTOM_FIELDS_SEEN};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::ExtraFields;
use crate::sink::Sink;
use crate::time::parse_time;

/// Rows of a custom table that wait for its columns.
#[derive(Debug)]
pub(super) struct PendingTable {
    name: String,
    /// Columns whose types stand.
    columns: Vec<CustomColumn>,
    /// Columns seen in this run that are not among those.
    found: Vec<FoundColumn>,
    /// The places of those, by name in lower case: storage does not tell `A` from `a`.
    found_by_name: HashMap<String, usize>,
    /// For each field met, the place of its column among those found; `None` where it has no column to be found.
    fields: HashMap<String, Option<usize>>,
    /// Rows of this run are written already, so no column may be added to it.
    settled: bool,
    rows: Vec<PendingRow>,
    bytes: usize,
}

#[derive(Debug)]
struct FoundColumn {
    name: String,
    guess: Option<ColumnGuess>,
    /// Its type, where that does not follow from the values.
    ty: Option<ColumnType>,
    /// Where it was first seen, by which columns are ordered whatever thread came first.
    first: Option<(Arc<str>, i64, usize)>,
}

#[derive(Debug)]
struct PendingRow {
    time: DateTime<Utc>,
    tenant: String,
    file: Arc<str>,
    offset: i64,
    /// A JSON object.
    fields: String,
}

impl PendingTable {
    pub fn new(name: String, columns: Vec<CustomColumn>) -> Self {
        Self {
            name,
            columns,
            found: Vec::new(),
            found_by_name: HashMap::new(),
            fields: HashMap::new(),
            settled: false,
            rows: Vec::new(),
            bytes: 0,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Bytes of the rows that wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a row and tells how many bytes it takes.
    pub fn add(&mut self, row: &CustomRow, file: &Arc<str>, offset: i64) -> usize {
        let mut fields = String::with_capacity(64 * row.fields.len());
        for (place, (name, value)) in row.fields.iter().enumerate() {
            if value.is_null() || self.is_said(row, name, value) {
                continue;
            }
            let json = as_json(value);
            self.see(name, &JsonValue::Json(&json), row.types, (file, offset, place));
            fields.push(if fields.is_empty() { '{' } else { ',' });
            fields.push_str(&quote(name));
            fields.push(':');
            fields.push_str(&json);
        }
        fields.push_str(if fields.is_empty() { "{}" } else { "}" });
        let row = PendingRow { time: row.time, tenant: row.tenant.to_string(), file: Arc::clone(file), offset, fields };
        let bytes = size_of::<PendingRow>() + row.tenant.len() + row.fields.len();
        self.bytes += bytes;
        self.rows.push(row);
        bytes
    }

    /// Whether one of the columns that every table has says the same.
    fn is_said(&self, row: &CustomRow, name: &str, value: &JsonValue) -> bool {
        let Some(text) = value.as_str() else { return false };
        match name {
            "Type" => text == self.name,
            "TenantId" => text == row.tenant,
            "TimeGenerated" => parse_time(&text) == Some(row.time),
            _ => false,
        }
    }

    /// Takes note of the type of a value.
    fn see(
        &mut self,
        field: &str,
        value: &JsonValue,
        types: ColumnTypes,
        (file, offset, place): (&Arc<str>, i64, usize),
    ) {
        if self.settled {
            return;
        }
        let index = match self.fields.get(field) {
            Some(index) => *index,
            None => self.find(field),
        };
        let Some(found) = index.and_then(|index| self.found.get_mut(index)) else { return };
        if types == ColumnTypes::BySuffix {
            found.ty = suffix_type(field);
        }
        let guess = ColumnGuess::of(value);
        found.guess = found.guess.map_or(Some(guess), |before| Some(before.join(guess)));
        let first = found.first.as_ref().map(|(file, offset, place)| (file.as_ref(), *offset, *place));
        if first.is_none_or(|first| (file.as_ref(), offset, place) < first) {
            found.first = Some((Arc::clone(file), offset, place));
            if let Some(name) = custom_column_name(field).filter(|name| *name != found.name) {
                found.name = name.into_owned();
            }
        }
    }

    /// The place of a field's column, met for the first time.
    fn find(&mut self, field: &str) -> Option<usize> {
        if self.fields.len() >= CUSTOM_FIELDS_SEEN {
            return None;
        }
        let index = custom_column_name(field).and_then(|name| {
            let key = name.to_ascii_lowercase();
            if self.columns.iter().any(|column| column.name.eq_ignore_ascii_case(&key)) {
                return None;
            }
            Some(*self.found_by_name.entry(key).or_insert_with(|| {
                self.found.push(FoundColumn { name: name.into_owned(), guess: None, ty: None, first: None });
                self.found.len() - 1
            }))
        });
        self.fields.insert(field.to_owned(), index);
        index
    }

    /// Settles the columns and writes the rows.
    pub fn write(&mut self, sink: &dyn Sink, registry: Option<&CustomRegistry>) -> Result<(), String> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let table = match registry {
            Some(registry) => registry.settle(&self.name.clone(), |columns| {
                self.columns = columns;
                self.settle();
                self.columns.clone()
            }),
            None => {
                self.settle();
                custom_table(&self.name, &self.columns)
            }
        };
        let mut writer = Writer::new(table)?;
        for row in std::mem::take(&mut self.rows) {
            writer.add(&row)?;
            if writer.builder.len() >= BATCH_ROWS || writer.builder.text_bytes() >= BATCH_BYTES {
                writer.write(sink)?;
            }
        }
        writer.write(sink)
    }

    /// Gives the columns found their types, as many as the table may have.
    fn settle(&mut self) {
        let mut found = std::mem::take(&mut self.found);
        let is_new =
            |found: &FoundColumn| !self.columns.iter().any(|known| known.name.eq_ignore_ascii_case(&found.name));
        found.retain(is_new);
        self.found_by_name.clear();
        self.fields.clear();
        found.sort_by(|left, right| left.first.cmp(&right.first));
        let room = MAX_CUSTOM_COLUMNS.saturating_sub(self.columns.len());
        self.columns.extend(found.into_iter().take(room).map(|found| {
            let guessed = || found.guess.map_or(ColumnType::String, |guess| guess.column_type(&found.name));
            let ty = found.ty.unwrap_or_else(guessed);
            CustomColumn { name: found.name, ty }
        }));
        self.settled = true;
    }
}

/// The type that the end of a column's name says.
fn suffix_type(name: &str) -> Option<ColumnType> {
    let (_, suffix) = name.rsplit_once('_')?;
    Some(match suffix {
        "s" | "g" => ColumnType::String,
        "d" => ColumnType::Real,
        "b" => ColumnType::Bool,
        "t" => ColumnType::DateTime,
        _ => return None,
    })
}

/// Makes batches of a table whose columns are settled.
struct Writer {
    builder: RowBuilder,
    columns: HashMap<String, (ColumnIndex, ColumnType)>,
    /// The columns of the fields met, so that a name is looked at once.
    fields: HashMap<String, Option<(ColumnIndex, ColumnType)>>,
    time: ColumnIndex,
    tenant: ColumnIndex,
    extra: ColumnIndex,
}

impl Writer {
    fn new(table: &'static Table) -> Result<Self, String> {
        let index =
            |name: &str| ColumnIndex::of(table, name).ok_or_else(|| format!("`{}` has no column `{name}`", table.name));
        let own = table.custom_columns();
        let columns =
            own.iter().map(|column| Ok((column.name.to_ascii_lowercase(), (index(&column.name)?, column.ty))));
        Ok(Self {
            builder: RowBuilder::new(table),
            columns: columns.collect::<Result<_, String>>()?,
            fields: HashMap::new(),
            time: index("TimeGenerated")?,
            tenant: index("TenantId")?,
            extra: index("_RawExtra")?,
        })
    }

    fn column(&mut self, field: &str) -> Option<(ColumnIndex, ColumnType)> {
        if let Some(known) = self.fields.get(field) {
            return *known;
        }
        let column = custom_column_name(field).and_then(|name| self.columns.get(&name.to_ascii_lowercase()).copied());
        if self.fields.len() < CUSTOM_FIELDS_SEEN {
            self.fields.insert(field.to_owned(), column);
        }
        column
    }

    fn add(&mut self, row: &PendingRow) -> Result<(), String> {
        let fields = JsonObject::parse(&row.fields).map_err(|error| error.to_string())?;
        let mut extra = ExtraFields::new();
        self.builder.set_source(&row.file, row.offset);
        self.builder.set_time(self.time, row.time);
        self.builder.set_str(self.tenant, &row.tenant);
        for (name, value) in fields.iter() {
            match self.column(name) {
                Some((_, ty)) if ty != ColumnType::String && value.is_blank() => {}
                Some((index, ty))
                    if !self.builder.is_set(index) && fits(ty, value) && self.builder.set_json(index, value) => {}
                _ => extra.push(name, value),
            }
        }
        extra.write(&mut self.builder, self.extra);
        self.builder.end_row();
        Ok(())
    }

    fn write(&mut self, sink: &dyn Sink) -> Result<(), String> {
        let table = self.builder.table();
        let batch =
            self.builder.finish().map_err(|error| format!("rows of `{}` cannot be built: {error}", table.name))?;
        if batch.num_rows() == 0 { Ok(()) } else { sink.write(table, batch) }
    }
}
