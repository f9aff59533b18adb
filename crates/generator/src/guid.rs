//! GUIDs as numbers, so that millions of them can wait in memory.

use std::fmt;

/// A GUID; written in lower case with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Guid(u128);

impl Guid {
    /// The GUID of zeros, which logs write for "none".
    pub(crate) const NIL: Self = Self(0);

    /// A version 4 GUID (RFC 9562, section 5.4) of 128 random bits.
    pub(crate) fn random(high: u64, low: u64) -> Self {
        let high = (high & !0xf000) | 0x4000;
        let low = (low & (u64::MAX >> 2)) | (1 << 63);
        Self((u128::from(high) << 64) | u128::from(low))
    }

    /// The number behind.
    pub(crate) fn bits(self) -> u128 {
        self.0
    }

    /// The lower half, for deriving chance from it.
    pub(crate) fn low(self) -> u64 {
        self.0 as u64
    }

    /// Appends the 36 characters to `text`.
    pub(crate) fn push(self, text: &mut String) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for position in 0..32 {
            if matches!(position, 8 | 12 | 16 | 20) {
                text.push('-');
            }
            let digit = (self.0 >> (124 - 4 * position)) & 0xf;
            text.push(char::from(DIGITS[digit as usize]));
        }
    }

    /// Appends the 22 characters in which a token's identifier is written: URL-safe Base64 of the bits.
    pub(crate) fn push_token(self, text: &mut String) {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut rest = self.0;
        for _ in 0..22 {
            text.push(char::from(ALPHABET[(rest & 63) as usize]));
            rest >>= 6;
        }
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(36);
        self.push(&mut text);
        formatter.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_written_with_its_version_and_variant() {
        assert_eq!(Guid::random(u64::MAX, u64::MAX).to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(Guid::random(0, 0).to_string(), "00000000-0000-4000-8000-000000000000");
        assert_eq!(Guid::NIL.to_string(), "00000000-0000-0000-0000-000000000000");
    }
}
