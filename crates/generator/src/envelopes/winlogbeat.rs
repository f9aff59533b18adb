//! Winlogbeat 7: one nested document per line, data fields in `winlog.event_data`.

use chrono::TimeDelta;

use super::{Form, FormFraming, nxlog};
use crate::engine::Trace;
use crate::json;
use crate::records::{Channel, Record};
use crate::tenant::Tenant;
use crate::timestamps;

/// One event a line.
pub(super) static FORM: Form =
    Form { stem: "windows/winlogbeat", extension: ".ndjson.gz", framing: FormFraming::Lines, write };

const VERSION: &str = "7.17.9";

fn write(text: &mut String, _: &Tenant, trace: &Trace) {
    let Record::Windows(event) = &trace.record else { return };
    let (task, ..) = nxlog::layout(event.layout.event_id);
    let (provider, guid) = nxlog::provider(event);
    let host = &event.host.name;
    let created = trace.time + TimeDelta::milliseconds(1_200);
    json::object(text, |json| {
        json.plain_with("@timestamp", |text| timestamps::milliseconds(text, trace.time));
        json.object("@metadata", |json| {
            json.text("beat", "winlogbeat");
            json.text("type", "_doc");
            json.text("version", VERSION);
        });
        json.object("event", |json| {
            json.text("kind", "event");
            json.value("code", event.layout.event_id);
            json.text("provider", provider);
            json.text("outcome", if event.failed { "failure" } else { "success" });
            json.text("action", task);
            json.plain_with("created", |text| timestamps::milliseconds(text, created));
        });
        json.object("log", |json| json.text("level", "information"));
        json.object("host", |json| json.text("name", host));
        json.object("agent", |json| {
            json.text("type", "winlogbeat");
            json.text("version", VERSION);
            json.text("hostname", host.split('.').next().unwrap_or_default());
        });
        json.object("ecs", |json| json.text("version", "1.12.0"));
        json.object("winlog", |json| {
            json.text("channel", event.layout.channel.name());
            json.text("computer_name", host);
            json.value("event_id", event.layout.event_id);
            json.text("provider_name", provider);
            if let Some(guid) = guid {
                json.text("provider_guid", guid);
            }
            json.value("record_id", event.record);
            json.text("task", task);
            json.text("opcode", "Info");
            json.array("keywords", |list| {
                list.item(match (event.layout.channel, event.failed) {
                    (Channel::System, _) => "Classic",
                    (_, true) => "Audit Failure",
                    (_, false) => "Audit Success",
                });
            });
            json.text("api", "wineventlog");
            json.object("process", |json| {
                json.value("pid", 684);
                json.object("thread", |json| json.value("id", event.thread));
            });
            json.object("event_data", |json| {
                event.write_fields(json);
            });
        });
    });
}
