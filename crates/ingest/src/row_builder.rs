//! Builds the rows of one table, column by column.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use chrono::{DateTime, Utc};
use schema::Table;

use crate::column_builder::{ColumnBuilder, last_text};
use crate::intake::TimeBounds;
use crate::json::JsonValue;

/// The place of a stored column in its table. Look it up once, with [`ColumnIndex::of`], and keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnIndex(u16);

impl ColumnIndex {
    /// The index of the stored column of this exact name; an alias gives the column that it names.
    pub fn of(table: &Table, name: &str) -> Option<Self> {
        let column = table.column(name)?;
        let stored = column.alias_of.as_deref().unwrap_or(name);
        let index = table.stored_columns().position(|column| column.name == stored)?;
        u16::try_from(index).ok().map(Self)
    }
}

/// The rows of one table under construction.
///
/// Cells of the current row are set in any order; the first value set for a cell stays. Cells that were not set become `""` (strings) or
/// null; that is done when the column gets its next value, so that a row costs its own cells and not all columns of its table.
/// [`RowBuilder::end_row`] sets `Type`, `_SourceFile` and `_SourceOffset`.
#[derive(Debug)]
pub struct RowBuilder {
    table: &'static Table,
    columns: Vec<ColumnBuilder>,
    rows: usize,
    /// A cell of the current row was set.
    is_open: bool,
    text_bytes: usize,
    /// Rows begun but not wanted: left out of the batch.
    dropped: Vec<usize>,
    /// Rows ended since the total was last taken.
    total: u64,
    /// A row was dropped because it had no time.
    untimed: bool,
    /// First and last time of the rows ended since it was last taken, in microseconds.
    times: Option<(i64, i64)>,
    source_file: Arc<str>,
    source_offset: i64,
    /// Bounds of the times of live rows.
    bounds: Option<TimeBounds>,
    /// Rows ended since it was last taken whose time was out of these bounds.
    clamped: u64,
    own: OwnColumns,
    /// Text that is made for a cell, kept so that its room is not made anew for every row.
    scratch: String,
}

/// The columns that the framework sets.
#[derive(Debug, Clone, Copy)]
struct OwnColumns {
    time: Option<ColumnIndex>,
    kind: Option<ColumnIndex>,
    file: Option<ColumnIndex>,
    offset: Option<ColumnIndex>,
}

impl RowBuilder {
    /// An empty builder of this table's rows.
    pub fn new(table: &'static Table) -> Self {
        let own = OwnColumns {
            time: ColumnIndex::of(table, &table.time_column),
            kind: ColumnIndex::of(table, "Type"),
            file: ColumnIndex::of(table, "_SourceFile"),
            offset: ColumnIndex::of(table, "_SourceOffset"),
        };
        Self {
            table,
            columns: table.stored_columns().map(|column| ColumnBuilder::new(column.ty)).collect(),
            rows: 0,
            is_open: false,
            text_bytes: 0,
            dropped: Vec::new(),
            total: 0,
            untimed: false,
            times: None,
            source_file: Arc::from(""),
            source_offset: 0,
            bounds: None,
            clamped: 0,
            own,
            scratch: String::new(),
        }
    }

    /// The table whose rows these are.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// The index of the column of this exact name.
    pub fn column(&self, name: &str) -> Option<ColumnIndex> {
        ColumnIndex::of(self.table, name)
    }

    /// Rows so far, without those dropped.
    pub fn len(&self) -> usize {
        self.rows - self.dropped.len()
    }

    /// Whether no row was ended yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of text held by the rows so far.
    pub fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    /// Sets the file and offset that `end_row` writes.
    pub(crate) fn set_source(&mut self, file: &Arc<str>, offset: i64) {
        if !Arc::ptr_eq(&self.source_file, file) {
            self.source_file = Arc::clone(file);
        }
        self.source_offset = offset;
    }

    /// Sets the bounds of the times of the next rows.
    pub(crate) fn set_bounds(&mut self, bounds: Option<TimeBounds>) {
        // Of the columns that hold a row's time, it is `TimeGenerated` that the service sets.
        self.bounds = bounds.filter(|_| self.table.time_column == "TimeGenerated");
    }

