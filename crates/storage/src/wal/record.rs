//! The rows of one append, of several tables, as bytes.
//!
//! The length of the description (4 bytes, little endian), the description as JSON, then each table's rows as an Arrow IPC stream that has only
//! the columns in which some row has a value.

use arrow::array::RecordBatch;
use arrow_ipc::MetadataVersion;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use schema::{CustomColumn, Table};
use serde::{Deserialize, Serialize};

use super::MAX_PAYLOAD_BYTES;
use crate::StorageError;
use crate::live::BatchId;
use crate::live::run::{in_columns, without_absent_columns};

/// Alignment of Arrow buffers, in bytes. The usual 64 would pad small records to twice their size.
const ALIGNMENT: usize = 8;

/// What an append stored.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) batch: Option<BatchId>,
    /// When it was written, in ms since 1970: the age of the batch id.
    pub(crate) at: i64,
    pub(crate) tables: Vec<(&'static Table, RecordBatch)>,
}

#[derive(Serialize, Deserialize)]
struct Description {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    batch: Option<String>,
    at: i64,
    tables: Vec<DescribedTable>,
}

#[derive(Serialize, Deserialize)]
struct DescribedTable {
    name: String,
    /// Of a custom table; empty for a built-in one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    custom_columns: Vec<CustomColumn>,
    bytes: usize,
}

/// The record as bytes.
pub(crate) fn encode(record: &Record) -> Result<Vec<u8>, StorageError> {
    let mut rows = Vec::new();
    let mut tables = Vec::with_capacity(record.tables.len());
    for (table, batch) in &record.tables {
        let start = rows.len();
        write_rows(batch, &mut rows)
            .map_err(|source| StorageError::Rows { table: table.name.clone(), source: Box::new(source) })?;
        tables.push(DescribedTable {
            name: table.name.clone(),
            custom_columns: table.custom_columns(),
            bytes: rows.len() - start,
        });
        if rows.len() as u64 > MAX_PAYLOAD_BYTES - u64::from(u16::MAX) {
            let limit = usize::try_from(MAX_PAYLOAD_BYTES).unwrap_or(usize::MAX);
            return Err(StorageError::BatchTooLarge { table: table.name.clone(), bytes: rows.len(), limit });
        }
    }
    let description = Description { batch: record.batch.map(|batch| batch.to_string()), at: record.at, tables };
    let description = serde_json::to_vec(&description).expect("text and numbers serialize");
    let length = u32::try_from(description.len()).unwrap_or(u32::MAX).to_le_bytes();
    Ok([&length[..], &description, &rows].concat())
}

fn write_rows(batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), arrow::error::ArrowError> {
    let batch = without_absent_columns(batch)?;
    let options = IpcWriteOptions::try_new(ALIGNMENT, false, MetadataVersion::V5)?;
    let mut writer = StreamWriter::try_new_with_options(bytes, &batch.schema(), options)?;
    writer.write(&batch)?;
    writer.finish()
}

/// The record that the bytes are, with the tables that are wanted; else what is wrong with them.
pub(crate) fn decode(bytes: &[u8], is_wanted: impl Fn(&str) -> bool) -> Result<Record, String> {
    let short = || "it ends too early".to_owned();
    let (length, rest) = bytes.split_at_checked(4).ok_or_else(short)?;
    let length = u32::from_le_bytes(length.try_into().map_err(|_| short())?) as usize;
    let (description, mut rest) = rest.split_at_checked(length).ok_or_else(short)?;
    let description: Description = serde_json::from_slice(description).map_err(|error| error.to_string())?;
    let mut tables = Vec::with_capacity(description.tables.len());
    for described in &description.tables {
        let (rows, after) = rest.split_at_checked(described.bytes).ok_or_else(short)?;
        rest = after;
        if is_wanted(&described.name) {
            tables.push(read_table(described, rows)?);
        }
    }
    let batch = match &description.batch {
        Some(text) => Some(BatchId::parse(text).ok_or_else(|| format!("`{text}` is no batch id"))?),
        None => None,
    };
    Ok(Record { batch, at: description.at, tables })
}

fn read_table(described: &DescribedTable, rows: &[u8]) -> Result<(&'static Table, RecordBatch), String> {
    let name = &described.name;
    let table = match schema::table(name) {
        Some(table) => table,
        None if schema::is_custom_table_name(name) => schema::custom_table(name, &described.custom_columns),
        None => return Err(format!("this version has no table `{name}`")),
    };
    let failed = |error: arrow::error::ArrowError| format!("rows of table `{name}`: {error}");
    let mut reader = StreamReader::try_new(rows, None).map_err(failed)?;
    let batch = reader.next().ok_or_else(|| format!("no rows of table `{name}`"))?.map_err(failed)?;
    let schema = table.arrow_schema();
    for field in batch.schema().fields() {
        match schema.field_with_name(field.name()) {
            Ok(known) if known.data_type() == field.data_type() => {}
            _ => return Err(format!("table `{name}` has no `{}` {}", field.name(), field.data_type())),
        }
    }
    Ok((table, in_columns(&batch, &schema).map_err(failed)?))
}

#[cfg(test)]
mod tests {
    use schema::ColumnType;

    use super::*;
    use crate::crash_tests::{rows, table};

    #[test]
    fn rows_of_several_tables_come_back_with_their_batch_id() {
        let columns = [CustomColumn { name: "Bar".to_owned(), ty: ColumnType::String }];
        let custom = schema::custom_table("Record_CL", &columns);
        let tables: Vec<_> = [table("SigninLogs"), table("AuditLogs"), custom]
            .into_iter()
            .map(|table| (table, rows(table, 3)))
            .collect();
        let record = Record { batch: Some(BatchId::new("test", "1")), at: 17, tables };
        let bytes = encode(&record).expect("encodes");
        let read = decode(&bytes, |_| true).expect("decodes");
        assert_eq!((read.batch, read.at), (record.batch, 17));
        assert_eq!(read.tables, record.tables);
        assert!(std::ptr::eq(read.tables[2].0, custom));
        assert_eq!(decode(&bytes, |name| name == "AuditLogs").expect("decodes").tables.len(), 1);
    }

    #[test]
    fn no_cut_record_passes_or_panics() {
        let record = Record { batch: None, at: 0, tables: vec![(table("AuditLogs"), rows(table("AuditLogs"), 2))] };
        let bytes = encode(&record).expect("encodes");
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length], |_| true).is_err(), "{length}");
        }
    }
}
