//! The readers: each takes the next file, finds its records and hands them over in the order of the files.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::hash::{HashingReader, hash_bytes};
use crate::limits::{CHUNKS_AHEAD, HASH_AHEAD_BYTES, Limits};
use crate::prepare::prepare;
use crate::readers::archive::{Leaf, LeafHandler, LeafSource, walk};
use crate::readers::content::Kind;
use crate::readers::leaf::{Chunk, read_leaf};
use crate::report::Counts;
use crate::source_file::SourceFile;
use crate::worker::Worker;

/// A file on disk to be read.
#[derive(Debug)]
pub(crate) struct DiskFile {
    pub path: PathBuf,
    pub label: String,
    /// Its place among the files found.
    pub place: usize,
    pub sha256: String,
    pub bytes: u64,
}

/// What a reader says of its file, in order.
pub(crate) enum Message {
    /// A file that is no archive starts. `content` is its hash where known ahead.
    Start { path: String, kind: Kind, content: Option<String>, modified: Option<DateTime<Utc>> },
    /// Records of it.
    Records(Chunk),
    /// Records of it that the reader decoded itself.
    Decoded(Result<Counts, String>),
    /// It ended. Hash and length of its content, where it lies in an archive.
    End { content: Option<(String, u64)>, result: Result<(), String> },
    /// An archive that cannot be read, or not to its end.
    Broken { path: String, kind: Kind, reason: String },
    /// The file on disk was an archive, and is done.
    Archive { kind: Kind },
}

/// Hands out files to readers in order, and their channels to the taker in the same order.
pub(crate) struct FileQueue<'a> {
    files: &'a [DiskFile],
    limits: &'a Limits,
    /// Bytes read since the taker last looked.
    read: Arc<AtomicU64>,
    next: Mutex<(usize, SyncSender<Receiver<Message>>)>,
}

impl<'a> FileQueue<'a> {
    /// The queue, and the channels of its files as they are taken.
    pub fn new(
        files: &'a [DiskFile],
        limits: &'a Limits,
        readers: usize,
        read: Arc<AtomicU64>,
    ) -> (Self, Receiver<Receiver<Message>>) {
        let (tickets, taker) = sync_channel(readers);
        (Self { files, limits, read, next: Mutex::new((0, tickets)) }, taker)
    }

    /// Reads files until there are no more, or nobody takes them.
    pub fn read_all(&self, worker: &mut Worker) {
        while let Some((file, sender)) = self.take_next() {
            let mut reader = FileReader { file, sender: &sender, limits: self.limits, worker, has_members: false };
            // A defect in a library that reads a format must not take the other files with it.
            let outcome = catch_unwind(AssertUnwindSafe(|| reader.read(&self.read)));
            let result = outcome.unwrap_or_else(|_| Err("reading failed on a defect of the reader".to_owned()));
            if let Err(reason) = result {
                let _ = sender.send(Message::Broken { path: file.label.clone(), kind: Kind::Unknown, reason });
            }
        }
    }

    fn take_next(&self) -> Option<(&'a DiskFile, SyncSender<Message>)> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let file = self.files.get(next.0)?;
        next.0 += 1;
        let (sender, receiver) = sync_channel(CHUNKS_AHEAD);
        next.1.send(receiver).ok()?;
        Some((file, sender))
    }
}

struct FileReader<'r, 'w> {
    file: &'r DiskFile,
    sender: &'r SyncSender<Message>,
    limits: &'r Limits,
    worker: &'r mut Worker<'w>,
    has_members: bool,
}

impl FileReader<'_, '_> {
    fn read(&mut self, read: &Arc<AtomicU64>) -> Result<(), String> {
        let file = File::open(&self.file.path).map_err(|error| error.to_string())?;
        let modified = file.metadata().and_then(|metadata| metadata.modified()).ok().map(DateTime::from);
        let source = CountedFile { file, position: 0, furthest: 0, read: Arc::clone(read) };
        let kind = walk(&self.file.label, Box::new(source), self.file.bytes, modified, self.limits, self)
            .map_err(|error| error.to_string())?;
        let archive = match kind {
            Kind::Zip | Kind::Tar => Some(kind),
            kind if kind.is_compressed() && self.has_members => Some(Kind::Tar),
            _ => None,
        };
        if let Some(kind) = archive {
            self.send(Message::Archive { kind });
        }
        Ok(())
    }

