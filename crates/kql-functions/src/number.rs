//! Text forms of int, long and real.

use std::fmt::Write;

/// Reals of at least this magnitude are printed with an exponent, as in .NET's round-trip form.
const FIRST_EXPONENT_MAGNITUDE: f64 = 1e15;
/// Reals below this magnitude are printed with an exponent.
const LAST_PLAIN_MAGNITUDE: f64 = 1e-4;
/// With fewer digits than these, no two neighbors read back as the same real.
const AMBIGUOUS_DIGITS: usize = 16;

/// Numbers of so few digits are exact as reals.
const EXACT_DIGITS: usize = 15;

/// A whole number in decimal or `0x` form, blanks around it aside; hexadecimal digits fill 64 bits.
pub fn parse_long(text: &str) -> Option<i64> {
    let text = text.trim();
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let digits = if is_negative { digits } else { digits.strip_prefix('+').unwrap_or(digits) };
    let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) else {
        let is_plain = !digits.is_empty() && !digits.starts_with(['+', '-']);
        return is_plain.then(|| text.parse().ok()).flatten();
    };
    let is_hex = !is_negative && !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u64::from_str_radix(hex, 16).ok()).flatten().map(u64::cast_signed)
}

/// A real, blanks around it aside; underscores are not accepted.
pub fn parse_real(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    if digits.first().is_some_and(u8::is_ascii_digit) {
        if digits.len() <= EXACT_DIGITS && digits.iter().all(u8::is_ascii_digit) {
            let number = digits.iter().fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0')) as f64;
            return Some(if digits.len() < text.len() { -number } else { number });
        }
        // No word begins with a digit, and the reader of numbers takes none in the middle of one.
        return text.parse().ok();
    }
    match text.to_ascii_lowercase().as_str() {
        "+inf" | "inf" | "infinity" | "+infinity" => Some(f64::INFINITY),
        "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
        "nan" => Some(f64::NAN),
        _ if text.bytes().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E')) => None,
        _ => text.parse().ok(),
    }
}

/// Appends a whole number.
pub fn write_long(out: &mut String, value: i64) {
    let mut rest = value.unsigned_abs();
    // The longest are 19 digits.
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push('-');
    }
    digits[at..].iter().for_each(|digit| out.push(char::from(*digit)));
}

/// A real as Kusto prints it: as few digits as read back, with at least one after the point. Where several last digits read back,
/// it is the largest of them and not the nearest, as in the recorded `0.30000000000000007` of `0.1 + 0.2`.
pub fn format_real(value: f64) -> String {
    let mut text = String::new();
    write_real(&mut text, value);
    text
}

/// Appends what [`format_real`] gives.
pub fn write_real(out: &mut String, value: f64) {
    let magnitude = value.abs();
    if value.is_nan() {
        out.push_str("NaN");
        return;
    }
    if value.is_sign_negative() {
        out.push('-');
    }
    if value.is_infinite() {
        out.push_str("inf");
    } else if magnitude < FIRST_EXPONENT_MAGNITUDE && magnitude.fract() == 0.0 {
        write_long(out, magnitude as i64);
        out.push_str(".0");
    } else {
        let digits = Digits::of(magnitude);
        if (LAST_PLAIN_MAGNITUDE..FIRST_EXPONENT_MAGNITUDE).contains(&magnitude) {
            write_plain_form(out, digits.text(), digits.exponent);
        } else {
            write_exponent_form(out, digits.text(), digits.exponent);
        }
    }
}

/// Digits of a number above 0; the first stands for units of 10 to the power of the exponent.
struct Digits {
    digits: Short,
    exponent: i32,
}

