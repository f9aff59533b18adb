//! NXLog's `im_msvistalog` with `to_json()`: one flat object per line, data fields beside the header.

use chrono::TimeDelta;

use super::{Form, FormFraming};
use crate::engine::Trace;
use crate::json;
use crate::records::{Channel, Record, Windows};
use crate::tenant::Tenant;
use crate::timestamps;

/// One event a line. The computers' clocks run in UTC.
pub(super) static FORM: Form =
    Form { stem: "windows/nxlog", extension: ".json.zip", framing: FormFraming::Lines, write };

/// Header values that depend on the kind of event: audit category, task, version of the event's layout.
pub(super) fn layout(event_id: u32) -> (&'static str, u32, u32) {
    match event_id {
        1102 => ("Log clear", 104, 0),
        4624 => ("Logon", 12544, 2),
        4625 => ("Logon", 12544, 0),
        4634 | 4647 => ("Logoff", 12545, 0),
        4648 => ("Logon", 12544, 0),
        4662 => ("Directory Service Access", 14080, 0),
        4672 => ("Special Logon", 12548, 0),
        4688 => ("Process Creation", 13312, 2),
        4697 => ("Security System Extension", 12289, 0),
        4698 => ("Other Object Access Events", 12804, 0),
        4720 | 4722 | 4724 | 4725 | 4726 | 4738 | 4740 => ("User Account Management", 13824, 0),
        4728 | 4729 | 4732 | 4733 | 4756 | 4757 => ("Security Group Management", 13826, 0),
        4742 => ("Computer Account Management", 13825, 0),
        4768 | 4771 => ("Kerberos Authentication Service", 14339, 0),
        4769 => ("Kerberos Service Ticket Operations", 14337, 0),
        4776 => ("Credential Validation", 14336, 0),
        5140 => ("File Share", 12808, 1),
        5145 => ("Detailed File Share", 12811, 0),
        _ => ("", 0, 0),
    }
}

/// Identifiers of the providers.
const SECURITY_PROVIDER: &str = "{54849625-5478-4994-A5BA-3E3B0328C30D}";
const EVENT_LOG: &str = "{FC65DDD8-D6EF-4962-83D5-6E5CFE9CE148}";
const SERVICE_CONTROL_MANAGER: &str = "{555908D1-A6D7-4695-8E1E-26931D2012F4}";

/// Name and identifier of an event's provider; of old ones only the name.
pub(super) fn provider(event: &Windows) -> (&'static str, Option<&'static str>) {
    match (event.layout.channel, event.layout.provider) {
        (_, "Microsoft-Windows-Eventlog") => (event.layout.provider, Some(EVENT_LOG)),
        (Channel::Security, provider) => (provider, Some(SECURITY_PROVIDER)),
        (_, "Service Control Manager") => (event.layout.provider, Some(SERVICE_CONTROL_MANAGER)),
        (_, provider) => (provider, None),
    }
}

/// Keyword bits of successful and failed audits and of an event of the System log.
const AUDIT_SUCCESS: i64 = -9_214_364_837_600_034_816;
const AUDIT_FAILURE: i64 = -9_218_868_437_227_405_312;
const CLASSIC: i64 = -9_187_343_239_835_811_840;

fn write(text: &mut String, _: &Tenant, trace: &Trace) {
    let Record::Windows(event) = &trace.record else { return };
    let (category, task, version) = layout(event.layout.event_id);
    let (provider, guid) = provider(event);
    let security = event.layout.channel == Channel::Security;
    let (keywords, kind, severity) = match (security, event.failed) {
        (true, false) => (AUDIT_SUCCESS, "AUDIT_SUCCESS", (2, "INFO")),
        (true, true) => (AUDIT_FAILURE, "AUDIT_FAILURE", (4, "ERROR")),
        (false, _) => (CLASSIC, "INFO", (2, "INFO")),
    };
    json::object(text, |json| {
        json.plain_with("EventTime", |text| timestamps::seconds_spaced(text, trace.time));
        json.text("Hostname", &event.host.name);
        json.value("Keywords", keywords);
        json.text("EventType", kind);
        json.value("SeverityValue", severity.0);
        json.text("Severity", severity.1);
        json.value("EventID", event.layout.event_id);
        json.text("SourceName", provider);
        if let Some(guid) = guid {
            json.text("ProviderGuid", guid);
        }
        json.value("Version", version);
        json.value("Task", task);
        json.value("OpcodeValue", 0);
        json.value("RecordNumber", event.record);
        json.value("ExecutionProcessID", 684);
        json.value("ThreadID", event.thread);
        json.text("Channel", event.layout.channel.name());
        if security {
            json.text("Category", category);
            json.text("Opcode", "Info");
        }
        event.write_fields(json);
        let received = trace.time + TimeDelta::milliseconds(1_700);
        json.plain_with("EventReceivedTime", |text| timestamps::seconds_spaced(text, received));
        json.text("SourceModuleName", "eventlog");
        json.text("SourceModuleType", "im_msvistalog");
        json.plain_with("@timestamp", |text| timestamps::milliseconds(text, trace.time));
    });
}
