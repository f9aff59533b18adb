//! Headers of syslog lines, in the forms that devices send and servers write to files.

use crate::syslog::names::{of_priority, of_words};
use crate::syslog::time::{SyslogTime, iso, kiwi, month_first, word};

/// Headers in one line: relays put their own before that of the origin.
const NESTED_HEADERS: usize = 4;

/// Longest tag of RFC 3164 (32 characters there; programs exceed it).
const TAG_BYTES: usize = 64;

/// A byte order mark, and the same read as Windows-1252 or a Mac encoding and written as UTF-8 again.
const BYTE_ORDER_MARKS: [&str; 3] = ["\u{feff}", "ï»¿", "‹¯¨"];

/// What a header says. Fields that are absent or `-` are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyslogHeader<'a> {
    /// Facility in the words of `syslog(3)`: `auth`.
    pub facility: Option<&'static str>,
    /// Severity in the words of `syslog(3)`: `warning`.
    pub severity: Option<&'static str>,
    /// The origin's time.
    pub time: Option<SyslogTime>,
    /// Name or address of the origin.
    pub host: &'a str,
    /// Name or address of the relay, or of the sender as the server saw it.
    pub sender: &'a str,
    /// The program: `APP-NAME`, or the tag of RFC 3164.
    pub process: &'a str,
    /// The program's process id.
    pub process_id: &'a str,
    /// `MSGID` of RFC 5424.
    pub message_id: &'a str,
    /// Structured data of RFC 5424, in its brackets.
    pub structured_data: &'a str,
}

/// How sure it is that a text is a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// Only where something else says that this is syslog.
    Loose,
    /// By itself.
    Sure,
}

impl<'a> SyslogHeader<'a> {
    /// Reads the header, or all of them, at the start of a line: the header of the origin, and what follows.
    pub(super) fn parse(line: &'a str, least: Certainty) -> Option<(Self, &'a str)> {
        let (mut header, mut rest) = parse_one(strip_mark(line), least)?;
        for _ in 1..NESTED_HEADERS {
            // A program's own time after its tag is no header of another host.
            let may_nest = header.process.is_empty() || rest.starts_with('<') || rest.starts_with("1 ");
            let Some((mut inner, after)) = may_nest.then(|| parse_one(rest, Certainty::Sure)).flatten() else { break };
            inner.facility = inner.facility.or(header.facility);
            inner.severity = inner.severity.or(header.severity);
            inner.time = inner.time.or(header.time);
            inner.sender = if header.sender.is_empty() { header.host } else { header.sender };
            if inner.host.is_empty() {
                inner.host = header.host;
            }
            (header, rest) = (inner, after);
        }
        Some((header, rest))
    }
}

/// The text without white space and a byte order mark before it.
pub(super) fn strip_mark(text: &str) -> &str {
    let text = text.trim_start();
    BYTE_ORDER_MARKS.iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text).trim_start()
}

fn parse_one(text: &str, least: Certainty) -> Option<(SyslogHeader<'_>, &str)> {
    let counted = without_count(text);
    let (priority, rest) = match priority(counted) {
        Some((priority, rest)) => (Some(priority), rest),
        None => (None, text),
    };
    let mut header = SyslogHeader::default();
    (header.facility, header.severity) = (priority.map(|names| names.0), priority.map(|names| names.1));
    let rest = rest.trim_start();
    let message = rfc5424(rest, &mut header)
        .or_else(|| rfc3164(rest, &mut header))
        .or_else(|| kiwi_file(rest, &mut header))
        .or_else(|| iso_file(rest, &mut header, priority.is_some() || least == Certainty::Loose))
        .or_else(|| priority.map(|_| tagged(rest, &mut header)))?;
    Some((header, strip_mark(message)))
}

/// The text without the octet count of RFC 6587 before a priority.
fn without_count(text: &str) -> &str {
    let digits = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    match digits.strip_prefix(' ') {
        Some(rest) if digits.len() < text.len() && rest.starts_with('<') => rest,
        _ => text,
    }
}

/// `<34>` at the start.
fn priority(text: &str) -> Option<((&'static str, &'static str), &str)> {
    let (number, rest) = text.strip_prefix('<')?.split_once('>')?;
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let names = is_number.then(|| of_priority(number.parse().ok()?))??;
    Some((names, rest))
}

/// A word where `-` means that there is none.
fn field(text: &str) -> (&str, &str) {
    match word(text) {
        ("-", rest) => ("", rest),
        found => found,
    }
}

/// `1 2018-12-12T16:53:22Z host app 4688 id [data] message`.
fn rfc5424<'a>(text: &'a str, header: &mut SyslogHeader<'a>) -> Option<&'a str> {
    let rest = text.strip_prefix("1 ")?;
    let rest = match iso(rest) {
        Some((time, rest)) => {
            header.time = Some(time);
            rest
        }
        None => rest.strip_prefix("- ").filter(|_| header.facility.is_some())?,
    };
    Some(fields_of_5424(rest, header))
}

