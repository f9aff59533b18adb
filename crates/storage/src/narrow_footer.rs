//! A file's footer as a scan of few columns sees it.
//!
//! For each file of a scan, DataFusion goes over all columns of the file several times: it decodes their Arrow schema, adapts types,
//! resolves expressions. Sign-in logs have more than a hundred columns and a query reads some five of them, so that opening a file took as
//! long as decoding what is wanted of it. A narrow footer has the wanted columns only; the opener then does its work for those.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::datatypes::{DataType, Schema, SchemaRef};
use parquet::arrow::{ARROW_SCHEMA_META_KEY, encode_arrow_schema, parquet_to_arrow_schema};
use parquet::errors::Result;
use parquet::file::metadata::{FileMetaData, KeyValue, ParquetMetaData, ParquetMetaDataBuilder, RowGroupMetaData};
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor, Type};

use crate::keyed::{KeyedNames, Keys, keys_of};

/// Arrow schemas that are remembered; beyond it the list starts anew. Files of a table differ in which columns have values at all, so
/// that a table has a few; one takes some 50 KB.
const SCHEMAS_LIMIT: usize = 256;

/// The Arrow schemas of files, decoded once for all files that have the same.
#[derive(Debug, Default)]
pub(crate) struct FileSchemas {
    /// The schema's text in the footer; it counts for files of the same Parquet schema. A list, as comparing texts of that length takes less
    /// than hashing one.
    known: Mutex<Vec<KnownSchema>>,
}

#[derive(Debug, Clone)]
struct KnownSchema {
    text: String,
    parquet: SchemaDescPtr,
    arrow: SchemaRef,
}

impl FileSchemas {
    /// The columns of a file as its reader gives them.
    fn of(&self, file: &FileMetaData) -> Result<SchemaRef> {
        let decode = || parquet_to_arrow_schema(file.schema_descr(), file.key_value_metadata()).map(Arc::new);
        let Some(text) = schema_text(file) else { return decode() };
        let known = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let known = known.iter().find(|known| known.text == *text);
            known.map(|known| (Arc::clone(&known.parquet), Arc::clone(&known.arrow)))
        };
        match known {
            Some((parquet, arrow)) if parquet.root_schema() == file.schema_descr().root_schema() => return Ok(arrow),
            Some(_) => return decode(),
            None => {}
        }
        let arrow = decode()?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= SCHEMAS_LIMIT {
            known.clear();
        }
        known.push(KnownSchema { text: text.clone(), parquet: file.schema_descr_ptr(), arrow: Arc::clone(&arrow) });
        Ok(arrow)
    }
}

/// The Arrow schema as the writer left it in the footer.
fn schema_text(file: &FileMetaData) -> Option<&String> {
    let entries = file.key_value_metadata()?;
    entries.iter().find(|entry| entry.key == ARROW_SCHEMA_META_KEY)?.value.as_ref()
}

/// The footer with the wanted columns that the file has, of which those that can be are keys; nothing where it is not worth it, or where a column has parts, which are
/// columns of their own in the footer.
pub(crate) fn narrow(
    footer: &ParquetMetaData,
    wanted: &HashSet<String>,
    keyed: Option<&KeyedNames>,
    schemas: &FileSchemas,
) -> Result<Option<ParquetMetaData>> {
    let file = footer.file_metadata();
    let fields = file.schema_descr().root_schema().get_fields();
    if !fields.iter().all(|field| field.is_primitive()) {
        return Ok(None);
    }
    let mut kept: Vec<usize> = (0..fields.len()).filter(|&at| wanted.contains(fields[at].name())).collect();
    if kept.is_empty() && !fields.is_empty() {
        // Rows are counted all the same.
        kept.push(0);
    }
    if kept.len() * 2 > fields.len() {
        return Ok(None);
    }
    let arrow = schemas.of(file)?.project(&kept)?;
    let arrow = match keyed {
        Some(names) => with_keys(&arrow, names, |at| keys_of(footer, kept[at])),
        None => arrow,
    };
    let file = narrow_file(file, &kept, &arrow)?;
    let schema = file.schema_descr_ptr();
    let groups = footer.row_groups().iter().map(|group| narrow_group(group, &kept, &schema));
    let groups = groups.collect::<Result<Vec<_>>>()?;
    Ok(Some(ParquetMetaDataBuilder::new(file).set_row_groups(groups).build()))
}

