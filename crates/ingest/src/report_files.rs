//! The rows of `IngestedFiles`: what was read, when, by which version.

use chrono::{DateTime, Utc};

use crate::decoder::DECODER_VERSION;
use crate::limits::BATCH_ROWS;
use crate::report::FileReport;
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::sink::Sink;

/// Writes a row per file; returns how many.
pub(crate) fn write_file_rows(files: &[FileReport], now: DateTime<Utc>, sink: &dyn Sink) -> Result<u64, String> {
    let table = schema::table("IngestedFiles").ok_or("no table `IngestedFiles`")?;
    let mut builder = RowBuilder::new(table);
    for files in files.chunks(BATCH_ROWS) {
        for file in files {
            add_row(&mut builder, file, now);
        }
        sink.write(table, builder.finish()?)?;
    }
    Ok(files.len() as u64)
}

fn add_row(row: &mut RowBuilder, file: &FileReport, now: DateTime<Utc>) {
    let rows = serde_json::to_string(&file.rows).unwrap_or_default();
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let columns: [(&str, Cell); 14] = [
        ("TimeGenerated", Cell::Time(now)),
        ("SourceFile", Cell::Text(&file.path)),
        ("SHA256", Cell::Text(&file.sha256)),
        ("Bytes", Cell::Number(number(file.bytes))),
        ("Format", Cell::Text(&file.format)),
        ("DecoderVersion", Cell::Number(i64::from(DECODER_VERSION))),
        ("Records", Cell::Number(number(file.records))),
        ("RowsPerTable", Cell::Text(&rows)),
        ("FirstEventTime", file.first_event.map_or(Cell::Absent, Cell::Time)),
        ("LastEventTime", file.last_event.map_or(Cell::Absent, Cell::Time)),
        ("Duplicates", Cell::Number(number(file.duplicates))),
        ("Rejected", Cell::Number(number(file.rejected))),
        ("Status", Cell::Text(file.status.name())),
        ("Reason", Cell::Text(file.reason.as_deref().unwrap_or(""))),
    ];
    for (name, cell) in columns {
        let Some(index) = ColumnIndex::of(row.table(), name) else { continue };
        match cell {
            Cell::Absent => {}
            Cell::Time(time) => row.set_time(index, time),
            Cell::Text(text) => row.set_str(index, text),
            Cell::Number(number) => row.set_i64(index, number),
        }
    }
    row.end_row();
}

enum Cell<'a> {
    Absent,
    Time(DateTime<Utc>),
    Text(&'a str),
    Number(i64),
}
