//! Reads EVTX files chunk by chunk, so that one chunk of 64 KiB is held at a time, and goes on behind damage.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use evtx::err::EvtxError;
use evtx::{EvtxChunkData, ParserSettings};

use super::binxml::{ChunkReader, FoundRecord};
use super::evtx_repair::{CHUNK_BYTES, Damage, RecordMap, repair_chunk};
use crate::limits::RECORD_BYTES;
use crate::readers::{FoundFields, Piece, ReadSeek};

/// Bytes before the first chunk.
const FILE_HEADER_BYTES: usize = 4096;
/// What every EVTX file starts with.
const FILE_MAGIC: &[u8] = b"ElfFile\0";
/// What every chunk starts with.
const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";
/// Most text that the records of one chunk may become: their values may share strings of the chunk, so a small hostile chunk can
/// unfold to a lot.
const CHUNK_TEXT_BYTES: usize = 64 << 20;

/// Reads an EVTX file and hands each record over: as the event found in it, or as the XML of its event where it is of an unusual form, with its
/// record id as offset; or what is wrong with it (then the offset is the byte position where no record id can be read).
///
/// Stops early when `emit` returns false.
///
/// # Errors
/// When the file as a whole cannot be read.
pub fn read_evtx(source: Box<dyn ReadSeek>, emit: &mut dyn FnMut(Piece) -> bool) -> Result<(), String> {
    read_with(source, Some(ChunkReader::default()), emit)
}

/// The same, without events found: every record as XML. What tests compare with.
///
/// # Errors
/// When the file as a whole cannot be read.
pub fn read_evtx_as_xml(source: Box<dyn ReadSeek>, emit: &mut dyn FnMut(Piece) -> bool) -> Result<(), String> {
    read_with(source, None, emit)
}

fn read_with(
    mut source: Box<dyn ReadSeek>,
    reader: Option<ChunkReader>,
    emit: &mut dyn FnMut(Piece) -> bool,
) -> Result<(), String> {
    let mut bytes = vec![0; CHUNK_BYTES];
    let read = fill(&mut source, &mut bytes[..FILE_HEADER_BYTES])?;
    if !bytes.starts_with(FILE_MAGIC) {
        return Err("not an EVTX file: it does not start with `ElfFile`".to_owned());
    }
    if read < FILE_HEADER_BYTES {
        return Err(format!("EVTX file cut off in its header, after {read} bytes"));
    }
    let mut chunks = Chunks { reader, settings: Arc::new(ParserSettings::default().indent(false)) };
    let mut position = FILE_HEADER_BYTES as u64;
    loop {
        let read = fill(&mut source, &mut bytes)?;
        if read == 0 {
            return Ok(());
        }
        bytes[read..].fill(0);
        if !is_unused(&bytes) && !chunks.pieces(&mut bytes, position).into_iter().all(&mut *emit) {
            return Ok(());
        }
        position += read as u64;
    }
}

/// Whether the chunk is all zeros.
fn is_unused(chunk: &[u8]) -> bool {
    /// Bytes that are looked at together, which compilers make a few instructions of.
    const BLOCK: usize = 64;
    chunk.chunks(BLOCK).all(|block| block.iter().fold(0, |any, byte| any | byte) == 0)
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

/// Reads chunks.
struct Chunks {
    reader: Option<ChunkReader>,
    settings: Arc<ParserSettings>,
}

impl Chunks {
    /// The records of one chunk, and its damage.
    fn pieces(&mut self, bytes: &mut [u8], position: u64) -> Vec<Piece> {
        if !bytes.starts_with(CHUNK_MAGIC) {
            return vec![chunk_damage(position, "it does not start with `ElfChnk`")];
        }
        let map = repair_chunk(bytes);
        let damaged = |damage: &Damage| {
            damaged_piece(position + damage.start as u64, &damage.bytes, "EVTX record with a broken header")
        };
        let mut pieces: Vec<Piece> = map.damaged.iter().map(damaged).collect();
        let found = self.reader.as_mut().map(|reader| reader.read(bytes, &map.records)).unwrap_or_default();
        let whole = found.len() == map.records.len() && found.iter().all(Option::is_some);
        let mut found: Vec<Option<Piece>> =
            map.records.iter().zip(found).map(|((id, _), found)| found.map(|found| found_piece(*id, found))).collect();
        if whole {
            pieces.extend(found.into_iter().flatten());
            return pieces;
        }
        let chunk = match EvtxChunkData::new(bytes.to_vec(), false) {
            Ok(chunk) => chunk,
            Err(error) => return vec![chunk_damage(position, &reasons(&error))],
        };
        // The parser is hardened, but a panic on a hostile chunk must not end the run.
        let records =
            catch_unwind(AssertUnwindSafe(|| render_records(chunk, &map, &mut found, position, &self.settings)));
        match records {
            Ok(records) => pieces.extend(records),
            Err(_) => pieces.push(chunk_damage(position, "the parser failed on it")),
        }
        pieces
    }
}

fn found_piece(id: u64, found: FoundRecord) -> Piece {
    let event = FoundFields::Event(Box::new(found.event));
    Piece { offset: id.cast_signed(), text: found.text, damage: None, found: Some(event) }
}

/// The records of a chunk as the parser sees them: those not found before as XML.
fn render_records(
    mut chunk: EvtxChunkData,
    map: &RecordMap,
    found: &mut [Option<Piece>],
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
        let known = record.as_ref().ok().and_then(|record| map.index_at(record.binxml_offset));
        if let Some(piece) = known.and_then(|index| found.get_mut(index)?.take()) {
            pieces.push(piece);
            continue;
        }
        let failure = match record.and_then(|record| record.into_xml()) {
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
