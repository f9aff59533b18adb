//! The records of a body of Kusto ingestion.

use std::sync::Arc;

use serde_json::Value;

use super::{KustoFormat, KustoMapping};
use crate::doors::JsonArray;
use crate::intake::Records;
use crate::json::{NESTED_FIELD, quote};
use crate::json_scan::Scanner;
use crate::limits::{JSON_DEPTH, LIVE_RECORDS, Limits};
use crate::readers::Piece;
use crate::readers::csv::{CsvHeader, CsvSplitter};

/// A byte order mark.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A body that cannot be read as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KustoBodyError {
    /// It has more records than are taken at once.
    #[error("body has more than {LIVE_RECORDS} records\nsend it in parts")]
    TooMany,
    /// The table has no column to put a value in.
    #[error("table has no columns of its own")]
    NoColumns,
}

/// The records of a body. `columns` are the table's in the order that it was declared with, for formats whose values have no names;
/// `skip_first` leaves out a header. What cannot be read is a damaged record and costs no other.
///
/// # Errors
/// When nothing of the body is taken.
pub fn kusto_records(
    body: &[u8],
    format: KustoFormat,
    mapping: Option<&KustoMapping>,
    columns: &[String],
    skip_first: bool,
) -> Result<Records, KustoBodyError> {
    let body = body.strip_prefix(MARK).unwrap_or(body);
    let records = match (format, format.delimiter()) {
        (_, Some(delimiter)) => delimited(body, delimiter, mapping, columns, skip_first),
        (KustoFormat::Json, _) => json_lines(body, mapping),
        (KustoFormat::MultiJson, _) => json_documents(body, mapping),
        (KustoFormat::Raw, _) => single_values([body].into_iter(), mapping, columns)?,
        _ => single_values(lines(body).skip(usize::from(skip_first)), mapping, columns)?,
    };
    if records.len() > LIVE_RECORDS { Err(KustoBodyError::TooMany) } else { Ok(records) }
}

fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty())
}

fn delimited(
    body: &[u8],
    delimiter: char,
    mapping: Option<&KustoMapping>,
    columns: &[String],
    skip_first: bool,
) -> Records {
    let header = Arc::new(CsvHeader::of_columns(columns.to_vec(), delimiter));
    let mut records = if mapping.is_some() { Records::json() } else { Records::csv(Arc::clone(&header)) };
    let mut splitter = CsvSplitter::new(&Limits::default()).separated_by(delimiter as u8);
    let mut skip = skip_first;
    let mut take = |piece: Piece| {
        if std::mem::take(&mut skip) || records.len() > LIVE_RECORDS {
            return;
        }
        match (piece.damage, mapping) {
            (Some(reason), _) => records.push_damage(&piece.text, reason),
            (None, Some(mapping)) => records.push(&mapping.of_row(&header.values(&piece.text))),
            (None, None) => records.push(&piece.text),
        }
    };
    splitter.feed(body, &mut take);
    splitter.finish(&mut take);
    records
}

fn json_lines(body: &[u8], mapping: Option<&KustoMapping>) -> Records {
    let mut records = Records::json();
    for line in lines(body).take(LIVE_RECORDS + 1) {
        match std::str::from_utf8(line) {
            Ok(text) => push_document(&mut records, text.trim_start(), mapping),
            Err(_) => records.push_damage(&String::from_utf8_lossy(line), "line is no UTF-8"),
        }
    }
    records
}

/// Documents one after another, or an array of them.
fn json_documents(body: &[u8], mapping: Option<&KustoMapping>) -> Records {
    if body.trim_ascii_start().starts_with(b"[") {
        let array = JsonArray::parse(body).records;
        let Some(mapping) = mapping else { return array };
        let mut mapped = Records::json();
        for (text, damage) in array.iter() {
            match damage {
                Some(reason) => mapped.push_damage(text, reason),
                None => push_document(&mut mapped, text, Some(mapping)),
            }
        }
        return mapped;
    }
    let mut records = Records::json();
    let mut rest = body.trim_ascii_start();
    while !rest.is_empty() && records.len() <= LIVE_RECORDS {
        let end = match Scanner::new(rest, JSON_DEPTH).record(NESTED_FIELD, &[]) {
            Some(found) => found.end,
            // The next document begins at a line, most likely.
            None => memchr::memmem::find(rest, b"\n{").unwrap_or(rest.len()),
        };
        let (document, after) = rest.split_at(end);
        match std::str::from_utf8(document) {
            Ok(text) => push_document(&mut records, text.trim(), mapping),
            Err(_) => records.push_damage(&String::from_utf8_lossy(document), "document is no UTF-8"),
        }
        let after = after.trim_ascii_start();
        rest = after.strip_prefix(b",").unwrap_or(after).trim_ascii_start();
    }
    records
}

