//! Times, counts and sizes as people read them.

use chrono::{DateTime, TimeDelta, Utc};

/// `2026-01-05 08:12:31`, always UTC; the page says so once.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// `5 January 2026`.
pub(crate) fn day(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y").to_string()
}

/// `5 January 2026, 08:12`.
pub(crate) fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M").to_string()
}

/// `12,345`.
pub(crate) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 file`, `12,345 files`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// `1.3 MB`, in powers of ten.
pub(crate) fn size(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", bytes as f64 / unit as f64),
        None => format!("{bytes} B"),
    }
}

/// The two largest units: `3 days 4 hours`, `5 minutes`, `12 seconds`, `a moment`.
pub(crate) fn duration(length: TimeDelta) -> String {
    let mut seconds = length.num_seconds().unsigned_abs();
    let mut parts = Vec::new();
    for (unit, one, many) in
        [(86_400, "day", "days"), (3_600, "hour", "hours"), (60, "minute", "minutes"), (1, "second", "seconds")]
    {
        if seconds >= unit && parts.len() < 2 {
            parts.push(counted(seconds / unit, one, many));
            seconds %= unit;
        } else if !parts.is_empty() {
            break;
        }
    }
    if parts.is_empty() { "a moment".to_owned() } else { parts.join(" ") }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// `CredentialAccess` as `Credential access`.
pub(crate) fn tactic(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 3);
    for (index, letter) in name.chars().enumerate() {
        if index > 0 && letter.is_ascii_uppercase() {
            text.push(' ');
            text.push(letter.to_ascii_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sizes_and_durations_are_read_easily() {
        assert_eq!((number(7), number(1_234), number(1_234_567)), ("7".into(), "1,234".into(), "1,234,567".into()));
        assert_eq!((size(999), size(1_340_000)), ("999 B".into(), "1.3 MB".into()));
        assert_eq!(duration(TimeDelta::seconds(100_000)), "1 day 3 hours");
        assert_eq!(duration(TimeDelta::seconds(3_600)), "1 hour");
        assert_eq!(duration(TimeDelta::seconds(86_430)), "1 day", "the next unit is zero");
        assert_eq!(duration(TimeDelta::milliseconds(5)), "a moment");
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!(tactic("CredentialAccess"), "Credential access");
    }
}
