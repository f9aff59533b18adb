//! A line of a log of text: its syslog header, its message, and the CEF event in it.

use chrono::{DateTime, Utc};

use crate::cef::CefText;
use crate::syslog::header::{Certainty, SyslogHeader, strip_mark};

/// A line that is syslog, CEF or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine<'a> {
    /// The header; empty where there is none.
    pub header: SyslogHeader<'a>,
    /// What follows the header; with CEF, the CEF event as it stands.
    pub message: &'a str,
    /// The CEF event in the message.
    pub cef: Option<CefText<'a>>,
    /// When the document that carries the line received it.
    pub received: Option<DateTime<Utc>>,
}

impl<'a> LogLine<'a> {
    /// Reads a line; `None` when it is neither syslog nor CEF.
    pub fn parse(line: &'a str) -> Option<Self> {
        let line = line.trim_end();
        if let Some(cef) = CefText::find(line) {
            let (header, _) = SyslogHeader::parse(&line[..cef.start], Certainty::Loose).unwrap_or_default();
            return Some(Self { header, message: &line[cef.start..], cef: Some(cef), received: None });
        }
        match SyslogHeader::parse(line, Certainty::Sure) {
            Some((header, message)) => {
                let cef = CefText::without_mark(message);
                Some(Self { header, message, cef, received: None })
            }
            None => {
                let message = strip_mark(line);
                let cef = CefText::without_mark(message)?;
                Some(Self { header: SyslogHeader::default(), message, cef: Some(cef), received: None })
            }
        }
    }

    /// When its header says that it was sent. `latest` is a time that it cannot be after, for times without a year.
    pub fn sent(&self, latest: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.header.time?.resolve(self.received.unwrap_or(latest))
    }

    /// The message where it is a JSON object: a record of another format that syslog carries.
    pub fn json(&self) -> Option<&'a str> {
        let message = self.message.strip_prefix("@cee:").unwrap_or(self.message).trim();
        (self.cef.is_none() && message.starts_with('{')).then_some(message)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cef::CefEvent;

    /// Parts of lines, whole and broken, in any order.
    const PARTS: [&str; 28] = [
        "<34>",
        "<",
        ">",
        "1 ",
        "2024-01-01T00:00:00Z ",
        "Oct 11 22:14:15 ",
        "02-21-2024 16:19:35 ",
        "Auth.Warning ",
        "host ",
        "tag[1]: ",
        "[a@1 x=\"1\"]",
        "[",
        "]",
        "- ",
        "CEF:0|",
        "0|",
        "|",
        "\\",
        "=",
        "a=",
        "msg=",
        "csé",
        "\u{feff}",
        "‹¯¨",
        "|Microsoft|Azure ATP|",
        "{",
        "\n",
        " ",
    ];

    proptest! {
        #[test]
        fn any_line_is_read_or_none(parts in proptest::collection::vec(0..PARTS.len(), 0..24)) {
            let text: String = parts.into_iter().map(|part| PARTS[part]).collect();
            if let Some(line) = LogLine::parse(&text) {
                line.json();
                line.sent(DateTime::UNIX_EPOCH);
                let event = line.cef.map(|cef| CefEvent::parse(cef.fields));
                prop_assert!(event.is_none_or(|event| event.is_ok() || event.is_err_and(|found| found < 6)));
            }
        }
    }

    #[test]
    fn the_message_of_a_line_may_be_json() {
        let json = |text: &'static str| LogLine::parse(text).and_then(|line| line.json());
        assert_eq!(json("<14>1 2024-01-01T00:00:00Z h a - - - {\"a\":1}"), Some("{\"a\":1}"));
        assert_eq!(json("<14>Oct 11 22:14:15 h a: @cee: {\"a\":1}"), Some("{\"a\":1}"));
        assert_eq!(json("<14>Oct 11 22:14:15 h a: text"), None);
    }
}
