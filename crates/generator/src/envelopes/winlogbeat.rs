//! Winlogbeat 7: one nested document per line, data fields in `winlog.event_data`.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::nxlog;
use crate::output::Content;
use crate::timestamps;
use crate::windows::WindowsEvent;

const VERSION: &str = "7.17.9";

/// One event per line.
pub(super) fn lines(events: &[&WindowsEvent]) -> Content {
    let lines = events.iter().map(|event| format!("{}\n", document(event)));
    Content::new(lines.collect(), events.len())
}

fn document(event: &WindowsEvent) -> Value {
    let (task, ..) = nxlog::layout(event.event_id);
    let (provider, guid) = nxlog::provider(event.channel);
    let data: Map<String, Value> =
        event.data.iter().map(|(name, value)| ((*name).into(), value.clone().into())).collect();
    let created = event.time + TimeDelta::milliseconds(1_200);
    json!({
        "@timestamp": timestamps::milliseconds(event.time),
        "@metadata": {"beat": "winlogbeat", "type": "_doc", "version": VERSION},
        "event": {
            "kind": "event", "code": event.event_id, "provider": provider, "outcome": "success", "action": task,
            "created": timestamps::milliseconds(created),
        },
        "log": {"level": "information"},
        "host": {"name": event.host},
        "agent": {"type": "winlogbeat", "version": VERSION, "hostname": event.host.split('.').next().unwrap_or_default()},
        "ecs": {"version": "1.12.0"},
        "winlog": {
            "channel": event.channel, "computer_name": event.host, "event_id": event.event_id, "provider_name": provider,
            "provider_guid": guid, "record_id": event.record, "task": task, "opcode": "Info", "keywords": ["Audit Success"],
            "api": "wineventlog", "process": {"pid": 684, "thread": {"id": event.thread}}, "event_data": data,
        },
    })
}
