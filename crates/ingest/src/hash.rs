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

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
