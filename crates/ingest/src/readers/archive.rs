//! Files inside files: gzip, zip, tar, nested to a limited depth. Names in archives are only names; nothing is written to disk.

use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

use crate::limits::{Limits, SNIFF_BYTES};
use crate::readers::ReadSeek;
use crate::readers::content::Kind;

/// Bytes of a read buffer.
const BUFFER_BYTES: usize = 1 << 17;

/// Between the name of an archive and that of a file in it.
const MEMBER_SEPARATOR: char = '!';

/// A file that is not an archive, ready to be read.
pub struct Leaf<'a> {
    /// Its path; inside an archive `a.zip!inner.json`.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub source: LeafSource<'a>,
    /// Whether it lies inside an archive.
    pub nested: bool,
}

/// The bytes of a leaf.
pub enum LeafSource<'a> {
    /// To be read once, from the start.
    Stream(Box<dyn Read + 'a>),
    /// To be read from any place.
    Seekable(Box<dyn ReadSeek>),
}

/// What takes the files found.
pub trait LeafHandler {
    /// Reads a file. False to stop.
    fn leaf(&mut self, leaf: Leaf) -> bool;
    /// An archive that cannot be read, or not to its end.
    fn broken(&mut self, path: &str, kind: Kind, reason: String);
}

/// Hands all files in this one to the handler: itself, or those inside when it is an archive. Returns what the file itself is.
pub fn walk(
    path: &str,
    mut source: Box<dyn ReadSeek>,
    size: u64,
    limits: &Limits,
    handler: &mut dyn LeafHandler,
) -> io::Result<Kind> {
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    source.by_ref().take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    source.seek(SeekFrom::Start(0))?;
    let allowed = size.saturating_mul(limits.ratio).saturating_add(limits.ratio_grace_bytes).min(limits.archive_bytes);
    let mut walker = Walker { limits, left: allowed, members: 0, handler, stopped: false };
    let kind = Kind::of(&head);
    match kind {
        Kind::Zip => walker.zip(path, source, 0),
        Kind::Gzip => {
            let inner = flate2::read::MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, source));
            walker.decompressed(path, Box::new(inner), 0, false);
        }
        Kind::Tar => walker.tar(path, Box::new(BufReader::with_capacity(BUFFER_BYTES, source)), 0),
        _ => drop(walker.handler.leaf(Leaf {
            path: path.to_owned(),
            kind,
            source: LeafSource::Seekable(source),
            nested: false,
        })),
    }
    Ok(kind)
}

struct Walker<'a> {
    limits: &'a Limits,
    /// Decompressed bytes still allowed.
    left: u64,
    members: usize,
    handler: &'a mut dyn LeafHandler,
    stopped: bool,
}

