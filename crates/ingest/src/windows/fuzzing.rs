//! Entry points of the fuzz targets: any bytes, no panic.

use std::io::Cursor;
use std::sync::OnceLock;

use super::evtx::read_evtx_as_xml;
use super::evtx_repair::{CHUNK_BYTES, FIRST_RECORD};
use super::read_xml::read_event_xml;
use super::{EVENT_XML_FIELD, EVTX_FIELD, decoders, read_evtx};
use crate::decoder::{Decoder, Record};
use crate::json::JsonObject;
use crate::limits::Limits;
use crate::readers::xml_splitter::XmlSplitter;
use crate::readers::{FoundFields, Piece};
use crate::rows::Rows;

/// The bytes as an EVTX file, every record decoded; records found in BinXML must say what their XML says.
pub fn fuzz_evtx(bytes: &[u8]) {
    for piece in check_evtx(bytes).iter().filter(|piece| piece.damage.is_none()) {
        match &piece.found {
            Some(FoundFields::Event(event)) => decode_record(&Record::of_event(event, &piece.text)),
            _ => decode_object(JsonObject::of_text(EVTX_FIELD, &piece.text), &piece.text),
        }
    }
}

/// The bytes as the records of a chunk of an EVTX file.
pub fn fuzz_evtx_records(bytes: &[u8]) {
    let mut file = vec![0; EMPTY_FILE.len() + FIRST_RECORD];
    file[..EMPTY_FILE.len()].copy_from_slice(&EMPTY_FILE);
    file[EMPTY_FILE.len()..EMPTY_FILE.len() + EMPTY_CHUNK.len()].copy_from_slice(EMPTY_CHUNK);
    file.extend_from_slice(&bytes[..bytes.len().min(CHUNK_BYTES - FIRST_RECORD)]);
    fuzz_evtx(&file);
}

/// The header of a file, before its chunks.
const EMPTY_FILE: [u8; 4096] = {
    let mut header = [0; 4096];
    let (magic, mut at) = (b"ElfFile", 0);
    while at < magic.len() {
        header[at] = magic[at];
        at += 1;
    }
    header
};

/// The beginning of a chunk: its records are found whatever else its header says.
const EMPTY_CHUNK: &[u8] = b"ElfChnk\0";

/// Reads an EVTX file in both ways.
///
/// # Panics
/// When they say different things.
pub(super) fn check_evtx(bytes: &[u8]) -> Vec<Piece> {
    let (mut found, mut as_xml) = (Vec::new(), Vec::new());
    let source = || Box::new(Cursor::new(bytes.to_vec()));
    let result = read_evtx(source(), &mut |piece| {
        found.push(piece);
        true
    });
    let expected = read_evtx_as_xml(source(), &mut |piece| {
        as_xml.push(piece);
        true
    });
    assert_eq!((result, found.len()), (expected, as_xml.len()));
    for (piece, xml) in found.iter().zip(&as_xml) {
        match &piece.found {
            Some(FoundFields::Event(event)) => {
                assert_eq!((piece.offset, &piece.damage, &xml.damage), (xml.offset, &None, &None), "{}", xml.text);
                assert_eq!(Ok(event.event(&piece.text)), read_event_xml(&xml.text), "{}", xml.text);
            }
            _ => assert_eq!(piece, xml),
        }
    }
    found
}

/// The bytes as an XML file, every event decoded.
pub fn fuzz_event_xml(bytes: &[u8]) {
    /// Small, so that records reach it.
    const RECORD_BYTES: usize = 4096;
    let limits = Limits { record_bytes: RECORD_BYTES, ..Limits::default() };
    let mut texts = Vec::new();
    let mut splitter = XmlSplitter::new(&limits, 0);
    splitter.feed(bytes, &mut |piece| texts.extend(piece.damage.is_none().then_some(piece.text)));
    splitter.finish(&mut |_| {});
    for text in texts {
        decode_object(JsonObject::of_text(EVENT_XML_FIELD, &text), &text);
    }
}

/// The bytes as a record of the Azure diagnostics extension.
pub fn fuzz_azure_diagnostics(bytes: &[u8]) {
    decode(&String::from_utf8_lossy(bytes));
}

/// The bytes as a flat JSON event.
pub fn fuzz_nxlog(bytes: &[u8]) {
    decode(&String::from_utf8_lossy(bytes));
}

/// The bytes as a Winlogbeat document.
pub fn fuzz_winlogbeat(bytes: &[u8]) {
    decode(&String::from_utf8_lossy(bytes));
}

/// The text through every decoder that takes it; the rows must make valid batches.
fn decode(text: &str) {
    if let Ok(object) = JsonObject::parse(text) {
        decode_object(object, text);
    }
}

fn decode_object(object: JsonObject, text: &str) {
    decode_record(&Record::of_object(object, text));
}

fn decode_record(record: &Record) {
    static DECODERS: OnceLock<Vec<Box<dyn Decoder>>> = OnceLock::new();
    let mut rows = Rows::new();
    for decoder in DECODERS.get_or_init(decoders).iter().filter(|decoder| decoder.recognizes(record)) {
        if decoder.decode(record, &mut rows).is_err() {
            rows.drop_open_rows();
        }
    }
    for builder in rows.builders() {
        builder.finish().expect("rows of a decoder make a valid batch");
    }
}
