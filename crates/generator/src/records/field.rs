//! A field's value, small enough that a day's events can wait in memory.

use std::fmt::{self, Display};
use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::guid::Guid;
use crate::tenant::directory::{DOMAIN_SID, REALM};
use crate::{json, timestamps};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field<'t> {
    /// Nothing.
    Null,
    /// A text of the tenant's or the program's.
    Text(&'t str),
    /// A text made for this record.
    Owned(Box<str>),
    /// A whole number.
    Number(i64),
    /// A number written as `0x…`.
    Hex(u64),
    /// Yes or no.
    Bool(bool),
    /// A moment.
    Time(DateTime<Utc>),
    /// An identifier.
    Guid(Guid),
    /// An identifier in braces.
    Braced(Guid),
    /// An address.
    Ip(IpAddr),
    /// An IPv4 address in IPv6 form, as Kerberos events have it.
    MappedIp(IpAddr),
    /// The security identifier of the domain's account with this relative identifier.
    Sid(u32),
    /// An account's name in the Kerberos realm: `ann@CORP.TAILWIND.EXAMPLE`.
    AtRealm(&'t str),
    /// A moment as Windows writes it into a field: `1/5/2026 9:30:00 AM`.
    American(DateTime<Utc>),
    /// Defender's key of a computer, 40 hexadecimal digits.
    DeviceId(Guid),
    /// An object or array, as JSON text.
    Json(Box<str>),
}

impl Field<'_> {
    /// Appends the value as JSON; moments as ISO 8601.
    pub(crate) fn push_json(&self, text: &mut String) {
        match self {
            Self::Null => text.push_str("null"),
            Self::Text(value) => json::string(text, value),
            Self::Owned(value) => json::string(text, value),
            Self::Number(_) | Self::Bool(_) => self.push_plain(text),
            Self::Json(value) => text.push_str(value),
            _ => {
                text.push('"');
                self.push_plain(text);
                text.push('"');
            }
        }
    }

    /// Appends the value as JSON text, whatever it is: Windows' agents know only texts.
    pub(crate) fn push_text(&self, text: &mut String) {
        match self {
            Self::Null => text.push_str("\"\""),
            Self::Number(_) | Self::Bool(_) => {
                text.push('"');
                self.push_plain(text);
                text.push('"');
            }
            Self::Json(value) => json::string(text, value),
            _ => self.push_json(text),
        }
    }

    /// Appends the value without quotes and escapes.
    pub(crate) fn push_plain(&self, text: &mut String) {
        use fmt::Write as _;
        let done = match self {
            Self::Null => Ok(()),
            Self::Text(value) => text.write_str(value),
            Self::Owned(value) | Self::Json(value) => text.write_str(value),
            Self::Number(value) => write!(text, "{value}"),
            Self::Hex(value) => write!(text, "0x{value:x}"),
            Self::Bool(value) => write!(text, "{value}"),
            Self::Time(time) => {
                timestamps::ticks(text, *time);
                Ok(())
            }
            Self::Guid(guid) => {
                guid.push(text);
                Ok(())
            }
            Self::Braced(guid) => write!(text, "{{{guid}}}"),
            Self::Ip(ip) => write!(text, "{ip}"),
            Self::MappedIp(ip) => write!(text, "::ffff:{ip}"),
            Self::Sid(rid) => write!(text, "{DOMAIN_SID}-{rid}"),
            Self::AtRealm(name) => write!(text, "{name}@{REALM}"),
            Self::American(time) => {
                timestamps::american(text, *time);
                Ok(())
            }
            Self::DeviceId(key) => write!(text, "{:032x}{:08x}", key.bits(), key.low() as u32),
        };
        debug_assert!(done.is_ok(), "writing to a string cannot fail");
    }
}

impl Display for Field<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.push_plain(&mut text);
        formatter.write_str(&text)
    }
}

impl<'t> From<&'t str> for Field<'t> {
    fn from(text: &'t str) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Field<'_> {
    fn from(text: String) -> Self {
        Self::Owned(text.into())
    }
}

impl From<Guid> for Field<'_> {
    fn from(guid: Guid) -> Self {
        Self::Guid(guid)
    }
}

impl From<IpAddr> for Field<'_> {
    fn from(ip: IpAddr) -> Self {
        Self::Ip(ip)
    }
}

impl From<i64> for Field<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Field<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<DateTime<Utc>> for Field<'_> {
    fn from(time: DateTime<Utc>) -> Self {
        Self::Time(time)
    }
}
