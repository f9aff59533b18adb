//! The rows that decoders make, of all tables, with the place that they come from.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use schema::Table;

use crate::custom::{CustomRow, CustomTables};
use crate::decoder::Reject;
use crate::intake::TimeBounds;
use crate::json::{JsonValue, quote_into};
use crate::row_builder::{ColumnIndex, RowBuilder};

/// Bytes of other fields that room is made for at once.
const USUAL_EXTRA_BYTES: usize = 256;

/// Row builders of the tables met so far.
#[derive(Debug)]
pub struct Rows {
    builders: Vec<RowBuilder>,
    source_file: Arc<str>,
    source_offset: i64,
    file_time: DateTime<Utc>,
    now: DateTime<Utc>,
    /// When records that arrive live did: the time of rows that bear none.
    arrival: Option<DateTime<Utc>>,
    bounds: Option<TimeBounds>,
    custom_clamped: u64,
    custom: Arc<CustomTables>,
    /// Rows of custom tables added since the totals were last taken.
    custom_totals: BTreeMap<String, u64>,
    /// First and last time of those rows, in microseconds since 1970.
    custom_times: Option<(i64, i64)>,
}

impl Rows {
    /// No rows yet.
    pub fn new() -> Self {
        Self {
            builders: Vec::new(),
            source_file: Arc::from(""),
            source_offset: 0,
            file_time: DateTime::UNIX_EPOCH,
            now: DateTime::UNIX_EPOCH,
            arrival: None,
            bounds: None,
            custom_clamped: 0,
            custom: Arc::default(),
            custom_totals: BTreeMap::new(),
            custom_times: None,
        }
    }

