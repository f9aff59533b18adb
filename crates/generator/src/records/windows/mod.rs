//! One Windows event: which log of which computer, and its data fields in the provider's order. A file of this folder is a
//! family of events: their layouts, and a function an event that fills one.

pub(crate) mod accounts;
pub(crate) mod computers;
pub(crate) mod directory_access;
pub(crate) mod failed_logon;
pub(crate) mod groups;
pub(crate) mod kerberos;
pub(crate) mod logons;
pub(crate) mod netlogon;
pub(crate) mod ntlm;
pub(crate) mod processes;
pub(crate) mod services;
pub(crate) mod sessions;
pub(crate) mod shares;
pub(crate) mod upkeep;

use super::Field;
use crate::json::Json;
use crate::random::Random;
use crate::tenant::computers::{Account, Computer, Sid};

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

/// How the events of one kind are built.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) event_id: u32,
    pub(crate) channel: Channel,
    /// Provider of the System log's events; the Security log has but one, with one exception.
    pub(crate) provider: &'static str,
    /// Name and, where it is the same in all events, value.
    fields: &'static [(&'static str, Option<&'static str>)],
}

impl Layout {
    /// An event of the Security log.
    pub(super) const fn security(event_id: u32, fields: &'static [(&'static str, Option<&'static str>)]) -> Self {
        Self { event_id, channel: Channel::Security, provider: "Microsoft-Windows-Security-Auditing", fields }
    }

    /// An event of the System log.
    pub(super) const fn system(
        event_id: u32,
        provider: &'static str,
        fields: &'static [(&'static str, Option<&'static str>)],
    ) -> Self {
        Self { event_id, channel: Channel::System, provider, fields }
    }

    /// An event on `host` with `values` for the fields that have no value of their own, in order.
    pub(super) fn event<'t>(
        &'static self,
        host: &'t Computer,
        values: Vec<Field<'t>>,
        random: &mut Random,
    ) -> Windows<'t> {
        let open = self.fields.iter().filter(|(_, value)| value.is_none()).count();
        debug_assert_eq!(open, values.len(), "values of event {}", self.event_id);
        let thread = 1000 + 4 * random.below(2000) as u32;
        Windows { host, layout: self, failed: false, values: values.into(), record: 0, thread }
    }
}

/// One event.
#[derive(Debug)]
pub(crate) struct Windows<'t> {
    pub(crate) host: &'t Computer,
    pub(crate) layout: &'static Layout,
    /// Whether a failure audit.
    pub(crate) failed: bool,
    values: Box<[Field<'t>]>,
    /// Position in the computer's log; given when events are in order.
    pub(crate) record: u64,
    pub(crate) thread: u32,
}

impl Windows<'_> {
    /// How the truth file names the event: `DC01.corp.tailwind.example/Security/100042`.
    pub(crate) fn id(&self) -> String {
        format!("{}/{}/{}", self.host.name, self.layout.channel.name(), self.record)
    }

    /// Writes the data fields, all as texts.
    pub(crate) fn write_fields(&self, json: &mut Json) {
        let mut values = self.values.iter();
        for (name, value) in self.layout.fields {
            match value {
                Some(text) => json.text(name, text),
                None => values.next().unwrap_or(&Field::Null).push_text(json.key(name)),
            }
        }
    }

    /// The value of field `name` as text.
    #[cfg(test)]
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let mut values = self.values.iter();
        self.layout.fields.iter().find_map(|(known, value)| {
            let value = value.map_or_else(|| values.next().map(ToString::to_string), |text| Some(text.to_owned()));
            value.filter(|_| *known == name)
        })
    }
}

impl<'t> Account<'t> {
    /// The account's security identifier.
    pub(crate) fn sid_field(&self) -> Field<'t> {
        match self.sid {
            Sid::Rid(rid) => Field::Sid(rid),
            Sid::Known(sid) => Field::Text(sid),
        }
    }

    /// Identifier, name and domain: the order in which events name whoever acts.
    pub(super) fn fields(&self) -> [Field<'t>; 3] {
        [self.sid_field(), self.name.into(), self.domain.into()]
    }

    /// Name, domain and identifier: the order in which events name whoever is changed.
    pub(super) fn target_fields(&self) -> [Field<'t>; 3] {
        [self.name.into(), self.domain.into(), self.sid_field()]
    }
}

/// A session of an account on a computer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session<'t> {
    pub(crate) host: &'t Computer,
    pub(crate) account: Account<'t>,
    /// Logon id.
    pub(crate) id: u64,
    /// 2 interactive, 3 network, 4 batch, 5 service, 7 unlock, 9 new credentials, 10 remote interactive, 11 cached interactive.
    pub(crate) logon_type: u8,
}

/// The logon id of a computer's own system.
pub(crate) const SYSTEM_SESSION: u64 = 0x3e7;

impl<'t> Session<'t> {
    /// A new session.
    pub(crate) fn new(host: &'t Computer, account: Account<'t>, logon_type: u8, random: &mut Random) -> Self {
        Self { host, account, id: 0x10_0000 + random.below(0x0fff_ffff), logon_type }
    }

    /// The session of a computer's own system.
    pub(crate) fn system(host: &'t Computer) -> Self {
        Self { host, account: Account::system(host), id: SYSTEM_SESSION, logon_type: 5 }
    }

    /// Identifier, name, domain and logon id of whoever acts.
    pub(super) fn subject(&self) -> Vec<Field<'t>> {
        let mut fields = Vec::with_capacity(16);
        fields.extend(self.account.fields());
        fields.push(Field::Hex(self.id));
        fields
    }
}

/// A port of a client.
pub(super) fn port<'t>(random: &mut Random) -> Field<'t> {
    Field::Number(49_152 + random.below(16_000) as i64)
}
