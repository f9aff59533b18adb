//! Values as the text that Windows writes for them in XML, without its escapes.

use chrono::{DateTime, Datelike, Timelike, Utc};

use super::values::{Value, kind};

/// 100 ns intervals in a second, which a FILETIME counts.
const TICKS: u64 = 10_000_000;
/// Seconds from 1601-01-01, where a FILETIME counts from, to 1970-01-01.
const EPOCH_SECONDS: i64 = 11_644_473_600;
/// The last time that is written with a year of four digits: 9999-12-31T23:59:59Z in seconds since 1970.
const LAST_SECOND: i64 = 253_402_300_799;
/// What Windows writes for a character that XML does not allow.
const NOT_ALLOWED: char = '_';
/// The order in which the bytes of a GUID are written.
const GUID_ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/// Appends the text of a value; `None` when it has none that is written here.
pub fn push_value(out: &mut Vec<u8>, value: &Value, chunk: &[u8]) -> Option<()> {
    let bytes = value.bytes(chunk);
    match value.kind {
        kind::NULL => {}
        kind::STRING => push_utf16(out, bytes),
        kind::ANSI_STRING => push_ansi(out, bytes),
        kind::BOOL => match signed(bytes) {
            0 => out.extend_from_slice(b"false"),
            1 => out.extend_from_slice(b"true"),
            number => push_signed(out, number),
        },
        kind::BINARY => bytes.iter().for_each(|byte| push_hexadecimal(out, *byte, b'A')),
        kind::GUID => push_guid(out, bytes.try_into().ok()?),
        kind::FILE_TIME => push_time(out, file_time(unsigned(bytes))?),
        kind::SID => push_sid(out, bytes)?,
        kind::HEX32 | kind::HEX64 | kind::SIZE => push_mask(out, unsigned(bytes)),
        kind::UINT8 | kind::UINT16 | kind::UINT32 | kind::UINT64 => push_unsigned(out, unsigned(bytes)),
        kind::INT8 | kind::INT16 | kind::INT32 | kind::INT64 => push_signed(out, signed(bytes)),
        kind::BINXML if bytes.is_empty() => {}
        _ => return None,
    }
    Some(())
}

/// The number that the text of a value would be read as, without making the text; `None` for values that are no plain numbers.
pub fn plain_number(value: &Value, chunk: &[u8]) -> Option<i64> {
    let bytes = value.bytes(chunk);
    match value.kind {
        kind::UINT8 | kind::UINT16 | kind::UINT32 | kind::UINT64 => i64::try_from(unsigned(bytes)).ok(),
        kind::INT8 | kind::INT16 | kind::INT32 | kind::INT64 => Some(signed(bytes)),
        _ => None,
    }
}

/// The time of a value that is one.
pub fn time_of(value: &Value, chunk: &[u8]) -> Option<DateTime<Utc>> {
    if value.kind == kind::FILE_TIME { file_time(unsigned(value.bytes(chunk))) } else { None }
}

/// The time of a FILETIME; `None` for those that Windows does not write with a year of four digits.
pub fn file_time(ticks: u64) -> Option<DateTime<Utc>> {
    let seconds = i64::try_from(ticks / TICKS).ok()? - EPOCH_SECONDS;
    let nanoseconds = u32::try_from(ticks % TICKS * 100).ok()?;
    if seconds > LAST_SECOND { None } else { DateTime::from_timestamp(seconds, nanoseconds) }
}

/// The strings of an array of strings.
pub fn strings<'c>(value: &Value, chunk: &'c [u8]) -> impl Iterator<Item = &'c [u8]> {
    let mut rest = value.bytes(chunk);
    std::iter::from_fn(move || {
        let units = rest.as_chunks::<2>().0;
        let end = units.iter().position(|unit| *unit == [0, 0])?;
        let (string, after) = rest.split_at(end * 2);
        rest = &after[2..];
        Some(string)
    })
}