fn fields_of_5424<'a>(text: &'a str, header: &mut SyslogHeader<'a>) -> &'a str {
    let mut rest = text;
    (header.host, rest) = field(rest);
    (header.process, rest) = field(rest);
    header.process = header.process.trim_end_matches(':');
    (header.process_id, rest) = field(rest);
    (header.message_id, rest) = field(rest);
    let rest = rest.trim_start_matches(' ');
    if let Some(length) = structured_data_length(rest) {
        header.structured_data = &rest[..length];
        return &rest[length..];
    }
    // Some senders leave the structured data out; then the message follows.
    match rest.strip_prefix('-') {
        Some(after) if after.is_empty() || after.starts_with(' ') => after,
        _ => rest,
    }
}

/// The length of structured data at the start: elements `[id name="value" …]` in a row.
fn structured_data_length(text: &str) -> Option<usize> {
    let mut at = 0;
    while text[at..].starts_with('[') {
        let element = &text[at + 1..];
        let id = element.find([' ', ']', '"', '=']).filter(|end| *end > 0)?;
        if matches!(element.as_bytes()[id], b'"' | b'=') {
            break;
        }
        let (mut in_quotes, mut escaped, mut length) = (false, false, None);
        for (index, byte) in element.bytes().enumerate().skip(id) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_quotes => escaped = true,
                b'"' => in_quotes = !in_quotes,
                b']' if !in_quotes => {
                    length = Some(index);
                    break;
                }
                _ => {}
            }
        }
        at += 1 + length? + 1;
    }
    (at > 0).then_some(at)
}

/// `Oct 11 22:14:15 host tag[1]: message`.
fn rfc3164<'a>(text: &'a str, header: &mut SyslogHeader<'a>) -> Option<&'a str> {
    let (time, rest) = month_first(text)?;
    header.time = Some(time);
    Some(host_and_tag(rest, header))
}

/// `02-21-2018 16:19:35 Auth.Warning host message`, as Kiwi Syslog writes to files.
fn kiwi_file<'a>(text: &'a str, header: &mut SyslogHeader<'a>) -> Option<&'a str> {
    let (time, rest) = kiwi(text)?;
    let (level, rest) = word(rest);
    let (facility, severity) = of_words(level)?;
    (header.facility, header.severity) = (header.facility.or(Some(facility)), header.severity.or(Some(severity)));
    header.time = Some(time);
    (header.host, _) = field(rest);
    let (_, message) = word(rest);
    Some(message)
}

/// `2018-12-12T16:53:22Z host tag[1]: message`, as rsyslog writes to files. Without a tag, only where it is known to be syslog: then
/// the fields of RFC 5424 may follow.
fn iso_file<'a>(text: &'a str, header: &mut SyslogHeader<'a>, known: bool) -> Option<&'a str> {
    let (time, rest) = iso(text)?;
    let (host, after) = field(rest);
    let tagged = split_tag(after.trim_start());
    if tagged.is_none() && !known {
        return None;
    }
    header.time = Some(time);
    if tagged.is_none() && known && after.split_whitespace().count() >= 3 {
        return Some(fields_of_5424(rest, header));
    }
    header.host = host;
    Some(apply_tag(after, header))
}

fn host_and_tag<'a>(text: &'a str, header: &mut SyslogHeader<'a>) -> &'a str {
    let text = text.trim_start_matches([':', ' ']);
    let (host, rest) = word(text);
    // A tag or the message where the host should be: some devices leave their name out.
    if host.ends_with(':') || !is_host(host) {
        return apply_tag(text, header);
    }
    header.host = if host == "-" { "" } else { host };
    let rest = rest.trim_start();
    apply_tag(rest.strip_prefix(": ").unwrap_or(rest), header)
}

/// Whether the word can be a name or an address.
fn is_host(word: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'%' | b'[' | b']');
    !word.starts_with('%') && word.bytes().all(|byte| allowed(byte) || !byte.is_ascii())
}

fn tagged<'a>(text: &'a str, header: &mut SyslogHeader<'a>) -> &'a str {
    apply_tag(text, header)
}

fn apply_tag<'a>(text: &'a str, header: &mut SyslogHeader<'a>) -> &'a str {
    let text = text.trim_start();
    let Some((process, process_id, message)) = split_tag(text) else { return text };
    (header.process, header.process_id) = (process, process_id);
    message
}

