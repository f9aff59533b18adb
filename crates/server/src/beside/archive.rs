//! Compressed external files.

use std::io::{Cursor, Read};

use kql_engine::{ExternalError, ExternalRequest, matches_pattern};

/// Most files of an archive that are looked at.
const MAX_MEMBERS: usize = 1_000;

/// The files inside of a gzip or zip file, told by its first bytes; any other file is itself.
pub(super) fn unpacked(bytes: Vec<u8>, request: &ExternalRequest) -> Result<Vec<Vec<u8>>, ExternalError> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(vec![limited(flate2::read::MultiGzDecoder::new(bytes.as_slice()), request.max_bytes, request)?]);
    }
    if !bytes.starts_with(b"PK\x03\x04") {
        return Ok(vec![bytes]);
    }
    let failed = |error: zip::result::ZipError| ExternalError::failed(&request.uri, &error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(failed)?;
    let mut files = Vec::new();
    let mut left = request.max_bytes;
    for index in 0..archive.len().min(MAX_MEMBERS) {
        let member = archive.by_index(index).map_err(failed)?;
        let is_wanted =
            request.archive_pattern.as_deref().is_none_or(|pattern| matches_pattern(pattern, member.name()));
        if member.is_file() && is_wanted {
            let file = limited(member, left, request)?;
            left -= file.len();
            files.push(file);
        }
    }
    Ok(files)
}

fn limited(source: impl Read, most: usize, request: &ExternalRequest) -> Result<Vec<u8>, ExternalError> {
    let mut bytes = Vec::new();
    let read = source.take(most as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| ExternalError::failed(&request.uri, &error.to_string()))?;
    if bytes.len() > most { Err(ExternalError::too_large(request)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn request(max_bytes: usize, pattern: Option<&str>) -> ExternalRequest {
        ExternalRequest { uri: "x".to_owned(), archive_pattern: pattern.map(str::to_owned), max_bytes }
    }

    #[test]
    fn gzip_is_unpacked_within_the_limit() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&[b'a'; 500]).expect("written");
        let packed = encoder.finish().expect("finished");
        assert_eq!(unpacked(packed.clone(), &request(500, None)), Ok(vec![vec![b'a'; 500]]));
        assert!(unpacked(packed, &request(499, None)).is_err());
    }

    #[test]
    fn of_a_zip_the_files_that_match_are_taken() {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["a.csv", "b.txt", "c.csv"] {
            writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("started");
            writer.write_all(name.as_bytes()).expect("written");
        }
        let packed = writer.finish().expect("finished").into_inner();
        let csv = unpacked(packed.clone(), &request(100, Some("*.csv")));
        assert_eq!(csv, Ok(vec![b"a.csv".to_vec(), b"c.csv".to_vec()]));
        assert_eq!(unpacked(packed.clone(), &request(100, None)).map(|files| files.len()), Ok(3));
        assert!(unpacked(packed, &request(7, None)).is_err());
    }
}
