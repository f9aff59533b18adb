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