/// The columns with those of these names given as keys that can be. Where a test may choose rows by keys that come in runs, so few may be left that
/// to have the texts of a dictionary as keys costs more than the texts of the rows.
fn with_keys(columns: &Schema, names: &KeyedNames, keys: impl Fn(usize) -> Option<Keys>) -> Schema {
    let among = |at: usize, names: &[String]| {
        let field = columns.field(at);
        let is_wanted = names.contains(field.name()) && is_text(field.data_type());
        is_wanted.then(|| keys(at)).flatten()
    };
    let tested: Vec<Option<Keys>> = (0..columns.fields().len()).map(|at| among(at, &names.tested)).collect();
    let chooses_rows = tested.contains(&Some(Keys::InRuns));
    let fields = columns.fields().iter().zip(tested).enumerate().map(|(at, (field, tested))| {
        let keys = tested.or_else(|| if chooses_rows { None } else { among(at, &names.given) });
        keys.map_or_else(|| Arc::clone(field), |keys| Arc::new(keys.field(field)))
    });
    Schema::new_with_metadata(fields.collect::<Vec<_>>(), columns.metadata().clone())
}

fn is_text(ty: &DataType) -> bool {
    matches!(ty, DataType::Utf8 | DataType::Utf8View)
}

fn narrow_file(file: &FileMetaData, kept: &[usize], arrow: &Schema) -> Result<FileMetaData> {
    let root = file.schema_descr().root_schema();
    let fields = kept.iter().map(|&at| Arc::clone(&root.get_fields()[at])).collect();
    let root = Type::group_type_builder(root.name()).with_fields(fields).build()?;
    let schema = SchemaDescriptor::new(Arc::new(root));
    let entries = file.key_value_metadata().map(|entries| {
        let entry = |entry: &KeyValue| match entry.key.as_str() {
            ARROW_SCHEMA_META_KEY => KeyValue::new(entry.key.clone(), encode_arrow_schema(arrow)),
            _ => entry.clone(),
        };
        entries.iter().map(entry).collect()
    });
    let orders = file.column_orders().map(|orders| kept.iter().filter_map(|&at| orders.get(at).copied()).collect());
    let created_by = file.created_by().map(str::to_owned);
    Ok(FileMetaData::new(file.version(), file.num_rows(), created_by, entries, Arc::new(schema), orders))
}