    fn send(&self, message: Message) -> bool {
        self.sender.send(message).is_ok()
    }

    /// Reads a file whose records need no order, decoding them here.
    fn decode_here(&mut self, leaf: Leaf) -> bool {
        let Leaf { path, kind, source, modified, .. } = leaf;
        let file = SourceFile { path: Arc::from(path.as_str()), kind: kind.name(), modified };
        let (sender, limits) = (self.sender, self.limits);
        let worker = &mut *self.worker;
        let mut started = sender.send(Message::Start { path, kind, content: None, modified }).is_ok();
        let result = read_leaf(kind, source, limits, &mut |chunk| {
            let decoded = worker.decode(&file, prepare(&chunk, worker.decoders(), limits));
            started &= sender.send(Message::Decoded(decoded)).is_ok();
            started
        });
        sender.send(Message::End { content: None, result }).is_ok()
    }

    /// Reads a file whose records the taker decodes.
    fn hand_over(&mut self, leaf: Leaf) -> bool {
        let Leaf { path, kind, source, nested, modified } = leaf;
        let (source, ahead) = match source {
            LeafSource::Stream(stream) => hash_ahead(stream),
            LeafSource::Seekable(source) => (LeafSource::Seekable(source), None),
        };
        let known = ahead.is_some();
        let content = ahead.as_ref().map(|(hash, _)| hash.clone());
        if !self.send(Message::Start { path, kind, content, modified }) {
            return false;
        }
        let (sender, limits) = (self.sender, self.limits);
        let mut send = |chunk| sender.send(Message::Records(chunk)).is_ok();
        let (result, content) = match source {
            LeafSource::Stream(stream) if nested && !known => {
                let mut hashing = HashingReader::new(stream);
                let result = read_leaf(kind, LeafSource::Stream(Box::new(&mut hashing)), limits, &mut send);
                (result, Some(hashing.finish()))
            }
            source => (read_leaf(kind, source, limits, &mut send), ahead.filter(|_| nested)),
        };
        self.send(Message::End { content, result })
    }
}

impl LeafHandler for FileReader<'_, '_> {
    fn leaf(&mut self, leaf: Leaf) -> bool {
        self.has_members |= leaf.nested;
        if leaf.kind == Kind::Evtx && !leaf.nested { self.decode_here(leaf) } else { self.hand_over(leaf) }
    }

    fn broken(&mut self, path: &str, kind: Kind, reason: String) {
        self.has_members |= path != self.file.label;
        self.send(Message::Broken { path: path.to_owned(), kind, reason });
    }
}

/// Hashes a small file before it is read.
fn hash_ahead(mut stream: Box<dyn Read + '_>) -> (LeafSource<'_>, Option<(String, u64)>) {
    let mut start = Vec::new();
    let read = stream.by_ref().take(HASH_AHEAD_BYTES as u64 + 1).read_to_end(&mut start);
    let complete = read.is_ok() && start.len() <= HASH_AHEAD_BYTES;
    let ahead = complete.then(|| (hash_bytes(&start), start.len() as u64));
    let rest: Box<dyn Read> = match read {
        Ok(_) => stream,
        Err(error) => Box::new(FailingReader(Some(error))),
    };
    (LeafSource::Stream(Box::new(Cursor::new(start).chain(rest))), ahead)
}

/// Gives the error that ended a stream, so that it ends there again.
struct FailingReader(Option<io::Error>);

impl Read for FailingReader {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// A file that counts how far it was read.
struct CountedFile {
    file: File,
    position: u64,
    furthest: u64,
    read: Arc<AtomicU64>,
}

impl Read for CountedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.position += read as u64;
        if self.position > self.furthest {
            self.read.fetch_add(self.position - self.furthest, Ordering::Relaxed);
            self.furthest = self.position;
        }
        Ok(read)
    }
}

impl Seek for CountedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}