fn push_document(records: &mut Records, text: &str, mapping: Option<&KustoMapping>) {
    let Some(mapping) = mapping else {
        return records.push(text);
    };
    match serde_json::from_str::<Value>(text) {
        Ok(document) => records.push(&mapping.of_json(&document)),
        Err(error) => records.push_damage(text, format!("JSON is not valid: {error}")),
    }
}

/// Records of one value each.
fn single_values<'b>(
    values: impl Iterator<Item = &'b [u8]>,
    mapping: Option<&KustoMapping>,
    columns: &[String],
) -> Result<Records, KustoBodyError> {
    let column = columns.first();
    if mapping.is_none() && column.is_none() {
        return Err(KustoBodyError::NoColumns);
    }
    let mut records = Records::json();
    for value in values.take(LIVE_RECORDS + 1) {
        let text = String::from_utf8_lossy(value);
        match (mapping, column) {
            (Some(mapping), _) => records.push(&mapping.of_row(&[text])),
            (None, Some(column)) => records.push(&format!("{{{}:{}}}", quote(column), quote(&text))),
            (None, None) => {}
        }
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn columns() -> Vec<String> {
        ["a", "b"].map(str::to_owned).to_vec()
    }

    fn read(body: &str, format: KustoFormat, mapping: Option<&str>) -> Vec<String> {
        let mapping = mapping.map(|mapping| KustoMapping::parse(mapping).unwrap());
        let records = kusto_records(body.as_bytes(), format, mapping.as_ref(), &columns(), false).unwrap();
        records.iter().map(|(text, damage)| format!("{}{text}", if damage.is_some() { "!" } else { "" })).collect()
    }

    #[test]
    fn documents_come_in_lines_in_arrays_and_one_after_another() {
        let expected = ["{\"a\":1}", "{\"a\":[2]}"];
        assert_eq!(read("{\"a\":1}\n\n{\"a\":[2]}\r\n", KustoFormat::Json, None), expected);
        assert_eq!(read("{\"a\":1} {\"a\":[2]}", KustoFormat::MultiJson, None), expected);
        assert_eq!(read(" [{\"a\":1},\n{\"a\":[2]}]", KustoFormat::MultiJson, None), expected);
        assert_eq!(read("{\"value\":[{\"a\":1}]}", KustoFormat::MultiJson, None), ["{\"value\":[{\"a\":1}]}"]);
    }

    #[test]
    fn values_between_any_separator_go_through_a_mapping() {
        let mapping = r#"[{"column":"X","Ordinal":1},{"column":"Y","Ordinal":0}]"#;
        for (body, format) in [
            ("1,\"x,\n\"\"y\"\"\"\n", KustoFormat::Csv),
            ("1|\"x,\n\"\"y\"\"\"\n", KustoFormat::Psv),
            ("1\t\"x,\n\"\"y\"\"\"\n", KustoFormat::Tsv),
        ] {
            assert_eq!(read(body, format, Some(mapping)), [r#"{"X":"x,\n\"y\"","Y":"1"}"#], "{format:?}");
        }
        assert_eq!(read("1,2\n3,\"4", KustoFormat::Csv, None), ["1,2", "!3,\"4"]);
        assert_eq!(read("x \"y\"\nz", KustoFormat::Txt, None), [r#"{"a":"x \"y\""}"#, r#"{"a":"z"}"#]);
        assert_eq!(read("x\ny", KustoFormat::Raw, None), [r#"{"a":"x\ny"}"#]);
    }

    #[test]
    fn a_damaged_document_costs_only_itself() {
        assert_eq!(
            read("{\"a\":1}\n{\"a\":\n{\"a\":3}", KustoFormat::MultiJson, Some(r#"[{"column":"A","path":"$.a"}]"#)),
            ["{\"A\":1}", "!{\"a\":", "{\"A\":3}"]
        );
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..120), mapped in any::<bool>()) {
            let mapping = KustoMapping::parse(r#"[{"column":"A","path":"$.a"},{"column":"B","Ordinal":0}]"#).unwrap();
            for format in ["csv", "tsv", "psv", "scsv", "sohsv", "json", "multijson", "txt", "raw"] {
                let format: KustoFormat = format.parse().unwrap();
                let records = kusto_records(&body, format, mapped.then_some(&mapping), &columns(), false);
                prop_assert!(records.is_ok());
            }
        }

        #[test]
        fn every_document_is_kept_as_it_stands(values in proptest::collection::vec("\\PC{0,12}", 0..6)) {
            let documents: Vec<String> = values.iter().map(|value| serde_json::json!({"v": value}).to_string()).collect();
            prop_assert_eq!(&read(&documents.join("\n"), KustoFormat::Json, None), &documents);
            prop_assert_eq!(&read(&documents.join(" "), KustoFormat::MultiJson, None), &documents);
        }
    }
}
