//! Lengths of time as rules write them.

use chrono::TimeDelta;

/// Reads a KQL span (`5m`, `1h`, `14d`, `30s`), an ISO 8601 duration (`PT5H`, `P1D`, `P1DT12H`) or a .NET time span
/// (`1.00:00:00`, `00:05:00`). `None` when it is none of these, is negative, or has units whose length varies (months, years).
pub(crate) fn parse_duration(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    iso_8601(text).or_else(|| clock(text)).or_else(|| kql_span(text))
}

/// As the product writes it in alerts: `[d.]hh:mm:ss`.
pub(crate) fn clock_text(duration: TimeDelta) -> String {
    let seconds = duration.num_seconds();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    if days == 0 { clock } else { format!("{days}.{clock}") }
}

/// As published rules write it: the largest unit that divides it.
pub(crate) fn kql_text(duration: TimeDelta) -> String {
    let seconds = duration.num_seconds();
    match [(86_400, "d"), (3_600, "h"), (60, "m")].into_iter().find(|(unit, _)| seconds % unit == 0) {
        Some((unit, name)) => format!("{}{name}", seconds / unit),
        None => format!("{seconds}s"),
    }
}

/// ISO 8601 as rules export it: `PT5H`.
pub(crate) fn iso_text(duration: TimeDelta) -> String {
    let seconds = duration.num_seconds();
    match [(86_400, "P", "D"), (3_600, "PT", "H"), (60, "PT", "M")].into_iter().find(|(unit, ..)| seconds % unit == 0) {
        Some((unit, prefix, suffix)) => format!("{prefix}{}{suffix}", seconds / unit),
        None => format!("PT{seconds}S"),
    }
}

fn seconds_of(amount: i64, unit: &str) -> Option<i64> {
    let length = match unit {
        "d" | "day" | "days" => 86_400,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
        "m" | "min" | "minute" | "minutes" => 60,
        "s" | "sec" | "second" | "seconds" => 1,
        _ => return None,
    };
    amount.checked_mul(length)
}

fn kql_span(text: &str) -> Option<TimeDelta> {
    let digits = text.find(|character: char| !character.is_ascii_digit())?;
    let amount: i64 = text[..digits].parse().ok()?;
    TimeDelta::try_seconds(seconds_of(amount, text[digits..].trim())?)
}

fn iso_8601(text: &str) -> Option<TimeDelta> {
    let rest = text.strip_prefix(['P', 'p'])?;
    let (days, clock) = rest.split_once(['T', 't']).unwrap_or((rest, ""));
    let mut seconds: i64 = 0;
    for (part, units) in
        [(days, &[('W', 604_800), ('D', 86_400)][..]), (clock, &[('H', 3_600), ('M', 60), ('S', 1)][..])]
    {
        let mut part = part;
        while !part.is_empty() {
            let end = part.find(|character: char| !character.is_ascii_digit())?;
            let amount: i64 = part[..end].parse().ok()?;
            let unit = part[end..].chars().next()?.to_ascii_uppercase();
            let length = units.iter().find(|(name, _)| *name == unit)?.1;
            seconds = seconds.checked_add(amount.checked_mul(length)?)?;
            part = &part[end + 1..];
        }
    }
    (!rest.is_empty() && !rest.ends_with(['T', 't'])).then(|| TimeDelta::try_seconds(seconds))?
}

fn clock(text: &str) -> Option<TimeDelta> {
    let (days, clock) = text.split_once('.').unwrap_or(("0", text));
    let parts: Vec<i64> = clock.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = parts.try_into().ok()?;
    let day_seconds = seconds_of(days.parse().ok()?, "d")?;
    let in_range = (0..24).contains(&hours) && (0..60).contains(&minutes) && (0..60).contains(&seconds);
    (in_range && day_seconds >= 0)
        .then(|| TimeDelta::try_seconds(day_seconds.checked_add(hours * 3_600 + minutes * 60 + seconds)?))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_published_rules_is_read() {
        for (text, seconds) in [
            ("5m", 300),
            ("1h", 3_600),
            ("14d", 1_209_600),
            ("30s", 30),
            ("2 hours", 7_200),
            ("PT5H", 18_000),
            ("P1D", 86_400),
            ("P1DT12H30M", 131_400),
            ("P2W", 1_209_600),
            ("1.00:00:00", 86_400),
            ("00:05:00", 300),
            ("05:00:00", 18_000),
        ] {
            assert_eq!(parse_duration(text), TimeDelta::try_seconds(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for text in [
            "",
            "h",
            "5",
            "5x",
            "P",
            "PT",
            "P1M",
            "-1h",
            "25:00:00",
            "1:2",
            "99999999999999999999d",
            "P9999999999999999D",
            "é",
            "1é",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn lengths_are_written_in_the_three_forms() {
        let day = TimeDelta::days(1);
        assert_eq!(
            (clock_text(day).as_str(), kql_text(day).as_str(), iso_text(day).as_str()),
            ("1.00:00:00", "1d", "P1D")
        );
        let odd = TimeDelta::seconds(3_660);
        assert_eq!(
            (clock_text(odd).as_str(), kql_text(odd).as_str(), iso_text(odd).as_str()),
            ("01:01:00", "61m", "PT61M")
        );
        assert_eq!(kql_text(TimeDelta::seconds(61)), "61s");
    }
}
