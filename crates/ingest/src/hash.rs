//! SHA-256 of files and streams.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Bytes read at a time.
const BLOCK_BYTES: usize = 1 << 18;

/// The hash in lower-case hexadecimal and the length of a file.
pub(crate) fn hash_file(path: &Path) -> io::Result<(String, u64)> {
    let mut file = HashingReader::new(File::open(path)?);
    let mut block = vec![0; BLOCK_BYTES];
    while file.read(&mut block)? > 0 {}
    Ok(file.finish())
}

/// The hash of these bytes.
pub(crate) fn hash_bytes(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// A GUID that depends on the text alone: the same text always has the same. Version 8 of RFC 9562, over SHA-256.
pub(crate) fn guid_of(text: &str) -> String {
    let mut hex = hash_bytes(text.as_bytes());
    hex.truncate(32);
    hex.replace_range(12..13, "8");
    hex.replace_range(16..17, "8");
    for (count, at) in [8, 12, 16, 20].into_iter().enumerate() {
        hex.insert(at + count, '-');
    }
    hex
}

/// Hashes what is read through it.
pub(crate) struct HashingReader<R> {
    source: R,
    hash: Sha256,
    bytes: u64,
}

impl<R: Read> HashingReader<R> {
    pub fn new(source: R) -> Self {
        Self { source, hash: Sha256::new(), bytes: 0 }
    }

    /// The hash and the length of what was read.
    pub fn finish(self) -> (String, u64) {
        (hexadecimal(&self.hash.finalize()), self.bytes)
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_depend_on_the_text_alone() {
        let guid = guid_of("MCAS|1");
        assert_eq!(guid, guid_of("MCAS|1"));
        assert_ne!(guid, guid_of("MCAS|2"));
        let parts: Vec<usize> = guid.split('-').map(str::len).collect();
        assert_eq!((parts, &guid[14..15], &guid[19..20]), (vec![8, 4, 4, 4, 12], "8", "8"));
    }
}
