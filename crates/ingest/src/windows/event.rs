//! A Windows event, whatever envelope it came in.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::json::JsonValue;

/// A Windows event. An absent text is empty.
///
/// EVTX, NXLog and Winlogbeat records become this, and the tables are filled from this alone.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowsEvent<'a> {
    /// When the event was raised, UTC.
    pub time: DateTime<Utc>,
    /// The event id without qualifiers, such as 4624.
    pub event_id: i64,
    /// The log, such as `Security` or `Microsoft-Windows-Sysmon/Operational`.
    pub channel: Cow<'a, str>,
    /// The provider (source), such as `Microsoft-Windows-Security-Auditing`.
    pub provider: Cow<'a, str>,
    /// The computer that raised the event, not the collector.
    pub computer: Cow<'a, str>,
    /// Version of the event's definition.
    pub version: Option<i64>,
    /// Level: 0 log always, 1 critical, 2 error, 3 warning, 4 information, 5 verbose.
    pub level: Option<i64>,
    /// The task (category) number.
    pub task: Option<i64>,
    /// The opcode number.
    pub opcode: Option<i64>,
    /// Keywords: the mask as `0x8020000000000000`, or names where the mask is not known.
    pub keywords: Cow<'a, str>,
    /// The record's number in its log.
    pub record_id: Option<i64>,
    /// The correlation activity id.
    pub activity_id: Cow<'a, str>,
    /// The process that raised the event.
    pub process_id: Option<i64>,
    /// The thread that raised the event.
    pub thread_id: Option<i64>,
    /// SID of the user in whose context the event was raised.
    pub user_sid: Cow<'a, str>,
    /// That user as `DOMAIN\name`, where the envelope has it.
    pub user_name: Cow<'a, str>,
    /// What the event says.
    pub data: Payload<'a>,
    /// The message as the collector rendered it.
    pub message: Cow<'a, str>,
    /// What the envelope holds beside the event, such as `EventReceivedTime`.
    pub envelope: Vec<(Cow<'a, str>, JsonValue<'a>)>,
}

/// The event's own data.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Payload<'a> {
    /// Where it stood in the event's XML.
    pub kind: PayloadKind<'a>,
    /// Its fields in order.
    pub fields: Vec<DataField<'a>>,
}

/// Where the data stood in the event's XML.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PayloadKind<'a> {
    /// `<EventData><Data Name="…">`.
    #[default]
    EventData,
    /// `<UserData><Element xmlns="…">`, fields as elements of their own names.
    UserData {
        /// The element, such as `LogFileCleared`.
        element: Cow<'a, str>,
        /// Its namespace; empty when not known.
        namespace: Cow<'a, str>,
    },
}

/// One field of the event's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataField<'a> {
    /// Its name; empty for the unnamed values of classic events.
    pub name: Cow<'a, str>,
    /// Its value as text.
    pub value: Cow<'a, str>,
}

impl<'a> Payload<'a> {
    /// Adds a field.
    pub fn push(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        self.fields.push(DataField { name: name.into(), value: value.into() });
    }

    /// The value of the first field of this exact name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.value.as_ref())
    }
}

/// What the names of the logs of AppLocker begin with.
const APP_LOCKER: &str = "Microsoft-Windows-AppLocker/";

impl WindowsEvent<'_> {
    /// Whether the event is of the log `Security`; collectors write the name in any case.
    pub fn is_security(&self) -> bool {
        self.channel.eq_ignore_ascii_case("Security")
    }

    /// Whether Log Analytics keeps the event in SecurityEvent: those of the log Security and of AppLocker.
    pub fn is_security_event(&self) -> bool {
        self.is_security() || self.channel.starts_with(APP_LOCKER)
    }
}

/// The name that Log Analytics gives a level.
pub fn level_name(level: i64) -> Option<&'static str> {
    Some(match level {
        0 => "LogAlways",
        1 => "Critical",
        2 => "Error",
        3 => "Warning",
        4 => "Information",
        5 => "Verbose",
        _ => return None,
    })
}