impl Walker<'_> {
    /// A stream that came out of an archive or of compression.
    fn decompressed(&mut self, path: &str, source: Box<dyn Read + '_>, depth: usize, nested: bool) {
        if depth > self.limits.archive_depth {
            let reason = format!("archives nested deeper than {}", self.limits.archive_depth);
            self.handler.broken(path, Kind::Unknown, reason);
            return;
        }
        let allowed = self.left.min(self.limits.member_bytes);
        let mut used = 0;
        let mut limited = Limited { source, left: allowed, used: &mut used };
        let mut head = Vec::with_capacity(SNIFF_BYTES);
        let sniffed = limited.by_ref().take(SNIFF_BYTES as u64).read_to_end(&mut head);
        if let Err(error) = sniffed
            && head.is_empty()
        {
            self.handler.broken(path, Kind::Unknown, error.to_string());
            return;
        }
        let kind = Kind::of(&head);
        let stream: Box<dyn Read + '_> = Box::new(Cursor::new(head).chain(limited));
        match kind {
            Kind::Gzip => {
                let inner = flate2::read::MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, stream));
                self.decompressed(path, Box::new(inner), depth + 1, nested);
            }
            Kind::Tar => self.tar(path, stream, depth),
            Kind::Zip | Kind::Evtx => self.in_memory(path, kind, stream, depth, nested),
            _ => {
                let leaf = Leaf { path: path.to_owned(), kind, source: LeafSource::Stream(stream), nested };
                self.stopped |= !self.handler.leaf(leaf);
            }
        }
        self.left = self.left.saturating_sub(used);
    }

    /// A file that must be read from any place but came as a stream.
    fn in_memory(&mut self, path: &str, kind: Kind, stream: Box<dyn Read + '_>, depth: usize, nested: bool) {
        let limit = self.limits.in_memory_bytes;
        let mut bytes = Vec::new();
        let read = stream.take(limit.saturating_add(1)).read_to_end(&mut bytes);
        if bytes.len() as u64 > limit {
            self.handler.broken(path, kind, format!("{} of more than {limit} bytes inside an archive", kind.name()));
            return;
        }
        let source: Box<dyn ReadSeek> = Box::new(Cursor::new(bytes));
        if kind == Kind::Zip {
            self.zip(path, source, depth);
        } else {
            let leaf = Leaf { path: path.to_owned(), kind, source: LeafSource::Seekable(source), nested };
            self.stopped |= !self.handler.leaf(leaf);
        }
        if let Err(error) = read {
            self.handler.broken(path, kind, error.to_string());
        }
    }

    /// Counts a member; false when there are too many or reading was stopped.
    fn next_member(&mut self, path: &str, kind: Kind) -> bool {
        self.members += 1;
        if self.members > self.limits.members {
            self.handler.broken(path, kind, format!("archive with more than {} files", self.limits.members));
            self.stopped = true;
        }
        !self.stopped
    }

    fn zip(&mut self, path: &str, source: Box<dyn ReadSeek>, depth: usize) {
        let mut archive = match zip::ZipArchive::new(BufReader::with_capacity(BUFFER_BYTES, source)) {
            Ok(archive) => archive,
            Err(error) => {
                self.handler.broken(path, Kind::Zip, format!("zip archive cannot be read: {error}"));
                return;
            }
        };
        // By name, so that the order does not depend on how the archive was packed.
        let mut order: Vec<(String, usize)> = (0..archive.len().min(self.limits.members + 1))
            .map(|i| (archive.name_for_index(i).unwrap_or("").to_owned(), i))
            .collect();
        order.sort();
        for (_, index) in order {
            match archive.by_index(index) {
                Ok(member) if member.is_dir() => {}
                Ok(member) => {
                    if !self.next_member(path, Kind::Zip) {
                        return;
                    }
                    let inner = format!("{path}{MEMBER_SEPARATOR}{}", printable(member.name()));
                    self.decompressed(&inner, Box::new(member), depth + 1, true);
                }
                Err(error) => self.handler.broken(
                    path,
                    Kind::Zip,
                    format!("file {index} of the zip archive cannot be read: {error}"),
                ),
            }
        }
    }

    fn tar(&mut self, path: &str, source: Box<dyn Read + '_>, depth: usize) {
        let mut archive = tar::Archive::new(source);
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(error) => {
                self.handler.broken(path, Kind::Tar, format!("tar archive cannot be read: {error}"));
                return;
            }
        };
        for entry in entries {
            match entry {
                Ok(entry) if !entry.header().entry_type().is_file() => {}
                Ok(entry) => {
                    if !self.next_member(path, Kind::Tar) {
                        return;
                    }
                    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                    let inner = format!("{path}{MEMBER_SEPARATOR}{}", printable(&name));
                    self.decompressed(&inner, Box::new(entry), depth + 1, true);
                }
                Err(error) => {
                    self.handler.broken(path, Kind::Tar, format!("tar archive cannot be read to its end: {error}"));
                    return;
                }
            }
        }
    }
}

/// A member's name without control characters, which would confuse a terminal.
fn printable(name: &str) -> String {
    name.chars().map(|character| if character.is_control() { '?' } else { character }).collect()
}

/// A stream that fails after the bytes allowed.
struct Limited<'a, 'b> {
    source: Box<dyn Read + 'a>,
    left: u64,
    used: &'b mut u64,
}

impl Read for Limited<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        *self.used += read as u64;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other("decompressed size or ratio is over the limit"))?;
        Ok(read)
    }
}
