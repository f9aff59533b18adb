//! Files inside files: compressed files, zip, tar, nested to a limited depth. Names in archives are only names; nothing is written to
//! disk.

use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

use chrono::{DateTime, NaiveDate, Utc};
use zip::ExtraField;

use crate::limits::{Limits, SNIFF_BYTES};
use crate::readers::ReadSeek;
use crate::readers::compression::decompress;
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
    /// When it was last changed, as the innermost archive or the disk says.
    pub modified: Option<DateTime<Utc>>,
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
    modified: Option<DateTime<Utc>>,
    limits: &Limits,
    handler: &mut dyn LeafHandler,
) -> io::Result<Kind> {
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    source.by_ref().take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    source.seek(SeekFrom::Start(0))?;
    let allowed = size.saturating_mul(limits.ratio).saturating_add(limits.ratio_grace_bytes).min(limits.archive_bytes);
    let mut walker = Walker { limits, left: allowed, members: 0, handler, stopped: false };
    let kind = Kind::of(&head);
    let place = Place { path: path.to_owned(), depth: 0, nested: false, modified };
    match kind {
        Kind::Zip => walker.zip(&place, source),
        Kind::Tar => walker.tar(&place, Box::new(BufReader::with_capacity(BUFFER_BYTES, source))),
        kind if kind.is_compressed() => walker.compressed(&place, kind, Box::new(source), 0),
        _ => drop(walker.handler.leaf(place.leaf(kind, LeafSource::Seekable(source)))),
    }
    Ok(kind)
}

/// Where a stream was found.
struct Place {
    path: String,
    /// Archives and compressions around it.
    depth: usize,
    nested: bool,
    modified: Option<DateTime<Utc>>,
}

impl Place {
    fn leaf<'a>(&self, kind: Kind, source: LeafSource<'a>) -> Leaf<'a> {
        Leaf { path: self.path.clone(), kind, source, nested: self.nested, modified: self.modified }
    }

    /// The place of a file in the archive here.
    fn member(&self, name: &str, modified: Option<DateTime<Utc>>) -> Self {
        Self {
            path: format!("{}{MEMBER_SEPARATOR}{}", self.path, printable(name)),
            depth: self.depth + 1,
            nested: true,
            modified: modified.or(self.modified),
        }
    }
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
    /// A compressed file, whose content is `inner` levels deeper than the place.
    fn compressed(&mut self, place: &Place, kind: Kind, source: Box<dyn Read + '_>, inner: usize) {
        match decompress(kind, BufReader::with_capacity(BUFFER_BYTES, source)) {
            Ok((content, modified)) => {
                let place = Place {
                    path: place.path.clone(),
                    depth: place.depth + inner,
                    nested: place.nested,
                    modified: modified.or(place.modified),
                };
                self.decompressed(&place, content);
            }
            Err(error) => self.handler.broken(&place.path, kind, error.to_string()),
        }
    }

    /// A stream that came out of an archive or of compression.
    fn decompressed(&mut self, place: &Place, source: Box<dyn Read + '_>) {
        let path = &place.path;
        if place.depth > self.limits.archive_depth {
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
            Kind::Tar => self.tar(place, stream),
            Kind::Zip | Kind::Evtx => self.in_memory(place, kind, stream),
            kind if kind.is_compressed() => self.compressed(place, kind, stream, 1),
            _ => self.stopped |= !self.handler.leaf(place.leaf(kind, LeafSource::Stream(stream))),
        }
        self.left = self.left.saturating_sub(used);
    }

    /// A file that must be read from any place but came as a stream.
    fn in_memory(&mut self, place: &Place, kind: Kind, stream: Box<dyn Read + '_>) {
        let (limit, path) = (self.limits.in_memory_bytes, &place.path);
        let mut bytes = Vec::new();
        let read = stream.take(limit.saturating_add(1)).read_to_end(&mut bytes);
        if bytes.len() as u64 > limit {
            self.handler.broken(path, kind, format!("{} of more than {limit} bytes inside an archive", kind.name()));
            return;
        }
        let source: Box<dyn ReadSeek> = Box::new(Cursor::new(bytes));
        if kind == Kind::Zip {
            self.zip(place, source);
        } else {
            self.stopped |= !self.handler.leaf(place.leaf(kind, LeafSource::Seekable(source)));
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

    fn zip(&mut self, place: &Place, source: Box<dyn ReadSeek>) {
        let path = &place.path;
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
                    let inner = place.member(member.name(), zip_time(&member));
                    self.decompressed(&inner, Box::new(member));
                }
                Err(error) => self.handler.broken(
                    path,
                    Kind::Zip,
                    format!("file {index} of the zip archive cannot be read: {error}"),
                ),
            }
        }
    }

    fn tar(&mut self, place: &Place, source: Box<dyn Read + '_>) {
        let path = &place.path;
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
                    let modified = entry.header().mtime().ok().and_then(unix_time);
                    self.decompressed(&place.member(&name, modified), Box::new(entry));
                }
                Err(error) => {
                    self.handler.broken(path, Kind::Tar, format!("tar archive cannot be read to its end: {error}"));
                    return;
                }
            }
        }
    }
}

/// A time in seconds since 1970; archives write 0 for none.
pub(crate) fn unix_time(seconds: u64) -> Option<DateTime<Utc>> {
    (seconds > 0).then(|| DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0))?
}

/// When a file in a zip was last changed: the UTC time of the extended field, or else the plain one, which has no zone and is taken
/// as UTC.
fn zip_time<R: Read>(member: &zip::read::ZipFile<'_, R>) -> Option<DateTime<Utc>> {
    let extended = member.extra_data_fields().find_map(|field| match field {
        ExtraField::ExtendedTimestamp(time) => time.mod_time(),
        _ => None,
    });
    if let Some(seconds) = extended {
        return unix_time(u64::from(seconds));
    }
    let time = member.last_modified()?;
    let (hour, minute, second) = (u32::from(time.hour()), u32::from(time.minute()), u32::from(time.second()));
    // The epoch of the format stands for no time: it is what writers put that know none.
    (time.year() > ZIP_EPOCH_YEAR)
        .then(|| NaiveDate::from_ymd_opt(i32::from(time.year()), u32::from(time.month()), u32::from(time.day())))?
        .and_then(|date| date.and_hms_opt(hour, minute, second))
        .map(|time| time.and_utc())
}

/// The first year that a zip can write.
const ZIP_EPOCH_YEAR: u16 = 1980;

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
