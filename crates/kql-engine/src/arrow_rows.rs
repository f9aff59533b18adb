//! The rows of a table as a stream of Arrow's IPC format.
//!
//! Within the engine times are ticks and texts are views. Other programs read the types of Arrow that they know ([Arrow columnar format][format],
//! "Serialization and interprocess communication"; of JSON, [canonical extension types][extensions]).
//!
//! | KQL | Arrow |
//! |---|---|
//! | bool, int, long, real | boolean, 32-bit and 64-bit integer, double |
//! | decimal | decimal of 128 bits |
//! | datetime | timestamp in µs, UTC; rounded down, as tables store it |
//! | timespan | duration in µs; rounded down |
//! | string | UTF-8, never null |
//! | guid | UTF-8 |
//! | dynamic | UTF-8 with JSON, of the extension type `arrow.json` |
//!
//! [format]: https://arrow.apache.org/docs/format/Columnar.html
//! [extensions]: https://arrow.apache.org/docs/format/CanonicalExtensions.html

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StringArray, StringViewArray};
use arrow::array::{DurationMicrosecondArray, TimestampMicrosecondArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow_ipc::writer::StreamWriter;
use kql_functions::Type;
use kql_functions::datetime::{TICKS_PER_MICROSECOND, ticks_to_micros};

use crate::result::{ResultColumn, ResultTable};

/// Metadata of a column with its KQL type.
const KQL_TYPE: &str = "kql.type";
/// Metadata of a column with its extension type.
const EXTENSION: &str = "ARROW:extension:name";
/// The zone of all times.
const UTC: &str = "UTC";
/// Most bytes of a column of texts in one batch: its places are numbers of 32 bits with a sign.
const TEXT_LIMIT: usize = i32::MAX as usize;

/// Writes the rows, in as many batches as they are in.
pub(crate) fn write(table: &ResultTable, out: impl io::Write) -> Result<(), ArrowError> {
    let schema = Arc::new(Schema::new(table.columns.iter().map(field).collect::<Vec<_>>()));
    let mut writer = StreamWriter::try_new(out, &schema)?;
    for batch in &table.batches {
        write_batch(&mut writer, batch, &table.columns, &schema, TEXT_LIMIT)?;
    }
    writer.finish()
}

/// Writes a batch, in halves where a column has more bytes of text than that.
fn write_batch(
    writer: &mut StreamWriter<impl io::Write>,
    batch: &RecordBatch,
    columns: &[ResultColumn],
    schema: &SchemaRef,
    limit: usize,
) -> Result<(), ArrowError> {
    let rows = batch.num_rows();
    let texts = batch.columns().iter().filter_map(|column| column.as_string_view_opt());
    if rows > 1 && texts.map(bytes_of).any(|bytes| bytes > limit) {
        let half = rows / 2;
        write_batch(writer, &batch.slice(0, half), columns, schema, limit)?;
        return write_batch(writer, &batch.slice(half, rows - half), columns, schema, limit);
    }
    let arrays = columns.iter().zip(batch.columns()).map(|(column, array)| in_arrow(array, column.ty));
    let arrays = arrays.collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    writer.write(&RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)?)
}

fn field(column: &ResultColumn) -> Field {
    let ty = match column.ty {
        Type::DateTime => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        Type::TimeSpan => DataType::Duration(TimeUnit::Microsecond),
        Type::String | Type::Guid | Type::Dynamic => DataType::Utf8,
        ty => ty.arrow(),
    };
    let mut metadata = HashMap::from([(KQL_TYPE.to_owned(), column.ty.name().to_owned())]);
    if column.ty == Type::Dynamic {
        metadata.insert(EXTENSION.to_owned(), "arrow.json".to_owned());
    }
    Field::new(&column.name, ty, column.ty != Type::String).with_metadata(metadata)
}

fn in_arrow(array: &ArrayRef, ty: Type) -> Result<ArrayRef, ArrowError> {
    Ok(match ty {
        Type::DateTime => {
            let times: TimestampMicrosecondArray = array.as_primitive::<Int64Type>().unary(ticks_to_micros);
            Arc::new(times.with_timezone(UTC))
        }
        Type::TimeSpan => {
            let spans: DurationMicrosecondArray =
                array.as_primitive::<Int64Type>().unary(|ticks| ticks.div_euclid(TICKS_PER_MICROSECOND));
            Arc::new(spans)
        }
        Type::String => Arc::new(texts(array.as_string_view(), false)?),
        Type::Guid | Type::Dynamic => Arc::new(texts(array.as_string_view(), true)?),
        _ => Arc::clone(array),
    })
}

fn bytes_of(texts: &StringViewArray) -> usize {
    texts.lengths().map(|length| length as usize).sum()
}

/// The texts one after another; what is null becomes empty where it is not kept.
fn texts(views: &StringViewArray, keeps_nulls: bool) -> Result<StringArray, ArrowError> {
    let mut bytes = Vec::with_capacity(bytes_of(views));
    let mut ends = Vec::with_capacity(views.len() + 1);
    ends.push(0);
    for row in 0..views.len() {
        if views.is_valid(row) {
            bytes.extend_from_slice(views.value(row).as_bytes());
        }
        let end = i32::try_from(bytes.len());
        ends.push(end.map_err(|_| ArrowError::InvalidArgumentError(format!("a text has {} bytes", bytes.len())))?);
    }
    let nulls = views.nulls().filter(|_| keeps_nulls).cloned();
    StringArray::try_new(OffsetBuffer::new(ends.into()), bytes.into(), nulls)
}

