//! Reads EVTX files chunk by chunk, so that one chunk of 64 KiB is held at a time, and goes on behind damage.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use evtx::err::EvtxError;
use evtx::{EvtxChunkData, ParserSettings};

use super::evtx_repair::{CHUNK_BYTES, RecordMap, repair_chunk};
use crate::limits::RECORD_BYTES;
use crate::readers::{Piece, ReadSeek};

/// Bytes before the first chunk.
const FILE_HEADER_BYTES: usize = 4096;
/// What every EVTX file starts with.
const FILE_MAGIC: &[u8] = b"ElfFile\0";
/// What every chunk starts with.
const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";
/// Most text that the records of one chunk may become: their values may share strings of the chunk, so a small hostile chunk can
/// unfold to a lot.
const CHUNK_TEXT_BYTES: usize = 64 << 20;

/// Reads an EVTX file and hands each record over as the XML of its event with its record id as offset, or what is wrong with it (then the offset
/// is the byte position where no record id can be read).
///
/// Stops early when `emit` returns false.
///
/// # Errors
/// When the file as a whole cannot be read.
pub fn read_evtx(mut source: Box<dyn ReadSeek>, emit: &mut dyn FnMut(Piece) -> bool) -> Result<(), String> {
    let mut header = vec![0; FILE_HEADER_BYTES];
    let read = fill(&mut source, &mut header)?;
    if !header.starts_with(FILE_MAGIC) {
        return Err("not an EVTX file: it does not start with `ElfFile`".to_owned());
    }
    if read < FILE_HEADER_BYTES {
        return Err(format!("EVTX file cut off in its header, after {read} bytes"));
    }
    let settings = Arc::new(ParserSettings::default().indent(false));
    let mut position = FILE_HEADER_BYTES as u64;
    loop {
        let mut bytes = vec![0; CHUNK_BYTES];
        let read = fill(&mut source, &mut bytes)?;
        if read == 0 {
            return Ok(());
        }
        let is_unused = bytes.iter().all(|byte| *byte == 0);
        if !is_unused && !read_chunk(bytes, position, &settings).into_iter().all(&mut *emit) {
            return Ok(());
        }
        position += read as u64;
    }
}

/// Fills the buffer as far as the source goes.
fn fill(source: &mut Box<dyn ReadSeek>, buffer: &mut [u8]) -> Result<usize, String> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(format!("EVTX file cannot be read: {error}")),
        }
    }
    Ok(filled)
}

/// The records of one chunk, and its damage.
fn read_chunk(mut bytes: Vec<u8>, position: u64, settings: &Arc<ParserSettings>) -> Vec<Piece> {
    if !bytes.starts_with(CHUNK_MAGIC) {
        return vec![chunk_damage(position, "it does not start with `ElfChnk`")];
    }
    let map = repair_chunk(&mut bytes);
    let mut pieces: Vec<Piece> = map
        .damaged
        .iter()
        .map(|damage| damaged_piece(position + damage.start as u64, &damage.bytes, "EVTX record with a broken header"))
        .collect();
    let chunk = match EvtxChunkData::new(bytes, false) {
        Ok(chunk) => chunk,
        Err(error) => return vec![chunk_damage(position, &reasons(&error))],
    };
    // The parser is hardened, but a panic on a hostile chunk must not end the run.
    let records = catch_unwind(AssertUnwindSafe(|| render_records(chunk, &map, position, settings)));
    match records {
        Ok(records) => pieces.extend(records),
        Err(_) => pieces.push(chunk_damage(position, "the parser failed on it")),
    }
    pieces
}

fn render_records(
    mut chunk: EvtxChunkData,
    map: &RecordMap,
    position: u64,
    settings: &Arc<ParserSettings>,
) -> Vec<Piece> {
    chunk.header.free_space_offset = map.end as u32;
    // The walk ends after the record of this id; a stale header would end it too early.
    chunk.header.last_event_record_id = u64::MAX;
    let (mut pieces, mut text_bytes) = (Vec::new(), 0);
    // Records that cannot be rendered, with the place of their piece: what they hold is looked up when the parser is done.
    let mut failed: Vec<(usize, u64, String)> = Vec::new();
    let mut parsed = match chunk.parse(Arc::clone(settings)) {
        Ok(parsed) => parsed,
        Err(error) => return vec![chunk_damage(position, &reasons(&error))],
    };
    for record in parsed.iter() {
        let rendered = record.and_then(|record| record.into_xml());
        let failure = match rendered {
            Ok(record) if map.is_patch(record.event_record_id) => continue,
            Ok(record) if record.data.len() > RECORD_BYTES => {
                Some((record.event_record_id, "it is too long".to_owned()))
            }
            Ok(record) => {
                text_bytes += record.data.len();
                let offset = record.event_record_id.cast_signed();
                pieces.push(Piece { offset, text: record.data, damage: None, found: None });
                None
            }
            Err(error) => match failed_record(&error) {
                Some(id) if map.is_patch(id) => continue,
                Some(id) => Some((id, reasons(&error))),
                None => {
                    pieces.push(chunk_damage(position, &reasons(&error)));
                    None
                }
            },
        };
        if let Some((id, reason)) = failure {
            failed.push((pieces.len(), id, reason));
            pieces.push(chunk_damage(position, ""));
        }
        if text_bytes > CHUNK_TEXT_BYTES {
            pieces.push(chunk_damage(position, "its records are too long together; the rest of it is left out"));
            break;
        }
    }
    drop(parsed);
    for (place, id, reason) in failed {
        pieces[place] = record_damage(map, &chunk.data, position, id, &reason);
    }
    pieces
}

fn failed_record(error: &EvtxError) -> Option<u64> {
    match error {
        EvtxError::FailedToParseRecord { record_id, .. } => Some(*record_id),
        _ => None,
    }
}

fn chunk_damage(position: u64, reason: &str) -> Piece {
    let damage = format!("EVTX chunk at byte {position} cannot be read: {reason}");
    Piece { offset: position.cast_signed(), text: String::new(), damage: Some(damage), found: None }
}

fn record_damage(map: &RecordMap, chunk: &[u8], position: u64, id: u64, reason: &str) -> Piece {
    let range = map.range_of(id).unwrap_or(0..0);
    let start = position + range.start as u64;
    let damage = format!("EVTX record {id} at byte {start} cannot be read: {reason}");
    Piece {
        offset: id.cast_signed(),
        text: hexadecimal(chunk.get(range).unwrap_or_default()),
        damage: Some(damage),
        found: None,
    }
}

fn damaged_piece(start: u64, bytes: &[u8], what: &str) -> Piece {
    Piece {
        offset: start.cast_signed(),
        text: hexadecimal(bytes),
        damage: Some(format!("{what} at byte {start}, {} bytes", bytes.len())),
        found: None,
    }
}

/// The bytes as hexadecimal digits: what is broken has no text form.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The error and what caused it, in one line.
fn reasons(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
