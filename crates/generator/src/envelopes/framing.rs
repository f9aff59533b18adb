//! How the records of a file are held together.

use crate::engine::Framing;

/// The framings in use.
pub(crate) enum FormFraming {
    /// One record a line.
    Lines,
    /// `{"records":[…]}`, as Event Hubs and storage have it.
    Records,
    /// One array.
    Array,
    /// A page of Microsoft Graph.
    GraphPage,
    /// Objects of Microsoft Graph of this kind.
    GraphObjects(&'static str),
    /// A file of SharpHound of this kind. Its `meta`, which real files have at the end, stands first.
    SharpHound(&'static str),
    /// A table with this header line; records end their own lines.
    Csv(fn() -> String),
}

impl FormFraming {
    /// The framing as sinks know it.
    pub(crate) fn framing(&self) -> Framing {
        let (open, close) = match self {
            Self::Lines => (String::new(), "\n"),
            Self::Records => ("{\"records\":[".to_owned(), "]}\n"),
            Self::Array => ("[".to_owned(), "]\n"),
            Self::GraphPage => (
                "{\"@odata.context\":\"https://graph.microsoft.com/v1.0/$metadata#auditLogs/signIns\",\"value\":["
                    .to_owned(),
                "]}\n",
            ),
            Self::GraphObjects(kind) => (
                format!("{{\"@odata.context\":\"https://graph.microsoft.com/v1.0/$metadata#{kind}\",\"value\":["),
                "]}\n",
            ),
            Self::SharpHound(kind) => {
                (format!("{{\"meta\":{{\"methods\":0,\"type\":\"{kind}\",\"version\":6}},\"data\":["), "]}\n")
            }
            Self::Csv(header) => (header(), ""),
        };
        Framing { open, between: self.between(), close }
    }

    /// What stands between two records.
    pub(crate) fn between(&self) -> &'static str {
        match self {
            Self::Lines => "\n",
            Self::Records | Self::Array | Self::GraphPage | Self::GraphObjects(_) | Self::SharpHound(_) => ",\n",
            Self::Csv(_) => "",
        }
    }
}

/// Appends one field of CSV (RFC 4180), quoted where it must be, and the separator before it.
pub(super) fn csv_field(text: &mut String, field: &str) {
    if !text.is_empty() && !text.ends_with('\n') && !text.ends_with('\u{feff}') {
        text.push(',');
    }
    if field.contains([',', '"', '\r', '\n']) {
        text.push('"');
        text.push_str(&field.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(field);
    }
}
