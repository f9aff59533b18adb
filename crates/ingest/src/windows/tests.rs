//! Raw record in, row out: the files under `tests/fixtures/windows`; and the same on sample collections, when there are any.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int32Type, TimestampMicrosecondType};
use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value};

use super::evtx::read_evtx_as_xml;
use super::{decoders, read_evtx};
use crate::decoder::{Decoder, Record, Reject};
use crate::json::JsonObject;
use crate::readers::{FoundFields, Piece};
use crate::rows::Rows;

/// Set to write what the decoders make into the expected files, for review.
const BLESS: &str = "VEDETTE_BLESS";

fn decode(text: &str, rows: &mut Rows) -> Option<Result<(), Reject>> {
    decode_object(JsonObject::parse(text).ok()?, text, rows)
}

fn decode_object(object: JsonObject, text: &str, rows: &mut Rows) -> Option<Result<(), Reject>> {
    decode_record(&Record::of_object(object, text), text, rows)
}

/// A record as the reader of EVTX files hands it over.
fn decode_piece(piece: &Piece, rows: &mut Rows) -> Option<Result<(), Reject>> {
    rows.set_source(&std::sync::Arc::from("sample"), piece.offset);
    match &piece.found {
        Some(FoundFields::Event(event)) => decode_record(&Record::of_event(event, &piece.text), &piece.text, rows),
        _ => decode_object(JsonObject::of_text(super::EVTX_FIELD, &piece.text), &piece.text, rows),
    }
}

fn decode_record(record: &Record, text: &str, rows: &mut Rows) -> Option<Result<(), Reject>> {
    static DECODERS: LazyLock<Vec<Box<dyn Decoder>>> = LazyLock::new(decoders);
    let decoders = &*DECODERS;
    let taking: Vec<_> = decoders.iter().filter(|decoder| decoder.recognizes(record)).collect();
    assert!(taking.len() <= 1, "two decoders take the same record: {text}");
    let result = taking.first()?.decode(record, rows);
    if result.is_err() {
        rows.drop_open_rows();
    }
    Some(result)
}

/// Rows by table, without empty cells.
fn rows_as_json(rows: &mut Rows) -> BTreeMap<String, Vec<Map<String, Value>>> {
    let mut tables = BTreeMap::new();
    for builder in rows.builders() {
        let name = builder.table().name.clone();
        let batch = builder.finish().unwrap();
        let made: Vec<_> = (0..batch.num_rows()).map(|row| row_as_json(&batch, row)).collect();
        tables.insert(name, made);
    }
    tables.retain(|_, rows| !rows.is_empty());
    tables
}

fn row_as_json(batch: &RecordBatch, row: usize) -> Map<String, Value> {
    let mut cells = Map::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let value = match field.data_type() {
            _ if column.is_null(row) || field.name().starts_with("_Source") => continue,
            DataType::Utf8 if field.name() == "_RawExtra" => {
                serde_json::from_str(column.as_string::<i32>().value(row)).unwrap()
            }
            DataType::Utf8 => Value::from(column.as_string::<i32>().value(row)),
            DataType::Int32 => Value::from(column.as_primitive::<Int32Type>().value(row)),
            DataType::Timestamp(..) => {
                let time =
                    DateTime::from_timestamp_micros(column.as_primitive::<TimestampMicrosecondType>().value(row))
                        .unwrap();
                Value::from(time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            }
            other => panic!("no cell of these tables is a {other}"),
        };
        if value != "" {
            cells.insert(field.name().clone(), value);
        }
    }
    cells
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/windows");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| !file.to_string_lossy().ends_with(".rows.json"));
    files.sort();
    files
}

#[test]
fn every_fixture_record_makes_its_row() {
    let files = fixtures();
    assert!(files.len() >= 13, "fixtures are missing");
    for file in files {
        let mut rows = Rows::new();
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(decode(&text, &mut rows), Some(Ok(())), "{}", file.display());
        let actual = serde_json::to_value(rows_as_json(&mut rows)).unwrap();
        let expected = file.with_extension("rows.json");
        if std::env::var_os(BLESS).is_some() {
            std::fs::write(&expected, serde_json::to_string_pretty(&actual).unwrap() + "\n").unwrap();
        }
        let expected: Value =
            serde_json::from_str(&std::fs::read_to_string(&expected).unwrap_or_default()).unwrap_or_default();
        assert_eq!(actual, expected, "{}:\n{}", file.display(), serde_json::to_string_pretty(&actual).unwrap());
    }
}

