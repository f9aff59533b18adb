//! Reading datetimes in the forms that `datetime()` and `todatetime()` accept: ISO 8601, the sortable form,
//! RFC 822, RFC 850 and month/day/year.

use super::{Civil, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, in_range, ticks_from_civil};

/// Longer texts are no datetime in any form.
const MAX_LENGTH: usize = 64;
/// Two-digit years up to this one are of the 21st century, as in .NET's invariant culture.
const LAST_TWO_DIGIT_YEAR_OF_2000: i64 = 49;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The tick of a text; `None` when it is no datetime.
pub fn parse_datetime(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_LENGTH || !text.is_ascii() {
        return None;
    }
    let mut cursor = Cursor { bytes: text.as_bytes(), at: 0 };
    let (year, month, day) = cursor.date()?;
    let (time, offset) = cursor.time_and_zone()?;
    if !cursor.is_done() {
        return None;
    }
    let midnight = ticks_from_civil(&Civil { year, month, day, time: 0 })?;
    in_range(midnight + time - offset)
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn is_done(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn eat(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn skip_spaces(&mut self) -> bool {
        let start = self.at;
        while self.eat(b' ') {}
        self.at > start
    }

    /// Digits: their value and how many; at most 8.
    fn digits(&mut self) -> Option<(i64, usize)> {
        let start = self.at;
        let mut value = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            if self.at - start == 8 {
                return None;
            }
            value = value * 10 + i64::from(digit - b'0');
            self.at += 1;
        }
        (self.at > start).then_some((value, self.at - start))
    }

    fn number(&mut self, max_digits: usize) -> Option<i64> {
        self.digits().filter(|(_, digits)| *digits <= max_digits).map(|(value, _)| value)
    }

    fn word(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.bytes[start..self.at]).to_ascii_lowercase()
    }

    /// Year, month, day.
    fn date(&mut self) -> Option<(i64, i64, i64)> {
        if self.peek()?.is_ascii_alphabetic() {
            return self.date_from_word();
        }
        let (first, digits) = self.digits()?;
        match (digits, self.peek()) {
            (4, None) => Some((first, 1, 1)),
            (4, Some(separator @ (b'-' | b'/' | b'.'))) => self.date_after_year(first, separator),
            (8, _) => Some((first / 10_000, first / 100 % 100, first % 100)),
            (1 | 2, Some(b' ')) => {
                self.skip_spaces();
                self.month_and_year(first, b' ')
            }
            (1 | 2, Some(separator @ (b'-' | b'/' | b'.'))) => {
                self.at += 1;
                if self.peek()?.is_ascii_alphabetic() {
                    return self.month_and_year(first, separator);
                }
                let day = self.number(2)?;
                self.eat(separator).then_some(())?;
                Some((self.year()?, first, day))
            }
            _ => None,
        }
    }

    fn date_after_year(&mut self, year: i64, separator: u8) -> Option<(i64, i64, i64)> {
        self.eat(separator);
        let month = self.number(2)?;
        if !self.eat(separator) {
            return self.is_done().then_some((year, month, 1));
        }
        Some((year, month, self.number(2)?))
    }

    /// `Sat, 8 Nov 2014`, `Saturday, 08-Nov-14`, `Nov 8, 2014`.
    fn date_from_word(&mut self) -> Option<(i64, i64, i64)> {
        let word = self.word();
        if let Some(month) = position(&MONTHS, &word) {
            self.skip_spaces();
            let day = self.number(2)?;
            self.eat(b',');
            self.skip_spaces();
            return Some((self.year()?, month, day));
        }
        position(&WEEKDAYS, &word)?;
        self.eat(b',');
        self.skip_spaces();
        self.peek()?.is_ascii_digit().then_some(())?;
        self.date()
    }

    /// What follows the day in `8 Nov 2014` and `08-Nov-14`.
    fn month_and_year(&mut self, day: i64, separator: u8) -> Option<(i64, i64, i64)> {
        let month = position(&MONTHS, &self.word())?;
        if separator == b' ' {
            self.skip_spaces().then_some(())?;
        } else {
            self.eat(separator).then_some(())?;
        }
        Some((self.year()?, month, day))
    }

    /// Four digits, or two of the years 1950 to 2049.
    fn year(&mut self) -> Option<i64> {
        match self.digits()? {
            (year, 4) => Some(year),
            (year, 2) if year <= LAST_TWO_DIGIT_YEAR_OF_2000 => Some(2000 + year),
            (year, 2) => Some(1900 + year),
            _ => None,
        }
    }

    /// Ticks since midnight, and the zone's offset from UTC in ticks.
    fn time_and_zone(&mut self) -> Option<(i64, i64)> {
        let separated = self.eat(b'T') || self.eat(b't') || self.skip_spaces() || self.eat(b',');
        if !separated {
            return Some((0, self.zone()?));
        }
        self.skip_spaces();
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Some((0, self.zone()?));
        }
        let mut hour = self.number(2)?;
        let (mut minute, mut second, mut fraction) = (0, 0, 0);
        if self.eat(b':') {
            minute = self.number(2)?;
            if self.eat(b':') {
                second = self.number(2)?;
                if self.eat(b'.') || self.eat(b',') {
                    fraction = self.fraction()?;
                }
            }
        }
        self.skip_spaces();
        hour = self.half_of_day(hour)?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let time = hour * TICKS_PER_HOUR + minute * TICKS_PER_MINUTE + second * TICKS_PER_SECOND + fraction;
        Some((time, self.zone()?))
    }

    /// Digits after the second's point, as ticks; those after the seventh are dropped.
    fn fraction(&mut self) -> Option<i64> {
        let start = self.at;
        let mut ticks = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            if self.at - start < 7 {
                ticks = ticks * 10 + i64::from(digit - b'0');
            }
            self.at += 1;
        }
        let digits = self.at - start;
        if digits == 0 {
            return None;
        }
        (digits..7).for_each(|_| ticks *= 10);
        Some(ticks)
    }

    /// The hour of 24, after an `AM` or `PM`.
    fn half_of_day(&mut self, hour: i64) -> Option<i64> {
        let is_afternoon = match (self.peek(), self.bytes.get(self.at + 1)) {
            (Some(b'A' | b'a'), Some(b'M' | b'm')) => false,
            (Some(b'P' | b'p'), Some(b'M' | b'm')) => true,
            _ => return Some(hour),
        };
        self.at += 2;
        self.skip_spaces();
        match (hour, is_afternoon) {
            (12, false) => Some(0),
            (12, true) => Some(12),
            (1..=11, true) => Some(hour + 12),
            (0..=11, false) => Some(hour),
            _ => None,
        }
    }

    /// The offset from UTC in ticks; 0 when no zone is given.
    fn zone(&mut self) -> Option<i64> {
        let sign = match self.peek() {
            None => return Some(0),
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(_) => return zone_of_name(&self.word()).map(|hours| hours * TICKS_PER_HOUR),
        };
        self.at += 1;
        let (hours, minutes) = match self.digits()? {
            (value, 4) => (value / 100, value % 100),
            (hours, 1 | 2) if self.eat(b':') => (hours, self.number(2)?),
            (hours, 1 | 2) => (hours, 0),
            _ => return None,
        };
        let offset = hours * TICKS_PER_HOUR + minutes * TICKS_PER_MINUTE;
        (minutes < 60 && offset < TICKS_PER_DAY).then_some(sign * offset)
    }
}