    /// The column of a cell of the current row that may still be set: it exists and has no value yet.
    fn open_cell(&mut self, index: ColumnIndex) -> Option<&mut ColumnBuilder> {
        let rows = self.rows;
        let column = self.columns.get_mut(usize::from(index.0)).filter(|column| column.len() <= rows)?;
        column.fill_to(rows);
        self.is_open = true;
        Some(column)
    }

    /// Whether the current row has a value in this column.
    pub fn is_set(&self, index: ColumnIndex) -> bool {
        self.columns.get(usize::from(index.0)).is_some_and(|column| column.len() > self.rows)
    }

    /// Sets a cell from a JSON value, by the column's type and leniently: `"4"` is a number, an object in a string column is its JSON
    /// text, a string in a dynamic column that holds JSON is that JSON. `null` and what cannot be converted leave the cell unset;
    /// returns whether the value was kept.
    pub fn set_json(&mut self, index: ColumnIndex, value: &JsonValue) -> bool {
        self.set_value(index, value, false)
    }

    /// The same for a value whose JSON text is known to be compact.
    pub(crate) fn set_value(&mut self, index: ColumnIndex, value: &JsonValue, compact: bool) -> bool {
        if value.is_null() {
            return true;
        }
        let Some(column) = self.open_cell(index) else { return false };
        let added = match (&mut *column, value) {
            (ColumnBuilder::Dynamic(builder) | ColumnBuilder::String(builder), JsonValue::Json(json))
                if compact && json.starts_with(['{', '[']) =>
            {
                builder.append_value(json);
                Some(json.len())
            }
            _ => column.push_json(value),
        };
        self.text_bytes += added.unwrap_or(0);
        added.is_some()
    }

    /// Whether the text in this cell of the current row is that of the value; true for cells that hold no text.
    pub(crate) fn holds(&self, index: ColumnIndex, value: &JsonValue) -> bool {
        match self.columns.get(usize::from(index.0)) {
            Some(ColumnBuilder::String(builder)) => match value {
                // A bool is written `True` or `true` in a string column.
                JsonValue::Json("true" | "false") => {
                    last_text(builder).eq_ignore_ascii_case(value.to_text().as_bytes())
                }
                value => last_text(builder) == value.to_text().as_bytes(),
            },
            Some(ColumnBuilder::Dynamic(builder)) => last_text(builder) == value.to_json().as_bytes(),
            _ => true,
        }
    }

    /// Sets a string cell (or any other, from its text form).
    pub fn set_str(&mut self, index: ColumnIndex, value: &str) {
        if let Some(column) = self.open_cell(index) {
            self.text_bytes += column.push_text(value).unwrap_or(0);
        }
    }

    /// Sets a string cell to the text that `write` appends to an empty one; empty text leaves the cell unset.
    pub(crate) fn set_written(&mut self, index: ColumnIndex, write: impl FnOnce(&mut String)) {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        write(&mut text);
        if !text.is_empty() {
            self.set_str(index, &text);
        }
        self.scratch = text;
    }

    /// Sets a long, int, real or timespan (ticks) cell; a string column gets its decimal digits.
    pub fn set_i64(&mut self, index: ColumnIndex, value: i64) {
        if let Some(column) = self.open_cell(index) {
            self.text_bytes += column.push_i64(value).unwrap_or(0);
        }
    }

    /// Sets a bool cell; a string column gets `True` or `False`.
    pub fn set_bool(&mut self, index: ColumnIndex, value: bool) {
        if let Some(column) = self.open_cell(index) {
            match column {
                ColumnBuilder::Bool(builder) => builder.append_value(value),
                other => drop(other.push_text(if value { "True" } else { "False" })),
            }
        }
    }

