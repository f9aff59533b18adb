//! Numbers and timespans.

use super::{Lexer, is_name_part};
use crate::token::TokenKind;

/// Units of a timespan literal.
const UNITS: [&str; 34] = [
    "d",
    "day",
    "days",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "m",
    "min",
    "minute",
    "minutes",
    "s",
    "sec",
    "second",
    "seconds",
    "ms",
    "milli",
    "millis",
    "millisec",
    "millisecond",
    "milliseconds",
    "micro",
    "micros",
    "microsec",
    "microsecond",
    "microseconds",
    "nano",
    "nanos",
    "nanosec",
    "nanosecond",
    "nanoseconds",
    "tick",
    "ticks",
];

/// Lexes the number at the position; a name may begin with digits, too (`4688_Logons`).
pub(super) fn lex(lexer: &mut Lexer<'_>) {
    let start = lexer.position;
    let rest = lexer.rest();
    let (length, kind) = hexadecimal(rest).unwrap_or_else(|| decimal(rest));
    lexer.position += length;
    lexer.push(kind, start);
}

fn hexadecimal(rest: &str) -> Option<(usize, TokenKind)> {
    let digits = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X"))?;
    let length = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_hexdigit()).len();
    let ends = length > 0 && !digits[length..].starts_with(is_name_part);
    ends.then_some((length + 2, TokenKind::Long))
}

fn decimal(rest: &str) -> (usize, TokenKind) {
    let whole = digits(rest);
    let mut length = whole;
    let mut kind = TokenKind::Long;
    if let Some(fraction) = rest[length..].strip_prefix('.')
        && !fraction.starts_with('.')
        && (exponent(fraction).is_some() || !fraction.starts_with(|c: char| is_name_part(c) && !c.is_ascii_digit()))
    {
        length += 1 + digits(fraction);
        kind = TokenKind::Real;
    }
    if let Some(exponent) = exponent(&rest[length..]) {
        return (length + exponent, TokenKind::Real);
    }
    let suffix = name_part(&rest[length..]);
    if suffix == 0 {
        return (length, kind);
    }
    let unit = &rest[length..length + suffix];
    if UNITS.contains(&unit) {
        return (length + suffix, TokenKind::TimeSpan);
    }
    if kind == TokenKind::Long { (length + suffix, TokenKind::Ident) } else { (length, kind) }
}

fn digits(text: &str) -> usize {
    text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len()
}

fn name_part(text: &str) -> usize {
    text.len() - text.trim_start_matches(is_name_part).len()
}

/// Length of `e10`, `E-3`.
fn exponent(text: &str) -> Option<usize> {
    let after = text.strip_prefix(['e', 'E'])?;
    let unsigned = after.strip_prefix(['+', '-']).unwrap_or(after);
    let count = digits(unsigned);
    let length = text.len() - unsigned.len() + count;
    (count > 0 && !text[length..].starts_with(is_name_part)).then_some(length)
}
