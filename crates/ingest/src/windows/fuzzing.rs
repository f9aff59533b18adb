//! Entry points of the fuzz targets: any bytes, no panic.

use std::io::Cursor;
use std::sync::OnceLock;

use super::{EVENT_XML_FIELD, EVTX_FIELD, decoders, read_evtx};
use crate::decoder::{Decoder, Record};
use crate::json::JsonObject;
use crate::limits::Limits;
use crate::readers::xml_splitter::XmlSplitter;
use crate::rows::Rows;

/// The bytes as an EVTX file, every record decoded.
pub fn fuzz_evtx(bytes: &[u8]) {
    let mut texts = Vec::new();
    let _ = read_evtx(Box::new(Cursor::new(bytes.to_vec())), &mut |piece| {
        texts.extend(piece.damage.is_none().then_some(piece.text));
        true
    });
    for text in texts {
        decode_object(JsonObject::of_text(EVTX_FIELD, &text), &text);
    }
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
    static DECODERS: OnceLock<Vec<Box<dyn Decoder>>> = OnceLock::new();
    let record = Record::of_object(object, text);
    let mut rows = Rows::new();
    for decoder in DECODERS.get_or_init(decoders).iter().filter(|decoder| decoder.recognizes(&record)) {
        if decoder.decode(&record, &mut rows).is_err() {
            rows.drop_open_rows();
        }
    }
    for builder in rows.builders() {
        builder.finish().expect("rows of a decoder make a valid batch");
    }
}
