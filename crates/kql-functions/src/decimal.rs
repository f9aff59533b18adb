//! KQL's decimal: an `i128` in units of 10^-17 (see [`DECIMAL_SCALE`]).

use std::fmt::Write;

use arrow::datatypes::i256;

use crate::DECIMAL_SCALE;

/// Units in 1.
pub const ONE: i128 = 100_000_000_000_000_000;
/// Most digits that the Arrow form holds.
const MAX_DIGITS: u32 = 38;

/// The decimal, unless it has more digits than the Arrow form holds.
pub fn in_range(value: i128) -> Option<i128> {
    (value.unsigned_abs() < 10_u128.pow(MAX_DIGITS)).then_some(value)
}

/// The decimal of a whole number.
pub fn from_long(value: i64) -> i128 {
    i128::from(value) * ONE
}

/// The decimal of a real's shortest text.
pub fn from_real(value: f64) -> Option<i128> {
    if value.is_finite() { parse_decimal(&format!("{value:e}")) } else { None }
}

/// The nearest real.
pub fn to_real(value: i128) -> f64 {
    let mut text = String::new();
    write_decimal(&mut text, value);
    text.parse().unwrap_or(f64::NAN)
}

/// The whole part.
pub fn to_long(value: i128) -> Option<i64> {
    i64::try_from(value / ONE).ok()
}

/// `[-]digits[.digits][e[-]digits]`; digits below the last unit are dropped.
pub fn parse_decimal(text: &str) -> Option<i128> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (is_negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || integer.bytes().chain(fraction.bytes());
    if digits().count() == 0 || !digits().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let places = i64::try_from(integer.len()).ok()? + i64::from(exponent) + i64::from(DECIMAL_SCALE);
    let mut value: i128 = 0;
    for at in 0..places.clamp(0, 64) {
        let digit = digits().nth(usize::try_from(at).ok()?).map_or(0, |byte| i128::from(byte - b'0'));
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    in_range(if is_negative { -value } else { value }).filter(|_| places <= 64 || value == 0)
}

/// Appends the decimal without trailing zeros.
pub fn write_decimal(out: &mut String, value: i128) {
    let magnitude = value.unsigned_abs();
    let (integer, fraction) = (magnitude / ONE.unsigned_abs(), magnitude % ONE.unsigned_abs());
    if value < 0 {
        out.push('-');
    }
    // Writing to a string does not fail.
    let _ = write!(out, "{integer}");
    if fraction > 0 {
        let _ = write!(out, ".{fraction:017}");
        out.truncate(out.trim_end_matches('0').len());
    }
}

/// The product; `None` when it does not fit.
pub fn multiply(left: i128, right: i128) -> Option<i128> {
    let product = i256::from_i128(left).checked_mul(i256::from_i128(right))?;
    product.checked_div(i256::from_i128(ONE))?.to_i128().and_then(in_range)
}

/// The quotient; `None` for a zero divisor or when it does not fit.
pub fn divide(left: i128, right: i128) -> Option<i128> {
    if right == 0 {
        return None;
    }
    let scaled = i256::from_i128(left).checked_mul(i256::from_i128(ONE))?;
    scaled.checked_div(i256::from_i128(right))?.to_i128().and_then(in_range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: i128) -> String {
        let mut out = String::new();
        write_decimal(&mut out, value);
        out
    }

    #[test]
    fn decimals_read_and_print() {
        for (given, expected) in [("1.5", "1.5"), ("-0.10", "-0.1"), ("3", "3"), ("1e3", "1000"), ("1.25e-2", "0.0125")]
        {
            assert_eq!(parse_decimal(given).map(text).as_deref(), Some(expected), "{given}");
        }
        for given in ["", ".", "1.2.3", "abc", "1e99", "123456789012345678901234567890"] {
            assert_eq!(parse_decimal(given), None, "{given}");
        }
    }

    #[test]
    fn decimals_multiply_and_divide_exactly() {
        let decimal = |text: &str| parse_decimal(text).unwrap();
        assert_eq!(multiply(decimal("0.1"), decimal("0.2")).map(text).as_deref(), Some("0.02"));
        assert_eq!(divide(decimal("1"), decimal("3")).map(text).as_deref(), Some("0.33333333333333333"));
        assert_eq!(divide(decimal("1"), 0), None);
        assert_eq!(multiply(decimal("99999999999999999999"), decimal("99999999999999999999")), None);
        assert!((to_real(decimal("2.5")) - 2.5).abs() < f64::EPSILON);
    }
}
