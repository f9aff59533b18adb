//! Entry points of the fuzz targets: any bytes, no panic.

use std::io::Cursor;
use std::sync::OnceLock;

use super::decoders;
use super::read_evtx;
use crate::decoder::{Decoder, Record};
use crate::json::JsonObject;
use crate::rows::Rows;

/// The bytes as an EVTX file, every record decoded.
pub fn fuzz_evtx(bytes: &[u8]) {
    let mut texts = Vec::new();
    let _ = read_evtx(Box::new(Cursor::new(bytes.to_vec())), &mut |piece| {
        texts.extend(piece.damage.is_none().then_some(piece.text));
        true
    });
    for text in texts {
        decode(&text);
    }
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
    static DECODERS: OnceLock<Vec<Box<dyn Decoder>>> = OnceLock::new();
    let Ok(object) = JsonObject::parse(text) else { return };
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
