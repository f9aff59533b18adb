//! NXLog's `im_msvistalog` with `to_json()`: one flat object per line, data fields beside the header.

use chrono::TimeDelta;
use serde_json::{Map, Value};

use crate::output::Content;
use crate::timestamps;
use crate::windows::WindowsEvent;

/// Header values that depend on the kind of event: audit category, task, version of the event's layout.
pub(super) fn layout(event_id: u32) -> (&'static str, u32, u32) {
    match event_id {
        4624 => ("Logon", 12544, 2),
        4634 => ("Logoff", 12545, 0),
        4662 => ("Directory Service Access", 14080, 0),
        4672 => ("Special Logon", 12548, 0),
        4720 => ("User Account Management", 13824, 0),
        4728 => ("Security Group Management", 13826, 0),
        4742 => ("Computer Account Management", 13825, 0),
        4768 => ("Kerberos Authentication Service", 14339, 0),
        4769 => ("Kerberos Service Ticket Operations", 14337, 0),
        4776 => ("Credential Validation", 14336, 0),
        _ => ("", 0, 0),
    }
}

/// Name and identifier of the provider of a channel.
pub(super) fn provider(channel: &str) -> (&'static str, &'static str) {
    match channel {
        "Security" => ("Microsoft-Windows-Security-Auditing", "{54849625-5478-4994-A5BA-3E3B0328C30D}"),
        _ => ("Service Control Manager", "{555908D1-A6D7-4695-8E1E-26931D2012F4}"),
    }
}

/// Keyword bits of a successful audit and of an event of the System log.
const AUDIT_SUCCESS: i64 = -9_214_364_837_600_034_816;
const CLASSIC: i64 = -9_187_343_239_835_811_840;

/// One event per line. The servers' clocks run in UTC.
pub(super) fn lines(events: &[&WindowsEvent]) -> Content {
    let lines = events.iter().map(|event| format!("{}\n", Value::Object(line(event))));
    Content::new(lines.collect(), events.len())
}

fn line(event: &WindowsEvent) -> Map<String, Value> {
    let (category, task, version) = layout(event.event_id);
    let (provider, guid) = provider(event.channel);
    let security = event.channel == "Security";
    let mut object = Map::new();
    object.insert("EventTime".into(), timestamps::seconds_spaced(event.time).into());
    object.insert("Hostname".into(), event.host.clone().into());
    object.insert("Keywords".into(), if security { AUDIT_SUCCESS } else { CLASSIC }.into());
    object.insert("EventType".into(), if security { "AUDIT_SUCCESS" } else { "INFO" }.into());
    object.insert("SeverityValue".into(), 2.into());
    object.insert("Severity".into(), "INFO".into());
    object.insert("EventID".into(), event.event_id.into());
    object.insert("SourceName".into(), provider.into());
    object.insert("ProviderGuid".into(), guid.into());
    object.insert("Version".into(), version.into());
    object.insert("Task".into(), task.into());
    object.insert("OpcodeValue".into(), 0.into());
    object.insert("RecordNumber".into(), event.record.into());
    object.insert("ExecutionProcessID".into(), 684.into());
    object.insert("ThreadID".into(), event.thread.into());
    object.insert("Channel".into(), event.channel.into());
    if security {
        object.insert("Category".into(), category.into());
        object.insert("Opcode".into(), "Info".into());
    }
    for (name, value) in &event.data {
        object.insert((*name).into(), value.clone().into());
    }
    let received = event.time + TimeDelta::milliseconds(1_700);
    object.insert("EventReceivedTime".into(), timestamps::seconds_spaced(received).into());
    object.insert("SourceModuleName".into(), "eventlog".into());
    object.insert("SourceModuleType".into(), "im_msvistalog".into());
    object.insert("@timestamp".into(), timestamps::milliseconds(event.time).into());
    object
}
