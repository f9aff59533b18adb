//! Which columns files give as keys.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use parquet::file::metadata::ParquetMetaData;

use crate::parquet_options::dictionary_limit;

/// The text columns of which a scan wants the keys, by name. Hangs on each file of the scan.
#[derive(Debug, Clone)]
pub(crate) struct KeyedNames {
    /// Those that it tests.
    pub(crate) tested: Arc<[String]>,
    /// Those that it gives on as keys.
    pub(crate) given: Arc<[String]>,
}

/// Metadata of a column of keys that come in long runs.
const RUNS: &str = "vedette.runs";

/// From how many rows a byte of a column on its keys are taken to come in runs. A run takes four bytes and more, so that one is then 256
/// rows long on average.
const ROWS_A_BYTE: u64 = 64;

/// How a file can give a column of texts as keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// They may change from row to row.
    Any,
    /// Few rows have others than the row before.
    InRuns,
}

impl Keys {
    /// The column as a reader gives it.
    pub(crate) fn field(self, text: &Field) -> Field {
        let keys = text.clone().with_data_type(key_type());
        match self {
            Self::Any => keys,
            Self::InRuns => {
                let mut metadata = text.metadata().clone();
                metadata.insert(RUNS.to_owned(), String::new());
                keys.with_metadata(metadata)
            }
        }
    }

    /// What a reader gives; nothing for a column of other values.
    pub(super) fn of(field: &Field) -> Option<Self> {
        let keys = if field.metadata().contains_key(RUNS) { Self::InRuns } else { Self::Any };
        (*field.data_type() == key_type()).then_some(keys)
    }
}

/// Keys into texts.
fn key_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8))
}

/// The keys of a column of a file of ours that has a dictionary with all its texts, in each row group: one that was full before the last would
/// be made anew by the reader, batch by batch. A dictionary is never larger than what a column's pages hold.
pub(crate) fn keys_of(footer: &ParquetMetaData, column: usize) -> Option<Keys> {
    let (mut rows, mut bytes) = (0u64, 0u64);
    for group in footer.row_groups() {
        let chunk = group.column(column);
        let size = u64::try_from(chunk.uncompressed_size()).ok()?;
        let limit = dictionary_limit(chunk.column_path().string().as_str());
        if chunk.dictionary_page_offset().is_none() || size > limit as u64 {
            return None;
        }
        rows += u64::try_from(group.num_rows()).ok()?;
        bytes += size;
    }
    Some(if rows / ROWS_A_BYTE >= bytes { Keys::InRuns } else { Keys::Any })
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, RecordBatch, StringArray};
    use bytes::Bytes;
    use parquet::arrow::ArrowWriter;
    use parquet::file::metadata::ParquetMetaDataReader;

    use super::*;

    fn keys(texts: impl Iterator<Item = String>) -> Option<Keys> {
        let texts = Arc::new(StringArray::from_iter_values(texts)) as ArrayRef;
        let rows = RecordBatch::try_from_iter([("User", texts)]).expect("a column");
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), None).expect("begins");
        writer.write(&rows).expect("writes");
        writer.close().expect("ends");
        let footer = ParquetMetaDataReader::new().parse_and_finish(&Bytes::from(bytes)).expect("reads");
        keys_of(&footer, 0)
    }

    #[test]
    fn keys_come_in_runs_where_few_rows_differ_from_the_row_before() {
        assert_eq!(keys((0..30_000).map(|row| (row / 10_000).to_string())), Some(Keys::InRuns));
        assert_eq!(keys((0..30_000).map(|row| (row % 3).to_string())), Some(Keys::Any));
        assert_eq!(keys((0..10).map(|_| "none".to_owned())), Some(Keys::Any), "hardly any rows");
    }

    #[test]
    fn a_dictionary_that_was_full_has_not_all_texts() {
        assert_eq!(keys((0..20_000).map(|row| format!("{row:060}"))), None);
    }

    #[test]
    fn a_reader_says_how_keys_come() {
        let text = Field::new("User", DataType::Utf8View, false);
        for keys in [Keys::Any, Keys::InRuns] {
            assert_eq!(Keys::of(&keys.field(&text)), Some(keys));
        }
        assert_eq!(Keys::of(&text), None);
    }
}