    /// No rows yet, in a run of this time.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { now, ..Self::new() }
    }

    /// Goes on with records that arrive live at this time, with these bounds of their times and these custom tables.
    pub(crate) fn begin_live(&mut self, now: DateTime<Utc>, bounds: Option<TimeBounds>, custom: Arc<CustomTables>) {
        (self.now, self.arrival, self.bounds, self.custom) = (now, Some(now), bounds, custom);
    }

    /// When the record arrived, where it did so live: the time of a row that bears none.
    pub(crate) fn arrival(&self) -> Option<DateTime<Utc>> {
        self.arrival
    }

    /// Rows ended since the last call whose time was out of bounds.
    pub(crate) fn take_clamped(&mut self) -> u64 {
        self.builders.iter_mut().map(RowBuilder::take_clamped).sum::<u64>() + std::mem::take(&mut self.custom_clamped)
    }

    /// The same, with rows of custom tables that go to these.
    pub(crate) fn with_custom(self, custom: Arc<CustomTables>) -> Self {
        Self { custom, ..self }
    }

    /// The time that the records of the file cannot be after: when it was written, or the run where that is earlier. Times without a
    /// year are read by it.
    pub fn latest_time(&self) -> DateTime<Utc> {
        self.file_time.min(self.now)
    }

    /// The custom tables.
    pub(crate) fn custom(&self) -> &CustomTables {
        &self.custom
    }

    /// Adds a whole row of a custom table.
    pub(crate) fn add_custom(&mut self, table: &str, mut row: CustomRow) -> Result<(), Reject> {
        let replacement = self.bounds.and_then(|bounds| bounds.replacement(row.time.timestamp_micros()));
        if let Some(arrival) = replacement.and_then(DateTime::from_timestamp_micros) {
            row.time = arrival;
            self.custom_clamped += 1;
        }
        let time = row.time.timestamp_micros();
        let name = self.custom.add(table, &row, &self.source_file, self.source_offset)?;
        *self.custom_totals.entry(name).or_default() += 1;
        let (first, last) = self.custom_times.unwrap_or((time, time));
        self.custom_times = Some((first.min(time), last.max(time)));
        Ok(())
    }

    /// Says where the rows of the next record come from.
    pub fn set_source(&mut self, file: &Arc<str>, offset: i64) {
        self.source_file = Arc::clone(file);
        self.source_offset = offset;
    }

    /// Says when the file of the next records was written, by [`crate::source_file::SourceFile::written`].
    pub(crate) fn set_file_time(&mut self, time: DateTime<Utc>) {
        self.file_time = time;
    }

    /// When the file was written: the time of a snapshot whose records bear none.
    pub fn file_time(&self) -> DateTime<Utc> {
        self.file_time
    }

    /// Where the rows of this record come from.
    pub(crate) fn source(&self) -> (Arc<str>, i64) {
        (Arc::clone(&self.source_file), self.source_offset)
    }

    /// The builder for a row of this table; end the row with [`RowBuilder::end_row`].
    pub fn row(&mut self, table: &'static Table) -> &mut RowBuilder {
        let index =
            self.builders.iter().position(|builder| std::ptr::eq(builder.table(), table)).unwrap_or_else(|| {
                self.builders.push(RowBuilder::new(table));
                self.builders.len() - 1
            });
        let builder = &mut self.builders[index];
        builder.set_source(&self.source_file, self.source_offset);
        builder.set_bounds(self.bounds);
        builder
    }

    /// Drops rows that were begun and not ended.
    pub fn drop_open_rows(&mut self) {
        for builder in &mut self.builders {
            builder.drop_open_row();
        }
    }

    /// How many rows of each table were ended since the last call.
    pub fn take_totals(&mut self) -> Vec<(String, u64)> {
        self.builders
            .iter_mut()
            .map(|builder| (builder.table().name.clone(), builder.take_total()))
            .filter(|(_, rows)| *rows > 0)
            .chain(std::mem::take(&mut self.custom_totals))
            .collect()
    }

    /// The first and last time of the rows ended since the last call, in microseconds since 1970.
    pub(crate) fn take_times(&mut self) -> Option<(i64, i64)> {
        let times = self.builders.iter_mut().filter_map(RowBuilder::take_times);
        let times = times.chain(self.custom_times.take());
        times.reduce(|(first, last), (from, to)| (first.min(from), last.max(to)))
    }

    /// Whether a row was dropped since the last call because it had no time.
    pub fn take_untimed(&mut self) -> bool {
        let untimed = self.builders.iter_mut().filter_map(|builder| builder.take_untimed().then_some(()));
        untimed.count() > 0
    }

    /// The builders of all tables met.
    pub fn builders(&mut self) -> &mut [RowBuilder] {
        &mut self.builders
    }
}

impl Default for Rows {
    fn default() -> Self {
        Self::new()
    }
}

/// Collects the fields that no column takes, as the JSON object of `_RawExtra`.
#[derive(Debug, Default)]
pub struct ExtraFields {
    json: String,
}

impl ExtraFields {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field; nulls are left out.
    pub fn push(&mut self, name: &str, value: &JsonValue) {
        if value.is_null() {
            return;
        }
        self.push_name(name);
        match value {
            JsonValue::Text(text) => quote_into(&mut self.json, text),
            value => self.json.push_str(&value.to_json()),
        }
    }

    /// Adds a number.
    pub(crate) fn push_number(&mut self, name: &str, number: i64) {
        self.push_name(name);
        // Writing to a string does not fail.
        let _ = write!(self.json, "{number}");
    }

    fn push_name(&mut self, name: &str) {
        if self.json.is_empty() {
            self.json.reserve(USUAL_EXTRA_BYTES);
        }
        self.json.push(if self.json.is_empty() { '{' } else { ',' });
        quote_into(&mut self.json, name);
        self.json.push(':');
    }

    /// The object, or `""` when there are none.
    pub fn into_json(mut self) -> String {
        if !self.json.is_empty() {
            self.json.push('}');
        }
        self.json
    }

    /// Sets the cell, when there are any, and starts anew.
    pub fn write(&mut self, row: &mut RowBuilder, index: ColumnIndex) {
        if !self.json.is_empty() {
            self.json.push('}');
            row.set_dynamic(index, &self.json);
            self.json.clear();
        }
    }
}
