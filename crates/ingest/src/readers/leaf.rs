//! Reads one file that is no archive: its records, in chunks.

use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;

use crate::limits::{CHUNK_BYTES, Limits, SNIFF_BYTES};
use crate::readers::Piece;
use crate::readers::archive::LeafSource;
use crate::readers::content::Kind;
use crate::readers::csv::{CsvHeader, CsvSplitter};
use crate::readers::json_splitter::JsonSplitter;
use crate::readers::line_splitter::LineSplitter;
use crate::readers::text::Encoding;
use crate::readers::xml_splitter::XmlSplitter;
use crate::windows::{EVENT_XML_FIELD, EVTX_FIELD};

/// Bytes read at a time.
const BLOCK_BYTES: usize = 1 << 17;

/// Records of one file, as one piece of work.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The records in order.
    pub pieces: Vec<Piece>,
    /// Bytes of their text.
    pub bytes: usize,
    /// The columns, when the records are CSV rows.
    pub header: Option<Arc<CsvHeader>>,
    /// Whether the records are lines of syslog or CEF.
    pub lines: bool,
    /// The field that decoders find a record's text in, when the records are text of another kind than JSON and CSV.
    pub text_field: Option<&'static str>,
}

/// Collects pieces into chunks and hands each over when it is large enough.
pub struct Chunker<'a> {
    chunk: Chunk,
    send: &'a mut dyn FnMut(Chunk) -> bool,
    stopped: bool,
}

impl<'a> Chunker<'a> {
    /// A chunker that hands over to `send`; it returns false to stop reading.
    pub fn new(send: &'a mut dyn FnMut(Chunk) -> bool) -> Self {
        Self { chunk: Chunk::default(), send, stopped: false }
    }

    /// Adds a record.
    pub fn push(&mut self, piece: Piece) {
        self.chunk.bytes += piece.text.len();
        self.chunk.pieces.push(piece);
        if self.chunk.bytes >= CHUNK_BYTES {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let (header, lines, text_field) = (self.chunk.header.clone(), self.chunk.lines, self.chunk.text_field);
        let chunk = std::mem::replace(&mut self.chunk, Chunk { header, lines, text_field, ..Chunk::default() });
        if !chunk.pieces.is_empty() && !self.stopped {
            self.stopped = !(self.send)(chunk);
        }
    }
}

/// Reads the file and hands its records over.
///
/// # Errors
/// When the file cannot be read, or not to its end; the reason. What was read before was handed over.
pub fn read_leaf(
    kind: Kind,
    source: LeafSource,
    limits: &Limits,
    send: &mut dyn FnMut(Chunk) -> bool,
) -> Result<(), String> {
    let mut chunker = Chunker::new(send);
    let result = match (kind, source) {
        (Kind::Evtx, LeafSource::Seekable(source)) => {
            chunker.chunk.text_field = Some(EVTX_FIELD);
            crate::windows::read_evtx(source, &mut |piece| {
                chunker.push(piece);
                !chunker.stopped
            })
        }
        (Kind::Evtx, LeafSource::Stream(_)) => Err("EVTX file that can only be read from its start".to_owned()),
        (_, LeafSource::Seekable(mut source)) => read_text(kind, &mut source, limits, &mut chunker),
        (_, LeafSource::Stream(mut source)) => read_text(kind, &mut source, limits, &mut chunker),
    };
    chunker.flush();
    result
}

fn read_text(kind: Kind, source: &mut dyn Read, limits: &Limits, chunker: &mut Chunker) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot be read to its end: {error}");
    let mut mark = Vec::with_capacity(3);
    Read::take(&mut *source, 3).read_to_end(&mut mark).map_err(failed)?;
    let encoding = Encoding::of(&mark);
    let mut text = encoding.reader(Box::new(std::io::Cursor::new(mark).chain(source)));
    let offset = encoding.first_offset();
    match kind {
        Kind::Empty => Ok(()),
        Kind::Json => {
            let mut splitter = JsonSplitter::new(limits).at(offset);
            let read = blocks(&mut text, |block| {
                splitter.feed(block, &mut |piece| chunker.push(piece));
                !chunker.stopped
            });
            splitter.finish(&mut |piece| chunker.push(piece));
            read.map_err(failed)
        }
        Kind::Lines => {
            chunker.chunk.lines = true;
            let mut splitter = LineSplitter::new(limits).at(offset);
            let read = blocks(&mut text, |block| {
                splitter.feed(block, &mut |piece| chunker.push(piece));
                !chunker.stopped
            });
            splitter.finish(&mut |piece| chunker.push(piece));
            read.map_err(failed)
        }
        Kind::Xml => read_xml(&mut text, limits, offset, chunker),
        Kind::Csv => read_csv(&mut text, limits, offset, chunker).map_err(failed),
        _ => {
            let mut start = Vec::new();
            let _ = text.take(SNIFF_BYTES as u64).read_to_end(&mut start);
            let reason = unknown_reason(kind).into_owned();
            let text = String::from_utf8_lossy(&start).into_owned();
            chunker.push(Piece { offset: 0, text, damage: Some(reason.clone()), found: None });
            Err(reason)
        }
    }
}

