//! Decodes prepared records into rows and hands full batches to the sink.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use schema::Table;

use crate::custom::CustomTables;
use crate::decoder::{Decoder, Record, Reject};
use crate::intake::Rejected;
use crate::limits::{BATCH_BYTES, BATCH_ROWS};
use crate::prepare::{Prepared, parse_inner};
use crate::report::Counts;
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::Rows;
use crate::sink::Sink;
use crate::source_file::SourceFile;

/// The table of what could not be placed.
pub(crate) const ERRORS_TABLE: &str = "IngestionErrors";

struct ErrorColumns {
    table: &'static Table,
    time: ColumnIndex,
    file: ColumnIndex,
    offset: ColumnIndex,
    reason: ColumnIndex,
    format: ColumnIndex,
    raw: ColumnIndex,
}

static ERROR_COLUMNS: LazyLock<ErrorColumns> = LazyLock::new(|| {
    let table = schema::table(ERRORS_TABLE).expect("a built-in table");
    let column = |name: &str| ColumnIndex::of(table, name).expect("a column of the table");
    ErrorColumns {
        table,
        time: column("TimeGenerated"),
        file: column("SourceFile"),
        offset: column("SourceOffset"),
        reason: column("Reason"),
        format: column("Format"),
        raw: column("RawRecord"),
    }
});

/// The rows of one thread, kept over files so that batches are full.
pub(crate) struct Worker<'a> {
    rows: Rows,
    decoders: &'a [Box<dyn Decoder>],
    sink: &'a dyn Sink,
    now: DateTime<Utc>,
    /// Place and reason of each rejected record, where the caller answers for each.
    rejected: Option<Vec<Rejected>>,
}

impl<'a> Worker<'a> {
    pub fn new(decoders: &'a [Box<dyn Decoder>], sink: &'a dyn Sink, now: DateTime<Utc>) -> Self {
        Self { rows: Rows::at(now), decoders, sink, now, rejected: None }
    }

    /// A worker that goes on with these rows, and remembers each rejected record.
    pub fn of_live(rows: Rows, decoders: &'a [Box<dyn Decoder>], sink: &'a dyn Sink, now: DateTime<Utc>) -> Self {
        Self { rows, decoders, sink, now, rejected: Some(Vec::new()) }
    }

    /// The rows, to go on with, and the rejected records.
    pub fn into_rows(self) -> (Rows, Vec<Rejected>) {
        (self.rows, self.rejected.unwrap_or_default())
    }

    /// Goes on with these decoders, which are the same in the same order.
    pub fn set_decoders(&mut self, decoders: &'a [Box<dyn Decoder>]) {
        self.decoders = decoders;
    }

    /// Decodes one more record of the same file with this decoder, whatever others know.
    pub fn decode_with(&mut self, decoder: &dyn Decoder, offset: i64, record: &Record, counts: &mut Counts) {
        let (file, _) = self.rows.source();
        self.rows.set_source(&file, offset);
        self.decode_record(counts, decoder, record);
    }

    /// A worker whose rows of custom tables go to these, which the caller finishes.
    pub fn with_custom(self, custom: Arc<CustomTables>) -> Self {
        Self { rows: self.rows.with_custom(custom), ..self }
    }