#[cfg(test)]
mod tests {
    use arrow::array::{BooleanArray, Decimal128Array, Float64Array, Int32Array, Int64Array};
    use arrow::util::pretty::pretty_format_batches;
    use arrow_ipc::reader::StreamReader;
    use kql_functions::decimal::ONE;

    use super::*;

    fn read(bytes: &[u8]) -> (SchemaRef, Vec<RecordBatch>) {
        let reader = StreamReader::try_new(bytes, None).expect("a stream");
        (reader.schema(), reader.collect::<Result<_, _>>().expect("batches"))
    }

    fn table(columns: Vec<(Type, ArrayRef)>) -> ResultTable {
        let fields = columns.iter().map(|(ty, array)| Field::new(ty.name(), array.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let batch = RecordBatch::try_new(schema, columns.iter().map(|(_, array)| Arc::clone(array)).collect());
        let columns = columns.iter().map(|(ty, _)| ResultColumn { name: ty.name().to_owned(), ty: *ty }).collect();
        ResultTable { name: String::new(), columns, batches: vec![batch.expect("alike")], partial: None }
    }

    fn text(values: [Option<&str>; 2]) -> ArrayRef {
        Arc::new(StringViewArray::from_iter(values))
    }

    fn long(values: [Option<i64>; 2]) -> ArrayRef {
        Arc::new(Int64Array::from_iter(values))
    }

    #[test]
    fn each_type_is_one_that_others_know() {
        let decimals = Decimal128Array::from_iter([Some(ONE * 3 / 2), None]);
        let time = kql_functions::datetime::parse_datetime("2024-02-29T12:00:00.1234567Z").expect("a time");
        let table = table(vec![
            (Type::Bool, Arc::new(BooleanArray::from_iter([Some(true), None]))),
            (Type::Int, Arc::new(Int32Array::from_iter([Some(7), None]))),
            (Type::Long, long([Some(i64::MIN), None])),
            (Type::Real, Arc::new(Float64Array::from_iter([Some(f64::NAN), None]))),
            (Type::Decimal, Arc::new(decimals.with_precision_and_scale(38, 17).expect("as the engine has it"))),
            (Type::DateTime, long([Some(time), Some(0)])),
            (Type::TimeSpan, long([Some(-1), None])),
            (Type::String, text([Some("a text that is no short one, é"), None])),
            (Type::Guid, text([Some("6a1f0c9e-0000-4000-8000-000000000001"), None])),
            (Type::Dynamic, text([Some("{\"b\":[1.50,null]}"), None])),
        ]);
        let mut bytes = Vec::new();
        write(&table, &mut bytes).expect("writes");
        let (schema, batches) = read(&bytes);
        let types: Vec<String> = schema.fields().iter().map(|field| format!("{:?}", field.data_type())).collect();
        let times = ["Timestamp(Microsecond, Some(\"UTC\"))", "Duration(Microsecond)"];
        let numbers = ["Boolean", "Int32", "Int64", "Float64", "Decimal128(38, 17)"];
        assert_eq!(types, [&numbers[..], &times, &["Utf8", "Utf8", "Utf8"]].concat());
        assert_eq!(schema.field(9).metadata().get(EXTENSION).map(String::as_str), Some("arrow.json"));
        assert_eq!(schema.field(6).metadata().get(KQL_TYPE).map(String::as_str), Some("timespan"));
        let null = [0, 1, 2, 3, 4, 6, 8, 9];
        for (at, column) in batches[0].columns().iter().enumerate() {
            assert_eq!(column.is_null(1), null.contains(&at), "{at}");
        }
        let printed = pretty_format_batches(&[batches[0].slice(0, 1)]).expect("prints").to_string();
        for part in ["2024-02-29T12:00:00.123456Z", "| a text that is no short one, é |", "| 1.50000000000000000 |"] {
            assert!(printed.contains(part), "{part} in {printed}");
        }
        assert_eq!(
            batches[0].column(5).as_primitive::<arrow::datatypes::TimestampMicrosecondType>().value(1),
            -62_135_596_800_000_000
        );
        assert_eq!(batches[0].column(6).as_primitive::<arrow::datatypes::DurationMicrosecondType>().value(0), -1);
        assert_eq!(batches[0].column(7).as_string::<i32>().value(1), "");
    }

    #[test]
    fn more_text_than_places_reach_is_written_in_parts() {
        let table = table(vec![
            (Type::String, text([Some("0123456789"), Some("abc")])),
            (Type::Long, long([Some(1), Some(2)])),
        ]);
        let schema = Arc::new(Schema::new(table.columns.iter().map(field).collect::<Vec<_>>()));
        let mut bytes = Vec::new();
        let mut writer = StreamWriter::try_new(&mut bytes, &schema).expect("begins");
        write_batch(&mut writer, &table.batches[0], &table.columns, &schema, 12).expect("writes");
        writer.finish().expect("ends");
        let (_, batches) = read(&bytes);
        let rows: Vec<(String, i64)> = batches
            .iter()
            .map(|batch| {
                (
                    batch.column(0).as_string::<i32>().value(0).to_owned(),
                    batch.column(1).as_primitive::<Int64Type>().value(0),
                )
            })
            .collect();
        assert_eq!(rows, [("0123456789".to_owned(), 1), ("abc".to_owned(), 2)]);
    }

    #[test]
    fn a_table_without_rows_has_its_columns() {
        let table = ResultTable { batches: Vec::new(), ..table(vec![(Type::Long, long([None, None]))]) };
        let mut bytes = Vec::new();
        write(&table, &mut bytes).expect("writes");
        let (schema, batches) = read(&bytes);
        assert_eq!((schema.fields().len(), batches.len()), (1, 0));
    }
}