/// `tag[1]: message` or `tag: message`.
fn split_tag(text: &str) -> Option<(&str, &str, &str)> {
    let is_tag =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'(' | b')' | b'@');
    let end = text.bytes().position(|byte| !is_tag(byte)).filter(|end| (1..=TAG_BYTES).contains(end))?;
    let (tag, rest) = text.split_at(end);
    if let Some(message) = rest.strip_prefix(": ").or_else(|| (rest == ":").then_some("")) {
        return Some((tag, "", message));
    }
    let (id, rest) = rest.strip_prefix('[')?.split_once(']')?;
    let message = rest.strip_prefix(':')?;
    (id.len() <= TAG_BYTES && !id.contains(' ')).then_some((tag, id, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sure(line: &str) -> (SyslogHeader<'_>, &str) {
        SyslogHeader::parse(line, Certainty::Sure).unwrap_or_else(|| panic!("no header: {line}"))
    }

    #[test]
    fn headers_of_rfc_3164_are_read() {
        let (header, message) = sure("<34>Oct 11 22:14:15 web1 su[231]: 'su root' failed");
        assert_eq!((header.facility, header.severity), (Some("auth"), Some("crit")));
        assert_eq!((header.host, header.process, header.process_id), ("web1", "su", "231"));
        assert_eq!(message.trim_start(), "'su root' failed");
        let (header, message) = sure("Jul  2 2020 22:59:42 fw1 : %ASA-6-302016: Teardown");
        assert_eq!((header.host, header.process), ("fw1", ""));
        assert_eq!(message, "%ASA-6-302016: Teardown");
        let (header, message) = sure("<14>Nov 30 16:09:08 1,2019/10/09 10:20:15,001234567890002,CORRELATION");
        assert_eq!((header.host, message), ("", "1,2019/10/09 10:20:15,001234567890002,CORRELATION"));
        let (header, message) = sure("<13>Oct 11 22:14:15 sudo: alice : TTY=pts/0");
        assert_eq!((header.host, header.process, message), ("", "sudo", "alice : TTY=pts/0"));
    }

    #[test]
    fn headers_of_rfc_5424_are_read() {
        let line = r#"<165>1 2003-10-11T22:14:15.003Z web1 evntslog 10 ID47 [a@1 x="1 ] \" 2"][b@1] hello"#;
        let (header, message) = sure(line);
        assert_eq!((header.host, header.process, header.process_id), ("web1", "evntslog", "10"));
        assert_eq!((header.message_id, header.structured_data), ("ID47", r#"[a@1 x="1 ] \" 2"][b@1]"#));
        assert_eq!(message, "hello");
        let (header, message) = sure("<165>1 - web1 app - - - \u{feff}hello");
        assert_eq!((header.time, header.host, message), (None, "web1", "hello"));
        let (header, message) = sure(r#"1 2020-03-29T13:19:20Z gw1 CheckPoint 1930 - [action:"Accept"; x]"#);
        assert_eq!((header.structured_data, message), ("", r#"[action:"Accept"; x]"#));
    }

    #[test]
    fn the_inner_of_two_headers_is_the_origin() {
        let line = "<134>1 2020-03-29T13:19:20Z relay1 fwd - - - <38>1 2020-03-29T13:19:18Z web1 sshd 7 - - hello";
        let (header, message) = sure(line);
        assert_eq!((header.host, header.sender, header.facility), ("web1", "relay1", Some("auth")));
        assert_eq!((header.process, message), ("sshd", "hello"));
        let (header, _) =
            sure("02-21-2018 16:19:35 Auth.Warning 192.0.2.1 1 2018-02-21T14:19:27Z web1 app 7 - - hello");
        assert_eq!((header.host, header.sender, header.severity), ("web1", "192.0.2.1", Some("warning")));
    }

    #[test]
    fn files_of_syslog_servers_are_read() {
        let (header, message) = sure("2018-12-12T16:53:22+01:00 web1 sshd[7]: hello");
        assert_eq!((header.host, header.process, message), ("web1", "sshd", "hello"));
        let (header, message) = sure("<34>Oct 11 22:14:15 web1 app: 2018-12-12T16:53:22Z INFO main: started");
        assert_eq!((header.host, message), ("web1", "2018-12-12T16:53:22Z INFO main: started"));
        let (header, message) = sure("83 <34>1 2018-12-12T16:53:22Z web1 app - - - hello");
        assert_eq!((header.host, message), ("web1", "hello"));
        let (header, message) = sure("<188>date=2020-01-01 time=10:00:00 devname=\"fw1\"");
        assert_eq!((header.severity, message.starts_with("date=")), (Some("warning"), true));
    }

    #[test]
    fn what_is_no_header_is_none() {
        for line in [
            "",
            "hello",
            "<Event>",
            "<192>hello",
            "<>hello",
            "2023-12-16 21:30:10 - 138 0 138 192.0.2.1",
            "2023-12-16T21:30:10Z,a,b",
            "1,2020/12/04 16:00:02,x",
            "1 2 3",
            "May the force be with you",
        ] {
            assert!(SyslogHeader::parse(line, Certainty::Sure).is_none(), "{line}");
        }
    }
}
