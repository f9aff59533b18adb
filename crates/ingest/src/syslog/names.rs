//! Names of facilities and severities, as the table `Syslog` writes them.

/// Facilities by number (RFC 5424, section 6.2.1), in the words of `syslog(3)`.
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];

/// Severities by number (RFC 5424, section 6.2.1), in the words of `syslog(3)`.
const SEVERITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

/// Words that Kiwi Syslog and others write for a facility, in lower case.
const FACILITY_WORDS: [(&str, &str); 6] = [
    ("kernel", "kern"),
    ("system", "daemon"),
    ("system0", "daemon"),
    ("security", "auth"),
    ("printer", "lpr"),
    ("clock", "cron"),
];

/// Words that Kiwi Syslog and others write for a severity, in lower case.
const SEVERITY_WORDS: [(&str, &str); 7] = [
    ("emergency", "emerg"),
    ("critical", "crit"),
    ("error", "err"),
    ("warn", "warning"),
    ("information", "info"),
    ("informational", "info"),
    ("panic", "emerg"),
];

/// Facility and severity of a priority value; `None` above 191.
pub(super) fn of_priority(priority: u16) -> Option<(&'static str, &'static str)> {
    let facility = FACILITIES.get(usize::from(priority / 8))?;
    Some((facility, SEVERITIES[usize::from(priority % 8)]))
}

/// Facility and severity of a word such as `Auth.Warning`.
pub(super) fn of_words(word: &str) -> Option<(&'static str, &'static str)> {
    let (facility, severity) = word.split_once('.')?;
    Some((named(facility, &FACILITIES, &FACILITY_WORDS)?, named(severity, &SEVERITIES, &SEVERITY_WORDS)?))
}

fn named(word: &str, names: &[&'static str], words: &[(&str, &'static str)]) -> Option<&'static str> {
    let same = |other: &str| other.eq_ignore_ascii_case(word);
    let name = names.iter().find(|name| same(name)).copied();
    name.or_else(|| words.iter().find(|(other, _)| same(other)).map(|(_, name)| *name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_and_words_have_names() {
        assert_eq!(of_priority(34), Some(("auth", "crit")));
        assert_eq!(of_priority(191), Some(("local7", "debug")));
        assert_eq!(of_priority(192), None);
        assert_eq!(of_words("Auth.Warning"), Some(("auth", "warning")));
        assert_eq!(of_words("Local7.Error"), Some(("local7", "err")));
        assert_eq!(of_words("www.contoso"), None);
        assert_eq!(of_words("Auth"), None);
    }
}