    /// Sets a datetime cell, cut to microseconds.
    pub fn set_time(&mut self, index: ColumnIndex, value: DateTime<Utc>) {
        if let Some(column) = self.open_cell(index) {
            match column {
                ColumnBuilder::DateTime(builder) => builder.append_value(value.timestamp_micros()),
                other => drop(other.push_text(&value.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))),
            }
        }
    }

    /// Sets a dynamic (or string) cell to JSON text that is known to be valid.
    pub fn set_dynamic(&mut self, index: ColumnIndex, json: &str) {
        if let Some(ColumnBuilder::String(builder) | ColumnBuilder::Dynamic(builder)) = self.open_cell(index) {
            builder.append_value(json);
            self.text_bytes += json.len();
        }
    }

    /// Ends the current row. A row without a time is dropped, and its record rejected.
    pub fn end_row(&mut self) {
        if self.own.time.is_some_and(|index| !self.is_set(index)) {
            self.untimed = true;
            self.dropped.push(self.rows);
        } else {
            self.total += 1;
            self.clamp_time();
            self.note_time();
        }
        self.fill_row();
    }

    /// Replaces a time out of bounds by the time of arrival.
    fn clamp_time(&mut self) {
        let Some(bounds) = self.bounds else { return };
        let column = self.own.time.and_then(|index| self.columns.get_mut(usize::from(index.0)));
        if let Some(ColumnBuilder::DateTime(builder)) = column
            && let Some(time) = builder.values_slice_mut().get_mut(self.rows)
            && let Some(arrival) = bounds.replacement(*time)
        {
            *time = arrival;
            self.clamped += 1;
        }
    }

    /// Widens the times seen by the time of the current row.
    fn note_time(&mut self) {
        let column = self.own.time.and_then(|index| self.columns.get(usize::from(index.0)));
        if let Some(ColumnBuilder::DateTime(builder)) = column
            && let Some(&time) = builder.values_slice().get(self.rows)
        {
            let (first, last) = self.times.unwrap_or((time, time));
            self.times = Some((first.min(time), last.max(time)));
        }
    }

    /// Sets what the framework sets, and goes to the next row.
    fn fill_row(&mut self) {
        if let Some(index) = self.own.kind {
            let name = self.table.name.as_str();
            self.set_str(index, name);
        }
        if let Some(index) = self.own.file {
            let file = Arc::clone(&self.source_file);
            self.set_str(index, &file);
        }
        if let Some(index) = self.own.offset {
            self.set_i64(index, self.source_offset);
        }
        self.rows += 1;
        self.is_open = false;
    }

    /// Drops the row that was begun and not ended, if any.
    pub(crate) fn drop_open_row(&mut self) {
        if self.is_open {
            self.dropped.push(self.rows);
            self.fill_row();
        }
    }

    /// Rows ended since the last call, without those dropped.
    pub(crate) fn take_total(&mut self) -> u64 {
        std::mem::take(&mut self.total)
    }

    /// First and last time of the rows ended since the last call, in microseconds since 1970.
    pub(crate) fn take_times(&mut self) -> Option<(i64, i64)> {
        self.times.take()
    }

    /// Rows ended since the last call whose time was out of bounds.
    pub(crate) fn take_clamped(&mut self) -> u64 {
        std::mem::take(&mut self.clamped)
    }

    /// Whether a row was dropped since the last call because it had no time.
    pub(crate) fn take_untimed(&mut self) -> bool {
        std::mem::take(&mut self.untimed)
    }

    /// The rows as a batch of [`Table::arrow_schema`]; the builder is empty afterwards.
    ///
    /// # Errors
    /// When the columns do not make a batch, such as text of more than 2 GiB in one column.
    pub fn finish(&mut self) -> Result<RecordBatch, String> {
        self.drop_open_row();
        let rows = std::mem::take(&mut self.rows);
        let dropped = std::mem::take(&mut self.dropped);
        self.text_bytes = 0;
        let fill_and_finish = |column: &mut ColumnBuilder| {
            column.fill_to(rows);
            column.finish()
        };
        let arrays: Vec<ArrayRef> = self.columns.iter_mut().map(fill_and_finish).collect();
        let schema = self.table.arrow_schema();
        if dropped.is_empty() {
            return RecordBatch::try_new(schema, arrays).map_err(|error| error.to_string());
        }
        let keep: BooleanArray = (0..rows).map(|row| Some(dropped.binary_search(&row).is_err())).collect();
        // A dropped row may lack its time, so nullability is checked after the filter.
        let nullable = arrow::datatypes::Schema::new(
            schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect::<Vec<_>>(),
        );
        let batch = RecordBatch::try_new(Arc::new(nullable), arrays).map_err(|error| error.to_string())?;
        let kept = filter_record_batch(&batch, &keep).map_err(|error| error.to_string())?;
        RecordBatch::try_new(schema, kept.columns().to_vec()).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::{Int64Type, TimestampMicrosecondType};

    use super::*;
    use crate::time::parse_time;

    fn builder() -> (RowBuilder, impl Fn(&str) -> ColumnIndex) {
        let table = schema::table("SigninLogs").unwrap();
        (RowBuilder::new(table), move |name: &str| ColumnIndex::of(table, name).unwrap())
    }

    fn text(batch: &RecordBatch, name: &str, row: usize) -> String {
        batch.column_by_name(name).unwrap().as_string::<i32>().value(row).to_owned()
    }

    #[test]
    fn values_take_the_column_type_and_absent_cells_are_filled() {
        let (mut builder, column) = builder();
        builder.set_source(&Arc::from("a.json"), 17);
        builder.set_json(column("TimeGenerated"), &JsonValue::Json("\"2022-01-24T05:10:08.6816663Z\""));
        builder.set_json(column("DurationMs"), &JsonValue::Json("\"4\""));
        builder.set_json(column("ResultType"), &JsonValue::Json("0"));
        builder.set_json(column("Status"), &JsonValue::Json("{ \"errorCode\": 0 }"));
        builder.set_json(column("DeviceDetail"), &JsonValue::Text("{\"a\": 1}".into()));
        builder.set_json(column("RiskEventTypes"), &JsonValue::Json("[ \"x\" ]"));
        builder.set_json(column("ResultType"), &JsonValue::Json("\"the first stays\""));
        builder.end_row();
        let batch = builder.finish().unwrap();
        let times = batch.column_by_name("TimeGenerated").unwrap().as_primitive::<TimestampMicrosecondType>();
        assert_eq!(times.value(0), 1_643_001_008_681_666);
        assert_eq!(batch.column_by_name("DurationMs").unwrap().as_primitive::<Int64Type>().value(0), 4);
        let cells = ["ResultType", "Status", "DeviceDetail", "RiskEventTypes", "Type", "_SourceFile", "Identity"];
        let found: Vec<String> = cells.iter().map(|name| text(&batch, name, 0)).collect();
        assert_eq!(found, ["0", "{\"errorCode\":0}", "{\"a\":1}", "[\"x\"]", "SigninLogs", "a.json", ""]);
        assert!(batch.column_by_name("MfaDetail").unwrap().is_null(0));
        assert_eq!(batch.column_by_name("_SourceOffset").unwrap().as_primitive::<Int64Type>().value(0), 17);
    }

    #[test]
    fn a_dropped_row_leaves_no_trace() {
        let (mut builder, column) = builder();
        let time = parse_time("2022-01-24T05:10:08Z").unwrap();
        for (id, keep) in [("a", true), ("b", false), ("c", true)] {
            builder.set_str(column("Id"), id);
            if keep {
                builder.set_time(column("TimeGenerated"), time);
                builder.end_row();
            } else {
                builder.drop_open_row();
            }
        }
        assert_eq!(builder.len(), 2);
        let batch = builder.finish().unwrap();
        assert_eq!([text(&batch, "Id", 0), text(&batch, "Id", 1)], ["a", "c"]);
        assert!(builder.is_empty());
    }

    #[test]
    fn a_row_without_time_is_dropped_and_said_so() {
        let (mut builder, column) = builder();
        builder.set_str(column("Id"), "a");
        builder.end_row();
        assert!(builder.take_untimed() && !builder.take_untimed());
        assert_eq!((builder.take_total(), builder.finish().unwrap().num_rows()), (0, 0));
    }
}
