//! The rows of one custom table, and how they become batches.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use schema::{ColumnType, CustomColumn, MAX_CUSTOM_COLUMNS, Table, custom_column_name, custom_table};

use super::column_guess::{ColumnGuess, as_json, fits};
use super::custom_tables::CustomRow;
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
    /// Columns seen in this run that are not among those, by name in lower case: storage does not tell `A` from `a`.
    found: HashMap<String, FoundColumn>,
    /// Rows of this run are written already, so no column may be added to it.
    settled: bool,
    rows: Vec<PendingRow>,
    bytes: usize,
}

#[derive(Debug)]
struct FoundColumn {
    name: String,
    guess: ColumnGuess,
    /// Where it was first seen, by which columns are ordered whatever thread came first.
    first: (Arc<str>, i64, usize),
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
        Self { name, columns, found: HashMap::new(), settled: false, rows: Vec::new(), bytes: 0 }
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
            self.see(name, &JsonValue::Json(&json), (file, offset, place));
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
    fn see(&mut self, field: &str, value: &JsonValue, (file, offset, place): (&Arc<str>, i64, usize)) {
        if self.settled {
            return;
        }
        let Some(name) = custom_column_name(field) else { return };
        let key = name.to_ascii_lowercase();
        let guess = ColumnGuess::of(value);
        if let Some(found) = self.found.get_mut(&key) {
            found.guess = found.guess.join(guess);
            if (file.as_ref(), offset, place) < (found.first.0.as_ref(), found.first.1, found.first.2) {
                (found.name, found.first) = (name.into_owned(), (Arc::clone(file), offset, place));
            }
        } else if self.found.len() < CUSTOM_FIELDS_SEEN
            && !self.columns.iter().any(|column| column.name.eq_ignore_ascii_case(&key))
        {
            let first = (Arc::clone(file), offset, place);
            self.found.insert(key, FoundColumn { name: name.into_owned(), guess, first });
        }
    }

    /// Settles the columns and writes the rows.
    pub fn write(&mut self, sink: &dyn Sink) -> Result<(), String> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.settle();
        self.bytes = 0;
        let table = custom_table(&self.name, &self.columns);
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
        let mut found: Vec<FoundColumn> = std::mem::take(&mut self.found).into_values().collect();
        found.sort_by(|left, right| left.first.cmp(&right.first));
        let room = MAX_CUSTOM_COLUMNS.saturating_sub(self.columns.len());
        self.columns.extend(found.into_iter().take(room).map(|found| {
            let ty = found.guess.column_type(&found.name);
            CustomColumn { name: found.name, ty }
        }));
        self.settled = true;
    }
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
