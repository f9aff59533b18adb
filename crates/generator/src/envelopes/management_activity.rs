//! The Office 365 Management Activity API: a blob is a JSON array.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use chrono::{DateTime, Utc};

use super::{Form, FormFraming};
use crate::engine::Trace;
use crate::json;
use crate::records::{Office, Record};
use crate::tenant::Tenant;
use crate::timestamps;

/// The blobs of a day.
pub(super) static FORM: Form =
    Form { stem: "o365/audit-general", extension: ".json.gz", framing: FormFraming::Array, write };

fn write(text: &mut String, tenant: &Tenant, trace: &Trace) {
    if let Record::Office(record) = &trace.record {
        object(text, tenant, record, trace.time);
    }
}

/// The record as every envelope carries it.
pub(crate) fn object(text: &mut String, tenant: &Tenant, record: &Office, time: DateTime<Utc>) {
    let (_, number, workload) = record.record_type.facts();
    json::object(text, |json| {
        json.plain_with("CreationTime", |text| timestamps::seconds(text, time));
        json.plain("Id", record.id);
        json.text("Operation", &record.operation);
        json.plain("OrganizationId", tenant.tenant_id);
        json.value("RecordType", number);
        if let Some(result) = record.result {
            json.text("ResultStatus", result);
        }
        json.text("UserKey", &record.user_key);
        json.value("UserType", record.user_type);
        json.value("Version", 1);
        json.text("Workload", workload);
        if let Some(ip) = record.client_ip {
            json.plain_with("ClientIP", |text| client(text, ip, record.client_port));
        }
        if let Some(object_id) = &record.object_id {
            json.text("ObjectId", object_id);
        }
        json.text("UserId", &record.user_id);
        record.body.push(tenant, json);
    });
}

/// An address, with a port unless that is 0.
fn client(text: &mut String, ip: IpAddr, port: u16) {
    let _ = match (port, ip) {
        (0, ip) => write!(text, "{ip}"),
        (port, ip) => write!(text, "{}", SocketAddr::new(ip, port)),
    };
}
