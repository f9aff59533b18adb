//! Streams of compressed files.

use std::io::{self, BufRead, Read};

use chrono::{DateTime, Utc};

use crate::limits::ZSTD_WINDOW_LOG;
use crate::readers::archive::unix_time;
use crate::readers::content::Kind;

/// The content of a compressed stream, and when it was last changed.
type Decompressed<'a> = (Box<dyn Read + 'a>, Option<DateTime<Utc>>);

/// The content of a stream compressed in this way, and when it was last changed where its header says so.
///
/// # Errors
/// When a header cannot be read, or the kind is no compression that is read.
pub(super) fn decompress<'a>(kind: Kind, source: impl BufRead + 'a) -> io::Result<Decompressed<'a>> {
    match kind {
        Kind::Gzip => {
            let decoder = flate2::bufread::MultiGzDecoder::new(source);
            let modified = decoder.header().and_then(|header| unix_time(u64::from(header.mtime())));
            Ok((Box::new(decoder), modified))
        }
        Kind::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(source)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Ok((Box::new(decoder), None))
        }
        _ => Err(io::Error::other(format!("{} files are not decompressed", kind.name()))),
    }
}
