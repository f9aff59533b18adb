//! What a file is, told by its first bytes, never by its name.

use crate::readers::csv::CsvHeader;
use crate::readers::text::Encoding;
use crate::syslog::LogLine;

/// Where a tar header has its magic word.
const TAR_MAGIC: std::ops::Range<usize> = 257..262;

/// First bytes of archives and compressions that are not opened, and their names. A bzip2 stream starts with its block size and the
/// mark of its first block.
const UNOPENED: [(&[u8], &str); 13] = [
    (b"\xFD7zXZ\0", "xz"),
    (b"7z\xBC\xAF\x27\x1C", "7z"),
    (b"Rar!\x1A\x07", "rar"),
    (b"\x04\x22\x4D\x18", "lz4"),
    (b"BZh11AY&SY", "bzip2"),
    (b"BZh21AY&SY", "bzip2"),
    (b"BZh31AY&SY", "bzip2"),
    (b"BZh41AY&SY", "bzip2"),
    (b"BZh51AY&SY", "bzip2"),
    (b"BZh61AY&SY", "bzip2"),
    (b"BZh71AY&SY", "bzip2"),
    (b"BZh81AY&SY", "bzip2"),
    (b"BZh91AY&SY", "bzip2"),
];

/// Frames that a zstd stream may start with and that hold no data: magic numbers 0x184D2A50 to 0x184D2A5F.
fn is_skippable_zstd_frame(head: &[u8]) -> bool {
    matches!(head, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..])
}

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Compressed with gzip.
    Gzip,
    /// Compressed with zstd.
    Zstd,
    /// A zip archive.
    Zip,
    /// A tar archive.
    Tar,
    /// An archive or compression that is known and not opened.
    Unopened(&'static str),
    /// A Windows event log.
    Evtx,
    /// JSON in any envelope.
    Json,
    /// CSV with a header.
    Csv,
    /// Lines of syslog or CEF.
    Lines,
    /// No bytes, or only white space.
    Empty,
    /// XML, of Windows events or of others.
    Xml,
    /// Anything else.
    Unknown,
}

/// Lines after the first that are looked at to tell logs of text.
const LINES_LOOKED_AT: usize = 10;

impl Kind {
    /// Tells the kind from the first bytes (some thousand are enough).
    pub fn of(head: &[u8]) -> Self {
        if head.starts_with(&[0x1F, 0x8B]) {
            return Self::Gzip;
        }
        if head.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) || is_skippable_zstd_frame(head) {
            return Self::Zstd;
        }
        if let Some((_, name)) = UNOPENED.iter().find(|(magic, _)| head.starts_with(magic)) {
            return Self::Unopened(name);
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

    /// Whether this is one compressed file, whatever is in it.
    pub fn is_compressed(self) -> bool {
        matches!(self, Self::Gzip | Self::Zstd)
    }

    fn of_text(head: &str) -> Self {
        let text = head.trim_start();
        match text.as_bytes().first() {
            None => Self::Empty,
            Some(b'{' | b'[') => Self::Json,
            Some(_) if is_log_line(text.lines().next().unwrap_or("")) => Self::Lines,
            Some(b'<') => Self::Xml,
            Some(_) if text.contains('\0') => Self::Unknown,
            Some(_) if CsvHeader::parse(text.lines().next().unwrap_or("")).is_some() => Self::Csv,
            Some(_) if are_log_lines(text) => Self::Lines,
            Some(_) => Self::Unknown,
        }
    }

    /// The name of the format in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Zip => "zip",
            Self::Unopened(name) => name,
            Self::Tar => "tar",
            Self::Evtx => "evtx",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Lines => "lines",
            Self::Empty => "empty",
            Self::Xml => "xml",
            Self::Unknown => "unknown",
        }
    }
}

fn is_log_line(line: &str) -> bool {
    LogLine::parse(line).is_some()
}

/// Whether most of the first lines are syslog or CEF though the very first is not: it may be cut or damaged, or a word of the program
/// that wrote the file.
fn are_log_lines(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().skip(1).filter(|line| !line.trim().is_empty()).take(LINES_LOOKED_AT).collect();
    lines.iter().filter(|line| is_log_line(line)).count() * 2 > lines.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_content() {
        let cases: [(&[u8], Kind); 22] = [
            (b"\x1F\x8B\x08", Kind::Gzip),
            (b"\x28\xB5\x2F\xFD\x04", Kind::Zstd),
            (b"\x50\x2A\x4D\x18\x04", Kind::Zstd),
            (b"BZh91AY&SY", Kind::Unopened("bzip2")),
            (b"BZh alone is a word", Kind::Unknown),
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
            (b"Jan  1 00:00:01 host sshd: x, y", Kind::Lines),
            (b"<34>1 2024-01-01T00:00:00Z host app - - - x", Kind::Lines),
            (b"\n2024-01-01T00:00:00Z CEF:0|V|P|1|c|n|5|a=b", Kind::Lines),
            (b"line,of\nCEF:0|V|P|1|c|n|5|a=b", Kind::Csv),
            (b"2024-01-01 00:00:00 192.0.2.1 GET /", Kind::Unknown),
            (b"-- Logs begin here --\nJan  1 00:00:01 host sshd: x\nJan  1 00:00:02 host sshd: y", Kind::Lines),
            (b"one log\nwith Jan  1 00:00:01 in it\nand more", Kind::Unknown),
        ];
        for (head, kind) in cases {
            assert_eq!(Kind::of(head), kind, "{}", String::from_utf8_lossy(head));
        }
    }
}