#[test]
fn records_that_cannot_be_placed_say_why() {
    let cases = [
        (r#"{"EventID":1,"Channel":"System","Hostname":"x"}"#, "Windows event without a time"),
        (
            r#"{"EventID":"one","Channel":"System","@timestamp":"2024-01-01T00:00:00Z"}"#,
            "Windows event whose event id is no number",
        ),
        (r#"{"winlog":{"channel":"System","event_id":1}}"#, "Windows event without a time"),
        (r#"{"@timestamp":"2024-01-01T00:00:00Z","winlog":{"channel":"System"}}"#, "Windows event without an event id"),
        (r#"{"Event":{"System":{"EventID":1}}}"#, "Windows event without a time"),
        (
            r##"{"Event":{"System":{"TimeCreated":{"#attributes":{"SystemTime":"2024-01-01T00:00:00Z"}}}}}"##,
            "Windows event without an event id",
        ),
    ];
    for (text, reason) in cases {
        let mut rows = Rows::new();
        assert_eq!(decode(text, &mut rows), Some(Err(Reject::new(reason))), "{text}");
        assert!(rows_as_json(&mut rows).is_empty());
    }
}

#[test]
fn records_of_other_formats_are_left_to_others() {
    let cases = [
        r#"{"TimeGenerated":"2021-08-02T13:09:20Z","EventID":4624,"Channel":"Security","Type":"SecurityEvent","EventSourceName":"x"}"#,
        r#"{"time":"2021-08-02T13:09:20Z","category":"SignInLogs","properties":{}}"#,
        r#"{"message":"{\"a\":\"EventID\"}"}"#,
        r#"{"Event":"x"}"#,
        "{}",
    ];
    for text in cases {
        assert_eq!(decode(text, &mut Rows::new()), None, "{text}");
    }
}

/// The folder of sample collections, when there is one.
fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("VEDETTE_SAMPLES").map(|folder| PathBuf::from(folder).join("windows"));
    if folder.is_none() {
        eprintln!("skipped: VEDETTE_SAMPLES is not set");
    }
    folder
}

fn read_bytes(bytes: Vec<u8>) -> (Vec<Piece>, Result<(), String>) {
    let mut pieces = Vec::new();
    let result = read_evtx(Box::new(Cursor::new(bytes)), &mut |piece| {
        pieces.push(piece);
        true
    });
    (pieces, result)
}

fn evtx_samples(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("evtx-sbousseaden")).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "evtx")).collect()
}

#[test]
fn every_record_of_the_evtx_samples_is_placed() {
    let Some(folder) = samples() else { return };
    let (mut rows, mut records) = (Rows::new(), 0);
    for file in evtx_samples(&folder) {
        let (pieces, result) = read_bytes(std::fs::read(&file).unwrap());
        assert_eq!(result, Ok(()), "{}", file.display());
        for piece in pieces {
            assert_eq!(piece.damage, None, "{}", file.display());
            assert_eq!(decode_piece(&piece, &mut rows), Some(Ok(())), "{}", piece.text);
            records += 1;
        }
    }
    let placed: usize = rows_as_json(&mut rows).values().map(Vec::len).sum();
    assert_eq!((records, placed), (2281, 2281));
}

/// The batches of all rows, every column of them.
fn batches(pieces: &[Piece]) -> Vec<RecordBatch> {
    let mut rows = Rows::new();
    for piece in pieces.iter().filter(|piece| piece.damage.is_none()) {
        let _ = decode_piece(piece, &mut rows);
    }
    rows.builders().iter_mut().map(|builder| builder.finish().unwrap()).collect()
}

#[test]
fn events_found_in_binxml_make_the_rows_that_their_xml_makes() {
    let Some(folder) = samples() else { return };
    let (mut records, mut found) = (0, 0);
    for file in evtx_samples(&folder) {
        let bytes = std::fs::read(&file).unwrap();
        let pieces = super::fuzzing::check_evtx(&bytes);
        let mut as_xml = Vec::new();
        let result = read_evtx_as_xml(Box::new(Cursor::new(bytes)), &mut |piece| {
            as_xml.push(piece);
            true
        });
        assert_eq!(result, Ok(()));
        assert_eq!(batches(&pieces), batches(&as_xml), "{}", file.display());
        found += pieces.iter().filter(|piece| matches!(piece.found, Some(FoundFields::Event(_)))).count();
        records += pieces.len();
    }
    // One record has data of an unusual form.
    assert_eq!((records, found), (2281, 2280));
}