    /// The decoders.
    pub fn decoders(&self) -> &'a [Box<dyn Decoder>] {
        self.decoders
    }

    /// Decodes records of one file.
    pub fn decode(&mut self, file: &SourceFile, prepared: Vec<Prepared>) -> Result<Counts, String> {
        let mut counts = Counts::default();
        let (path, kind) = (&file.path, file.kind);
        self.rows.take_totals();
        self.rows.take_times();
        self.rows.set_file_time(file.written(self.now));
        for record in prepared {
            counts.records += 1;
            match record {
                Prepared::Duplicate => counts.duplicates += 1,
                Prepared::Rejected { text, offset, reason } => {
                    self.rows.set_source(path, offset);
                    self.reject(&mut counts, kind, &reason, &text);
                }
                Prepared::Direct { record, offset, decoder, .. } => {
                    self.rows.set_source(path, offset);
                    self.decode_record(&mut counts, &*self.decoders[decoder], &record);
                }
                Prepared::Inner { text, offset, decoder, received, .. } => {
                    self.rows.set_source(path, offset);
                    match parse_inner(&text) {
                        Ok(mut record) => {
                            if let Some(line) = &mut record.line {
                                line.received = received;
                            }
                            self.decode_record(&mut counts, &*self.decoders[decoder], &record);
                        }
                        Err(reason) => self.reject(&mut counts, kind, &reason, &text),
                    }
                }
            }
            self.write_full()?;
        }
        counts.times = self.rows.take_times();
        for (table, rows) in self.rows.take_totals() {
            *counts.rows.entry(table).or_default() += rows;
        }
        Ok(counts)
    }

    /// Makes the rows that waited for the rest of the run; gives what to add to the counts of their files.
    pub fn decode_late(&mut self) -> Result<Vec<(Arc<str>, Counts)>, String> {
        let mut added = Vec::new();
        for decoder in self.decoders {
            // In the order of the files, whatever the threads did.
            let mut waiting = decoder.take_late();
            waiting.sort();
            for late in waiting {
                self.rows.take_totals();
                self.rows.take_times();
                self.rows.set_file_time(late.file_time);
                self.rows.set_source(&late.file, late.offset);
                decoder.decode_late(&late, &mut self.rows);
                self.rows.drop_open_rows();
                let mut counts = Counts { times: self.rows.take_times(), ..Counts::default() };
                counts.rows.extend(self.rows.take_totals());
                self.write_full()?;
                added.push((late.file, counts));
            }
        }
        self.finish()?;
        Ok(added)
    }

    fn decode_record(&mut self, counts: &mut Counts, decoder: &dyn Decoder, record: &Record) {
        let mut result = decoder.decode(record, &mut self.rows);
        self.rows.drop_open_rows();
        if self.rows.take_untimed() && result.is_ok() {
            result = Err(Reject::new("record without a time"));
        }
        match result {
            Ok(()) => *counts.formats.entry(decoder.format()).or_default() += 1,
            Err(reject) => self.reject(counts, decoder.format(), &reject.reason, record.raw),
        }
    }

    fn reject(&mut self, counts: &mut Counts, format: &str, reason: &str, raw: &str) {
        let columns = &*ERROR_COLUMNS;
        let (file, offset) = self.rows.source();
        let row = self.rows.row(columns.table);
        row.set_time(columns.time, self.now);
        row.set_str(columns.file, &file);
        row.set_i64(columns.offset, offset);
        row.set_str(columns.reason, reason);
        row.set_str(columns.format, format);
        row.set_str(columns.raw, raw);
        row.end_row();
        // Its time is that of the run, not of an event.
        row.take_times();
        counts.reject(reason);
        if let Some(rejected) = &mut self.rejected {
            rejected.push(Rejected { index: usize::try_from(offset).unwrap_or_default(), reason: reason.to_owned() });
        }
    }

    fn write_full(&mut self) -> Result<(), String> {
        for builder in self.rows.builders() {
            if builder.len() >= BATCH_ROWS || builder.text_bytes() >= BATCH_BYTES {
                write(self.sink, builder)?;
            }
        }
        self.rows.custom().write_full(self.sink)
    }

    /// Hands over the rows of custom tables, where nobody shares them.
    pub fn finish_custom(&self) -> Result<(), String> {
        self.rows.custom().finish(self.sink)
    }

    /// Hands over what is left, rows of custom tables aside.
    pub fn finish(&mut self) -> Result<(), String> {
        self.rows.builders().iter_mut().try_for_each(|builder| write(self.sink, builder))
    }
}

fn write(sink: &dyn Sink, builder: &mut RowBuilder) -> Result<(), String> {
    let table = builder.table();
    let batch = builder.finish().map_err(|error| format!("rows of `{}` cannot be built: {error}", table.name))?;
    if batch.num_rows() == 0 { Ok(()) } else { sink.write(table, batch) }
}
