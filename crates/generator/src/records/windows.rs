//! One Windows event: which log of which computer, and its data fields in the provider's order.

use super::Field;

/// An event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Channel {
    Security,
    System,
}

impl Channel {
    /// The log's own name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Security => "Security",
            Self::System => "System",
        }
    }

    /// What the truth file counts its events as.
    pub(crate) fn log(self) -> &'static str {
        match self {
            Self::Security => "WindowsSecurity",
            Self::System => "WindowsSystem",
        }
    }
}

/// A computer whose logs are collected: its number in the tenant, and its full name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host<'t> {
    /// Servers first, then the people's laptops.
    pub(crate) number: u32,
    pub(crate) name: std::borrow::Cow<'t, str>,
}

/// One event.
#[derive(Debug)]
pub(crate) struct Windows<'t> {
    pub(crate) host: Host<'t>,
    pub(crate) channel: Channel,
    pub(crate) event_id: u32,
    /// Provider of the System log's events; the Security log has but one.
    pub(crate) provider: &'static str,
    /// Whether a failure audit.
    pub(crate) failed: bool,
    pub(crate) data: Vec<(&'static str, Field<'t>)>,
    /// Position in the computer's log; given when events are in order.
    pub(crate) record: u64,
    pub(crate) thread: u32,
}

impl Windows<'_> {
    /// How the truth file names the event: `DC01.corp.tailwind.example/Security/100042`.
    pub(crate) fn id(&self) -> String {
        format!("{}/{}/{}", self.host.name, self.channel.name(), self.record)
    }
}