/// Hours east of UTC of RFC 822's zone names.
fn zone_of_name(name: &str) -> Option<i64> {
    Some(match name {
        "z" | "utc" | "gmt" | "ut" => 0,
        "edt" => -4,
        "est" | "cdt" => -5,
        "cst" | "mdt" => -6,
        "mst" | "pdt" => -7,
        "pst" => -8,
        _ => return None,
    })
}

/// From 1: which name starts with the word, of which at least three letters are needed.
fn position(names: &[&str], word: &str) -> Option<i64> {
    let is_long_enough = word.len() >= 3;
    let index = names.iter().position(|name| is_long_enough && name.starts_with(word))?;
    i64::try_from(index + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datetime::format_datetime;

    #[test]
    fn each_accepted_form_is_read() {
        for (text, expected) in [
            ("2014-05-25T08:20:03.123456Z", "2014-05-25T08:20:03.1234560Z"),
            ("2014-05-25T08:20:03.1234567", "2014-05-25T08:20:03.1234567Z"),
            ("2014-05-25T08:20:03.123456789Z", "2014-05-25T08:20:03.1234567Z"),
            ("2014-05-25T08:20", "2014-05-25T08:20:00.0000000Z"),
            ("2014-11-08 15:55:55.123456Z", "2014-11-08T15:55:55.1234560Z"),
            ("2014-11-08 15:55:55", "2014-11-08T15:55:55.0000000Z"),
            ("2024-01-01 10:00", "2024-01-01T10:00:00.0000000Z"),
            ("2014-11-08", "2014-11-08T00:00:00.0000000Z"),
            ("2024-03-10T10:00:00+02:30", "2024-03-10T07:30:00.0000000Z"),
            ("2024-03-10T10:00:00-0500", "2024-03-10T15:00:00.0000000Z"),
            ("2024-03-10T10:00:00 +1", "2024-03-10T09:00:00.0000000Z"),
            ("Sat, 8 Nov 14 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"),
            ("Sat, 8 Nov 14 15:05 GMT", "2014-11-08T15:05:00.0000000Z"),
            ("8 Nov 14 15:05:02", "2014-11-08T15:05:02.0000000Z"),
            ("8 Nov 2014 15:05", "2014-11-08T15:05:00.0000000Z"),
            ("Saturday, 08-Nov-14 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"),
            ("08-Nov-14 15:05", "2014-11-08T15:05:00.0000000Z"),
            ("Nov 8, 2014", "2014-11-08T00:00:00.0000000Z"),
            ("1/31/2024 2:08:45.221 PM", "2024-01-31T14:08:45.2210000Z"),
            ("1/31/2024 12:08:45 AM", "2024-01-31T00:08:45.0000000Z"),
            ("12-02-2022", "2022-12-02T00:00:00.0000000Z"),
            ("12-02-2022 20:00:00", "2022-12-02T20:00:00.0000000Z"),
            ("20240131", "2024-01-31T00:00:00.0000000Z"),
            ("2016", "2016-01-01T00:00:00.0000000Z"),
            ("2016-06", "2016-06-01T00:00:00.0000000Z"),
            (" 2014-11-08 ", "2014-11-08T00:00:00.0000000Z"),
        ] {
            assert_eq!(parse_datetime(text).map(format_datetime).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_datetime() {
        for text in [
            "",
            "nonsense",
            "2024-13-01",
            "2024-02-30",
            "2024-01-01T25:00",
            "2024-01-01T10:61",
            "31/12/2024",
            "10:00",
            "0000-01-01",
            "2024-01-01T10:00:00+99:00",
            "2024-01-01 x",
            "12345",
            "1/2",
            "0001-01-01T00:00:00+01:00",
        ] {
            assert_eq!(parse_datetime(text), None, "{text}");
        }
    }
}
