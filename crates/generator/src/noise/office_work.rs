//! Mail and files of a working day in the unified audit log.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::events::Events;
use crate::noise::workday::Workday;
use crate::people::{Kind, User};
use crate::random::Random;
use crate::tenant::{Tenant, jitter};
use crate::unified_audit::{self, FilePlace, UnifiedRecord};

const TOPICS: [&str; 12] = [
    "Budget", "Forecast", "Offer", "Contract", "Minutes", "Roadmap", "Report", "Invoice", "Plan", "Review", "Handbook",
    "Survey",
];
const EXTENSIONS: [&str; 4] = ["docx", "xlsx", "pptx", "pdf"];
const OUTLOOK: &str = "Client=MSExchangeRPC";

/// A file name that somebody might give.
pub(crate) fn file_name(random: &mut Random) -> String {
    format!("{} {}.{}", random.pick(&TOPICS), random.between(100, 999), random.pick(&EXTENSIONS))
}

/// Adds mail and file records of `workday`.
pub(crate) fn add(tenant: &Tenant, workday: &Workday, events: &mut Events) {
    let user = workday.user;
    let mut random = tenant.random("office work", workday.stream);
    let minutes = (workday.ends - workday.begins).num_minutes().max(30);
    let moment = |random: &mut Random| {
        let start = workday.begins + TimeDelta::minutes(random.between(5, minutes));
        jitter(start, 60, random)
    };
    let ip = workday.from.ip.as_str();
    if user.kind != Kind::Guest {
        for _ in 0..1 + user.activity / 100 {
            let (time, items) = (moment(&mut random), 1 + random.below(4));
            events.unified_audit.push(unified_audit::mail_read(tenant, user, time, (ip, OUTLOOK), items, &mut random));
        }
        for _ in 0..random.below(1 + user.activity / 40) {
            let time = moment(&mut random);
            events.unified_audit.push(mail_sent(tenant, user, time, ip, &mut random));
        }
    }
    for _ in 0..random.below(2 + user.activity / 15) {
        let operation = *random.pick(&["FileAccessed", "FileAccessed", "FileModified", "FilePreviewed"]);
        let time = moment(&mut random);
        file(tenant, workday, (operation, time), &mut random, events);
    }
    for _ in 0..random.below(3 + user.activity / 30) {
        let time = moment(&mut random);
        file(tenant, workday, ("FileDownloaded", time), &mut random, events);
    }
}

fn file(
    tenant: &Tenant,
    workday: &Workday,
    operation: (&str, DateTime<Utc>),
    random: &mut Random,
    events: &mut Events,
) {
    let user = workday.user;
    let own = user.kind != Kind::Guest && random.chance(400);
    let site = if own { unified_audit::personal_site(user) } else { unified_audit::team_site(user.department) };
    let name = file_name(random);
    let place = FilePlace {
        workload: if own { "OneDrive" } else { "SharePoint" },
        site_url: &site,
        folder: if own { "Documents" } else { "Shared Documents" },
        name: &name,
    };
    let client = (workday.from.ip.as_str(), user.laptop.user_agent);
    let record = unified_audit::file_operation(tenant, user, operation, client, &place, random);
    events.unified_audit.push(record.marked(workday.mark));
}

fn mail_sent(tenant: &Tenant, user: &User, time: DateTime<Utc>, ip: &str, random: &mut Random) -> UnifiedRecord {
    let head = unified_audit::exchange_head(user, time, "Send", "ExchangeItem", ip);
    let mut body = unified_audit::mailbox(user, ip, OUTLOOK);
    body.insert(
        "Item".into(),
        json!({
            "InternetMessageId": format!("<{}@{}>", random.code(20), crate::people::DOMAIN),
            "ParentFolder": {"Path": "\\Drafts"},
            "Subject": format!("{} {}", random.pick(&TOPICS), random.between(1, 40)),
        }),
    );
    UnifiedRecord::new(tenant, &head, body.into(), random)
}