#[test]
fn damaged_evtx_files_yield_what_can_be_read_and_never_panic() {
    let Some(folder) = samples() else { return };
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for file in evtx_samples(&folder) {
        let bytes = std::fs::read(&file).unwrap();
        let whole = read_bytes(bytes.clone()).0.len();
        for _ in 0..6 {
            let mut damaged = bytes.clone();
            for _ in 0..8 {
                // Xorshift: the same damage in every run.
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                let at = 4096 + (seed as usize) % (damaged.len() - 4096);
                damaged[at] = (seed >> 32) as u8;
            }
            super::fuzzing::fuzz_evtx(&damaged);
            let cut = 4096 + (seed as usize) % (bytes.len() - 4096);
            let (pieces, result) = read_bytes(bytes[..cut].to_vec());
            assert!(result.is_ok() && pieces.iter().filter(|piece| piece.damage.is_none()).count() <= whole);
        }
    }
}

#[test]
fn a_record_behind_a_broken_one_is_still_read() {
    let Some(folder) = samples() else { return };
    let mut bytes = std::fs::read(folder.join("evtx-sbousseaden/CredentialAccess.CA_DCSync_4662.evtx")).unwrap();
    let second = (4096 + 512 + 4..bytes.len()).find(|at| bytes[*at..].starts_with(&[0x2a, 0x2a, 0, 0])).unwrap();
    bytes[second] = 0;
    let (pieces, result) = read_bytes(bytes);
    let damaged: Vec<&str> = pieces.iter().filter_map(|piece| piece.damage.as_deref()).collect();
    assert_eq!((result, pieces.len(), damaged.len()), (Ok(()), 3, 1));
    assert!(damaged[0].starts_with(&format!("EVTX record with a broken header at byte {second}, ")), "{damaged:?}");
}

#[test]
fn a_chain_of_names_that_links_back_ends() {
    /// Where a chunk holds the offsets of its first names.
    const NAMES_AT: usize = 128;
    let mut chunk = vec![0_u8; 65536];
    chunk[..8].copy_from_slice(b"ElfChnk\0");
    // Two names that follow each other, and one that follows itself; each begins with the offset of the next.
    for (at, to) in [(NAMES_AT, 600_u32), (600, 700), (700, 600), (NAMES_AT + 4, 800), (800, 800)] {
        chunk[at..at + 4].copy_from_slice(&to.to_le_bytes());
    }
    let mut file = vec![0_u8; 4096];
    file[..8].copy_from_slice(b"ElfFile\0");
    file.extend(chunk);
    let (pieces, result) = read_bytes(file);
    assert_eq!((result, pieces.iter().filter(|piece| piece.damage.is_none()).count()), (Ok(()), 0));
}

#[test]
fn what_is_no_evtx_file_is_refused() {
    assert!(read_bytes(b"MZ".to_vec()).1.unwrap_err().contains("`ElfFile`"));
    assert!(read_bytes(b"ElfFile\0".to_vec()).1.unwrap_err().contains("cut off"));
}

#[test]
fn the_labelled_replication_attack_is_in_security_event() {
    let Some(folder) = samples() else { return };
    let file = folder.join("otrf/empire_dcsync_dcerpc_drsuapi_DsGetNCChanges.zip");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
    let mut text = String::new();
    archive.by_index(0).unwrap().read_to_string(&mut text).unwrap();
    let mut rows = Rows::new();
    for line in text.lines() {
        assert_eq!(decode(line, &mut rows), Some(Ok(())), "{line}");
    }
    let tables = rows_as_json(&mut rows);
    assert_eq!((tables["SecurityEvent"].len(), tables["Event"].len()), (381, 8084));
    let replications: Vec<_> = tables["SecurityEvent"].iter().filter(|row| row["EventID"] == 4662).collect();
    assert_eq!(replications.len(), 3);
    for row in replications {
        assert_eq!(row["Account"], "THESHIRE\\pgustavo");
        assert_eq!(row["Activity"], "4662 - An operation was performed on an object.");
        assert_eq!(row["TimeGenerated"], "2020-09-21T22:59:14.904Z");
        assert!(row["Properties"].as_str().unwrap().contains("{1131f6a"));
    }
}