fn unknown_reason(kind: Kind) -> Cow<'static, str> {
    match kind {
        Kind::Unopened(name) => Cow::Owned(format!("`{name}` files are not opened: unpack them first")),
        _ => Cow::Borrowed("content is neither JSON, CSV with a header, syslog, CEF, event XML, EVTX nor an archive"),
    }
}

/// Reads the Windows events of an XML file.
fn read_xml(text: &mut dyn Read, limits: &Limits, offset: u64, chunker: &mut Chunker) -> Result<(), String> {
    chunker.chunk.text_field = Some(EVENT_XML_FIELD);
    let mut splitter = XmlSplitter::new(limits, offset);
    let mut start = Vec::new();
    let read = blocks(text, |block| {
        let room = SNIFF_BYTES.saturating_sub(start.len()).min(block.len());
        start.extend_from_slice(&block[..room]);
        splitter.feed(block, &mut |piece| chunker.push(piece));
        !chunker.stopped
    });
    let has_events = splitter.finish(&mut |piece| chunker.push(piece));
    read.map_err(|error| format!("cannot be read to its end: {error}"))?;
    if !has_events {
        let text = String::from_utf8_lossy(&start).into_owned();
        chunker.push(Piece { offset: 0, text, damage: Some(NO_EVENTS.to_owned()), found: None });
        return Err(NO_EVENTS.to_owned());
    }
    Ok(())
}

/// Why an XML file is not read.
const NO_EVENTS: &str = "XML without Windows events";

fn read_csv(text: &mut dyn Read, limits: &Limits, offset: u64, chunker: &mut Chunker) -> std::io::Result<()> {
    let mut splitter = CsvSplitter::new(limits).at(offset);
    let on_row = |piece: Piece, chunker: &mut Chunker| {
        if chunker.chunk.header.is_some() || piece.damage.is_some() {
            chunker.push(piece);
        } else {
            match CsvHeader::parse(&piece.text) {
                Some(header) => chunker.chunk.header = Some(Arc::new(header)),
                None => chunker.push(Piece { damage: Some("CSV header without column names".to_owned()), ..piece }),
            }
        }
    };
    let read = blocks(text, |block| {
        splitter.feed(block, &mut |piece| on_row(piece, chunker));
        !chunker.stopped
    });
    splitter.finish(&mut |piece| on_row(piece, chunker));
    read
}

/// Reads to the end in blocks, or until the block's taker returns false.
fn blocks(source: &mut dyn Read, mut take: impl FnMut(&[u8]) -> bool) -> std::io::Result<()> {
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match source.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(read) if take(&block[..read]) => {}
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
