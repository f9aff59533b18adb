//! Times and sizes as a configuration writes them.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A length of time: `250ms`, `30s`, `15m`, `12h`, `90d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl Span {
    /// So many seconds.
    pub(crate) const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

/// A size: `512KB`, `64MB`, `2GB`, in powers of 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) u64);

/// Units of time, in milliseconds.
const TIMES: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
/// Units of size, in bytes.
const SIZES: [(&str, u64); 4] = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("TB", 1 << 40)];

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let milliseconds = read(&text, &TIMES);
        let hint = "a length of time is written as `30s`, `15m`, `12h` or `90d`";
        milliseconds.map(Duration::from_millis).map(Span).ok_or_else(|| D::Error::custom(format!("`{text}`: {hint}")))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hint = "a size is written as `512KB`, `64MB` or `2GB`";
        read(&text, &SIZES).map(Bytes).ok_or_else(|| D::Error::custom(format!("`{text}`: {hint}")))
    }
}

fn read(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text.find(|char: char| !char.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read() {
        assert_eq!(read("90d", &TIMES), Some(90 * 86_400_000));
        assert_eq!(read("250ms", &TIMES), Some(250));
        assert_eq!(read("2 GB", &SIZES), Some(2 << 30));
        for wrong in ["", "5", "s", "-1s", "1.5h", "99999999999999999999d", "18446744073709551615d"] {
            assert_eq!(read(wrong, &TIMES), None, "{wrong}");
        }
    }
}
