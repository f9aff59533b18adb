//! What a file is, told by its first bytes, never by its name.

use crate::readers::csv::CsvHeader;
use crate::readers::text::Encoding;

/// Where a tar header has its magic word.
const TAR_MAGIC: std::ops::Range<usize> = 257..262;

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Compressed with gzip.
    Gzip,
    /// A zip archive.
    Zip,
    /// A tar archive.
    Tar,
    /// A Windows event log.
    Evtx,
    /// JSON in any envelope.
    Json,
    /// CSV with a header.
    Csv,
    /// No bytes, or only white space.
    Empty,
    /// Event XML: known, not decoded.
    Xml,
    /// Anything else.
    Unknown,
}

impl Kind {
    /// Tells the kind from the first bytes (some thousand are enough).
    pub fn of(head: &[u8]) -> Self {
        if head.starts_with(&[0x1F, 0x8B]) {
            return Self::Gzip;
        }
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Self::Zip;
        }
        if head.get(TAR_MAGIC) == Some(b"ustar") {
            return Self::Tar;
        }
        if head.starts_with(b"ElfFile\0") {
            return Self::Evtx;
        }
        Self::of_text(&Encoding::of(head).decode_head(head))
    }

    fn of_text(head: &str) -> Self {
        let text = head.trim_start();
        match text.as_bytes().first() {
            None => Self::Empty,
            Some(b'{' | b'[') => Self::Json,
            Some(b'<') => Self::Xml,
            Some(_) if text.contains('\0') => Self::Unknown,
            Some(_) if CsvHeader::parse(text.lines().next().unwrap_or("")).is_some() => Self::Csv,
            Some(_) => Self::Unknown,
        }
    }

    /// The name of the format in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::Evtx => "evtx",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Empty => "empty",
            Self::Xml => "xml",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_content() {
        let cases: [(&[u8], Kind); 11] = [
            (b"\x1F\x8B\x08", Kind::Gzip),
            (b"PK\x03\x04", Kind::Zip),
            (b"ElfFile\0", Kind::Evtx),
            (b"\xEF\xBB\xBF  {", Kind::Json),
            (b"\n[1", Kind::Json),
            (b"\xFF\xFE{\0", Kind::Json),
            (b"\xEF\xBB\xBFa,b\n1,2", Kind::Csv),
            (b"<Events>", Kind::Xml),
            (b" \r\n", Kind::Empty),
            (b"MZ\0\0", Kind::Unknown),
            (b"Jan 1 host sshd: x", Kind::Unknown),
        ];
        for (head, kind) in cases {
            assert_eq!(Kind::of(head), kind, "{}", String::from_utf8_lossy(head));
        }
    }
}