/// Without the order of its rows, which names columns by their place; the scan declares it.
fn narrow_group(group: &RowGroupMetaData, kept: &[usize], schema: &SchemaDescPtr) -> Result<RowGroupMetaData> {
    let mut builder = RowGroupMetaData::builder(Arc::clone(schema))
        .set_num_rows(group.num_rows())
        .set_total_byte_size(group.total_byte_size())
        .set_column_metadata(kept.iter().map(|&at| group.column(at).clone()).collect());
    if let Some(offset) = group.file_offset() {
        builder = builder.set_file_offset(offset);
    }
    if let Some(ordinal) = group.ordinal() {
        builder = builder.set_ordinal(ordinal);
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringViewArray};
    use arrow::datatypes::{DataType, Field};
    use bytes::Bytes;
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
    use parquet::file::metadata::ParquetMetaDataReader;

    use super::*;

    /// Eight columns of numbers and texts in two row groups.
    fn file() -> (Bytes, RecordBatch) {
        let column = |at: i64| -> (Field, ArrayRef) {
            let name = format!("c{at}");
            let metadata = [("place".to_owned(), at.to_string())].into();
            if at % 2 == 0 {
                let values = Int64Array::from_iter((0..10).map(|row| (row != at).then_some(row * at)));
                (Field::new(name, DataType::Int64, true).with_metadata(metadata), Arc::new(values))
            } else {
                let values = StringViewArray::from_iter_values((0..10).map(|row| format!("text {row} of column {at}")));
                (Field::new(name, DataType::Utf8View, false).with_metadata(metadata), Arc::new(values))
            }
        };
        let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = (0..8).map(column).unzip();
        let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).expect("columns are alike");
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), None).expect("a writer");
        for part in [rows.slice(0, 6), rows.slice(6, 4)] {
            writer.write(&part).expect("writes");
            writer.flush().expect("writes");
        }
        writer.close().expect("writes");
        (bytes.into(), rows)
    }

    fn footer(bytes: &Bytes) -> ParquetMetaData {
        ParquetMetaDataReader::new().parse_and_finish(bytes).expect("reads")
    }

    fn wanted(names: &[&str]) -> HashSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_file_read_by_a_narrow_footer_gives_the_wanted_columns_as_they_are() {
        let (bytes, rows) = file();
        let schemas = FileSchemas::default();
        for (names, kept) in [(vec!["c6", "c1", "missing"], vec![1, 6]), (vec!["c4"], vec![4]), (vec![], vec![0])] {
            let footer = narrow(&footer(&bytes), &wanted(&names), None, &schemas).expect("reads").expect("is worth it");
            let footer = ArrowReaderMetadata::try_new(Arc::new(footer), ArrowReaderOptions::new()).expect("reads");
            let expected = rows.project(&kept).expect("has them");
            assert_eq!(footer.schema(), &expected.schema());
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes.clone(), footer);
            let read: Vec<RecordBatch> = reader.build().expect("opens").collect::<Result<_, _>>().expect("reads");
            assert_eq!(arrow::compute::concat_batches(&expected.schema(), &read).expect("alike"), expected);
        }
    }

    #[test]
    fn texts_are_keys_where_they_are_asked_for_as_such() {
        let (bytes, rows) = file();
        let tested = ["c1", "c6", "missing"].map(str::to_owned).into();
        let keyed = KeyedNames { tested, given: Arc::default() };
        let footer = narrow(&footer(&bytes), &wanted(&["c1", "c3", "c6"]), Some(&keyed), &FileSchemas::default());
        let footer = Arc::new(footer.expect("reads").expect("is worth it"));
        let footer = ArrowReaderMetadata::try_new(footer, ArrowReaderOptions::new()).expect("reads");
        let types: Vec<DataType> = footer.schema().fields().iter().map(|field| field.data_type().clone()).collect();
        let keys = Keys::Any.field(&Field::new("c1", DataType::Utf8View, false)).data_type().clone();
        assert_eq!(types, [keys, DataType::Utf8View, DataType::Int64]);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, footer).build().expect("opens");
        let read: Vec<RecordBatch> = reader.collect::<Result<_, _>>().expect("reads");
        let texts = read.iter().map(|batch| arrow::compute::cast(batch.column(0), &DataType::Utf8View).expect("casts"));
        let texts: Vec<ArrayRef> = texts.collect();
        let texts: Vec<&dyn arrow::array::Array> = texts.iter().map(AsRef::as_ref).collect();
        assert_eq!(&arrow::compute::concat(&texts).expect("alike"), rows.column(1));
    }

    #[test]
    fn statistics_stay_with_their_columns() {
        let (bytes, _) = file();
        let whole = footer(&bytes);
        let narrowed =
            narrow(&whole, &wanted(&["c2", "c7"]), None, &FileSchemas::default()).expect("reads").expect("worth it");
        for (group, narrow) in whole.row_groups().iter().zip(narrowed.row_groups()) {
            assert_eq!((narrow.column(0), narrow.column(1)), (group.column(2), group.column(7)));
            assert_eq!(narrow.num_rows(), group.num_rows());
        }
    }

    #[test]
    fn a_footer_stays_where_most_columns_are_wanted() {
        let (bytes, _) = file();
        let most = wanted(&["c0", "c1", "c2", "c3", "c4"]);
        assert!(narrow(&footer(&bytes), &most, None, &FileSchemas::default()).expect("reads").is_none());
    }

    #[test]
    fn a_schema_text_counts_for_files_of_one_parquet_schema_only() {
        let (bytes, _) = file();
        let schemas = FileSchemas::default();
        let whole = footer(&bytes);
        let known = schemas.of(whole.file_metadata()).expect("decodes");
        assert!(Arc::ptr_eq(&known, &schemas.of(footer(&bytes).file_metadata()).expect("decodes")));
        let other = narrow_file(whole.file_metadata(), &[1], &known.project(&[1]).expect("has it")).expect("narrows");
        let text = schema_text(whole.file_metadata()).cloned();
        let entries = Some(vec![KeyValue::new(ARROW_SCHEMA_META_KEY.to_owned(), text)]);
        let other = FileMetaData::new(1, 10, None, entries, other.schema_descr_ptr(), None);
        assert!(!schemas.of(&other).is_ok_and(|schema| Arc::ptr_eq(&schema, &known)));
    }
}
