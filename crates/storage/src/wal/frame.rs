//! How a record lies in a segment: a header of fixed size, then the payload.
//!
//! | bytes | meaning |
//! |---|---|
//! | 4 | `VREC` |
//! | 4 | CRC32C of the payload |
//! | 8 | length of the payload |
//! | 8 | the segment's nonce: what a sender puts into its rows cannot pass for a record |
//! | 8 | sequence: the record's place in the log |
//! | 8 | durable: the place through which all records were synced when this one was written |
//! | 4 | zero |
//! | 4 | CRC32C of the above |
//!
//! Numbers are little endian.

/// Bytes of a header.
pub(crate) const HEADER_BYTES: usize = 48;

/// Most bytes of a payload. A request's body is far smaller, decoded rows are some times as large.
pub(crate) const MAX_PAYLOAD_BYTES: u64 = 512 * 1024 * 1024;

/// What a header begins with.
pub(crate) const MAGIC: [u8; 4] = *b"VREC";

/// The header of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) payload_crc: u32,
    pub(crate) length: u64,
    pub(crate) nonce: u64,
    pub(crate) sequence: u64,
    pub(crate) durable: u64,
}

impl Frame {
    pub(crate) fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..8].copy_from_slice(&self.payload_crc.to_le_bytes());
        for (place, number) in [self.length, self.nonce, self.sequence, self.durable].into_iter().enumerate() {
            bytes[8 + place * 8..16 + place * 8].copy_from_slice(&number.to_le_bytes());
        }
        let crc = crc32c::crc32c(&bytes[..44]);
        bytes[44..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The header that these bytes begin with; nothing where they do not, whatever they are.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..HEADER_BYTES)?;
        let number = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let short = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        if !bytes.starts_with(&MAGIC) || short(44)? != crc32c::crc32c(&bytes[..44]) {
            return None;
        }
        let frame = Self {
            payload_crc: short(4)?,
            length: number(8)?,
            nonce: number(16)?,
            sequence: number(24)?,
            durable: number(32)?,
        };
        (frame.length <= MAX_PAYLOAD_BYTES).then_some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_comes_back_and_no_changed_bit_passes() {
        let frame = Frame { payload_crc: 7, length: 3, nonce: u64::MAX, sequence: 5, durable: 4 };
        let bytes = frame.to_bytes();
        assert_eq!(Frame::from_bytes(&bytes), Some(frame));
        for bit in 0..HEADER_BYTES * 8 {
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Frame::from_bytes(&changed), None, "bit {bit}");
        }
        assert_eq!(Frame::from_bytes(&bytes[..HEADER_BYTES - 1]), None);
    }
}