impl Digits {
    fn of(magnitude: f64) -> Self {
        let mut text = Short::default();
        // The shortest form that reads back has at most 17 digits.
        let _ = write!(text, "{magnitude:e}");
        let (mantissa, exponent) = text.text().split_once('e').unwrap_or((text.text(), "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let mut digits = Short::default();
        mantissa.split('.').for_each(|part| digits.push(part.as_bytes()));
        if digits.length < AMBIGUOUS_DIGITS {
            return Self { digits, exponent };
        }
        let last = exponent - i32::try_from(digits.length).unwrap_or(0) + 1;
        let mut number: u64 = digits.text().parse().unwrap_or(0);
        let reads_back = |number: u64| {
            let mut text = Short::default();
            let _ = write!(text, "{number}e{last}");
            text.text().parse() == Ok(magnitude)
        };
        while reads_back(number + 1) {
            number += 1;
        }
        let mut digits = Short::default();
        let _ = write!(digits, "{number}");
        Self { digits, exponent }
    }

    fn text(&self) -> &str {
        self.digits.text()
    }
}

/// A short text on the stack: the digits, point and exponent of a real.
#[derive(Default)]
struct Short {
    bytes: [u8; 32],
    length: usize,
}

impl Short {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }

    /// Appends; what does not fit is cut off.
    fn push(&mut self, more: &[u8]) {
        let length = more.len().min(self.bytes.len() - self.length);
        self.bytes[self.length..self.length + length].copy_from_slice(&more[..length]);
        self.length += length;
    }
}

impl Write for Short {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

/// `12.5`, `100.0`, `0.025`.
fn write_plain_form(out: &mut String, digits: &str, exponent: i32) {
    let Ok(before) = usize::try_from(exponent + 1) else {
        let zeros = exponent.unsigned_abs() as usize - 1;
        out.extend(["0.", &"0".repeat(zeros), digits]);
        return;
    };
    if before == 0 {
        out.extend(["0.", digits]);
    } else if digits.len() <= before {
        out.extend([digits, &"0".repeat(before - digits.len()), ".0"]);
    } else {
        out.extend([&digits[..before], ".", &digits[before..]]);
    }
}

/// `1E+15`, `2.5E-07`: at least two digits in the exponent.
fn write_exponent_form(out: &mut String, digits: &str, exponent: i32) {
    let (first, rest) = digits.split_at(1);
    out.push_str(first);
    if !rest.is_empty() {
        out.extend([".", rest]);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    // Writing to a string does not fail.
    let _ = write!(out, "E{sign}{:02}", exponent.unsigned_abs());
}

/// The whole part of a real, when a long can hold it.
pub fn real_to_long(value: f64) -> Option<i64> {
    let truncated = value.trunc();
    let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&truncated);
    fits.then_some(truncated as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_numbers_are_read_in_decimal_and_hexadecimal() {
        for (text, expected) in [
            ("31", Some(31)),
            ("-5", Some(-5)),
            ("0x1F", Some(31)),
            ("0xFFFFFFFFFFFFFFFF", Some(-1)),
            ("12.5", None),
            ("", None),
            ("0x", None),
            ("  42  ", Some(42)),
            ("\t7", Some(7)),
            ("+0", Some(0)),
            ("-0x10", None),
            ("0b101", None),
            ("4 2", None),
            ("--1", None),
            ("9223372036854775808", None),
        ] {
            assert_eq!(parse_long(text), expected, "{text}");
        }
    }

    #[test]
    fn reals_are_read_without_underscores() {
        assert_eq!(parse_real("1_000"), None);
        assert_eq!(parse_real("1e3"), Some(1000.0));
        assert_eq!(parse_real("-.5"), Some(-0.5));
        assert_eq!(parse_real("abc"), None);
        assert_eq!(parse_real(""), None);
    }

    #[test]
    fn whole_numbers_are_written_to_the_last_digit() {
        for value in [0, 7, -7, 10, 1_234_567_890, i64::MAX, i64::MIN] {
            let mut text = String::new();
            write_long(&mut text, value);
            assert_eq!(text, value.to_string());
        }
    }

    proptest! {
        /// The form that was written before numbers were put together without allocations.
        #[test]
        fn digits_are_the_largest_of_the_shortest_that_read_back(bits in any::<u64>(), scale in -30_i32..30) {
            for value in [f64::from_bits(bits), (bits >> 40) as f64 * 10_f64.powi(scale), (bits >> 52) as f64 / 8.0] {
                if !value.is_finite() || value == 0.0 {
                    continue;
                }
                let magnitude = value.abs();
                let text = format!("{magnitude:e}");
                let (digits, exponent) = text.split_once('e').unwrap();
                let mut digits = digits.replace('.', "");
                let exponent: i32 = exponent.parse().unwrap();
                if digits.len() >= AMBIGUOUS_DIGITS {
                    let last = exponent - i32::try_from(digits.len()).unwrap() + 1;
                    let mut number: u64 = digits.parse().unwrap();
                    while format!("{}e{last}", number + 1).parse() == Ok(magnitude) {
                        number += 1;
                    }
                    digits = number.to_string();
                }
                let mut expected = String::from(if value < 0.0 { "-" } else { "" });
                if (LAST_PLAIN_MAGNITUDE..FIRST_EXPONENT_MAGNITUDE).contains(&magnitude) {
                    write_plain_form(&mut expected, &digits, exponent);
                } else {
                    write_exponent_form(&mut expected, &digits, exponent);
                }
                prop_assert_eq!(format_real(value), expected.clone());
                prop_assert_eq!(parse_real(&expected), Some(value));
            }
        }

        #[test]
        fn plain_digits_are_read_as_the_standard_library_reads_them(number in any::<i64>(), shift in 0_u32..60) {
            let text = (number >> shift).to_string();
            prop_assert_eq!(parse_real(&text), text.parse().ok());
            let text = format!("{text}.25");
            prop_assert_eq!(parse_real(&text), text.parse().ok());
        }
    }

    #[test]
    fn reals_are_printed_as_kusto_does() {
        for (value, expected) in [
            (1.0, "1.0"),
            (100_000_000_000.0, "100000000000.0"),
            (-0.25, "-0.25"),
            (0.1 + 0.2, "0.30000000000000007"),
            (1.0 / 3.0, "0.3333333333333333"),
            (40.764_323_000_000_005, "40.764323000000008"),
            (9.999_999_999_999_998, "9.999999999999999"),
            (12.0, "12.0"),
            (0.000_025, "2.5E-05"),
            (0.000_25, "0.00025"),
            (0.025, "0.025"),
            (123_456.75, "123456.75"),
            (1.5e300, "1.5E+300"),
            (1e15, "1E+15"),
            (2.5e-7, "2.5E-07"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
            (-0.0, "-0.0"),
        ] {
            assert_eq!(format_real(value), expected);
        }
    }
}