fn unsigned(bytes: &[u8]) -> u64 {
    let mut wide = [0; 8];
    wide.iter_mut().zip(bytes).for_each(|(wide, byte)| *wide = *byte);
    u64::from_le_bytes(wide)
}

fn signed(bytes: &[u8]) -> i64 {
    let unused = u64::BITS.saturating_sub(bytes.len() as u32 * u8::BITS);
    if unused >= u64::BITS { 0 } else { (unsigned(bytes) << unused).cast_signed() >> unused }
}

/// Appends UTF-16 text up to its first NUL. Half surrogate pairs and what XML does not allow are written as Windows writes them.
pub fn push_utf16(out: &mut Vec<u8>, bytes: &[u8]) {
    let units = bytes.as_chunks::<2>().0;
    // Looked at as a whole, without a way out in the middle: compilers make that a few instructions for many units.
    let is_plain = |unit: &[u8; 2]| (unit[1] == 0) & (unit[0] < 0x80) & (unit[0] >= 0x20);
    if units.iter().fold(true, |plain, unit| plain & is_plain(unit)) {
        out.extend(units.iter().map(|unit| unit[0]));
        return;
    }
    let text = units.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
    let mut buffer = [0; 4];
    for character in char::decode_utf16(text) {
        let character = character.map_or(NOT_ALLOWED, allowed);
        out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
    }
}

/// The character, or what stands for it.
fn allowed(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' => character,
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => NOT_ALLOWED,
        _ => character,
    }
}

/// Appends ASCII text without its NULs.
fn push_ansi(out: &mut Vec<u8>, bytes: &[u8]) {
    let characters = bytes.iter().filter(|byte| **byte != 0).map(|byte| allowed(char::from(*byte)));
    out.extend(characters.map(|character| character as u8));
}

fn push_hexadecimal(out: &mut Vec<u8>, byte: u8, ten: u8) {
    let digit = |value: u8| if value < 10 { b'0' + value } else { ten + value - 10 };
    out.extend_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
}

fn push_guid(out: &mut Vec<u8>, bytes: [u8; 16]) {
    out.push(b'{');
    for (index, from) in GUID_ORDER.into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        push_hexadecimal(out, bytes[from], b'a');
    }
    out.push(b'}');
}

/// `S-1-5-21-…`: revision, authority of six bytes, and the parts below it.
fn push_sid(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    let [revision, _, high, low @ ..] = bytes.first_chunk::<8>()?;
    let authority = low.iter().fold(u64::from(*high), |number, byte| number << 8 | u64::from(*byte));
    out.extend_from_slice(b"S-");
    push_unsigned(out, u64::from(*revision));
    out.push(b'-');
    push_unsigned(out, authority);
    for part in bytes[8..].as_chunks::<4>().0 {
        out.push(b'-');
        push_unsigned(out, u64::from(u32::from_le_bytes(*part)));
    }
    Some(())
}

/// `0x…` with lower-case digits.
fn push_mask(out: &mut Vec<u8>, number: u64) {
    let digits = (u64::BITS - number.leading_zeros()).div_ceil(4).max(1);
    out.extend_from_slice(b"0x");
    for place in (0..digits).rev() {
        let digit = (number >> (place * 4) & 0xf) as u8;
        out.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
    }
}

fn push_signed(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    push_unsigned(out, number.unsigned_abs());
}

fn push_unsigned(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// `2020-09-21T22:59:14.9046354Z`.
fn push_time(out: &mut Vec<u8>, time: DateTime<Utc>) {
    let mut padded = |number: u32, places: u32, after: u8| {
        for place in (0..places).rev() {
            out.push(b'0' + (number / 10_u32.pow(place) % 10) as u8);
        }
        out.push(after);
    };
    padded(time.year().unsigned_abs(), 4, b'-');
    padded(time.month(), 2, b'-');
    padded(time.day(), 2, b'T');
    padded(time.hour(), 2, b':');
    padded(time.minute(), 2, b':');
    padded(time.second(), 2, b'.');
    padded(time.nanosecond() / 100, 7, b'Z');
}
