//! A mail message on its way, in Defender for Office 365: the message, its links and its attachments.

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::Traces;
use crate::guid::Guid;
use crate::json;
use crate::random::Random;
use crate::records::{Field, Log, Record, Row};
use crate::tenant::letters::{Letter, Verdict, message_id};
use crate::tenant::people::{DOMAIN, User};

/// How Defender for Office 365 names a verdict.
struct Handling {
    action: &'static str,
    location: &'static str,
    threat: &'static str,
    method: &'static str,
    confidence: &'static str,
}

const fn handling(verdict: Verdict) -> Handling {
    match verdict {
        Verdict::Good | Verdict::Missed => {
            Handling { action: "Delivered", location: "Inbox/folder", threat: "", method: "", confidence: "" }
        }
        Verdict::Spam => Handling {
            action: "Junked",
            location: "Junk folder",
            threat: "Spam",
            method: r#"{"Spam":["Advanced filter"]}"#,
            confidence: r#"{"Spam":"High","Phish":"Not phish"}"#,
        },
        Verdict::Phish => Handling {
            action: "Blocked",
            location: "Quarantine",
            threat: "Phish",
            method: r#"{"Phish":["URL malicious reputation"]}"#,
            confidence: r#"{"Phish":"High"}"#,
        },
        Verdict::Malware => Handling {
            action: "Blocked",
            location: "Quarantine",
            threat: "Malware",
            method: r#"{"Malware":["File detonation"]}"#,
            confidence: r#"{"Malware":"High"}"#,
        },
    }
}

/// One end of a message.
struct Party<'a> {
    name: &'a str,
    address: String,
    domain: &'a str,
    object_id: Option<Guid>,
}

/// What a row of `EmailEvents` says.
struct Message<'a> {
    network_id: Guid,
    message_id: String,
    from: Party<'a>,
    to: Party<'a>,
    direction: &'static str,
    subject: &'a str,
    verdict: Verdict,
    urls: u32,
    attachments: u32,
    bytes: u64,
    ip: Field<'static>,
}

/// `letter` arrives in the mailbox of `user`, or doesn't get there.
pub(crate) fn received<'t>(user: &'t User, letter: &Letter, random: &mut Random, traces: &mut Traces<'t>) {
    let (name, domain) = letter.sender;
    let message = Message {
        network_id: letter.network_id,
        message_id: letter.message_id(),
        from: Party { name, address: format!("{name}@{domain}"), domain, object_id: None },
        to: inside(user),
        direction: "Inbound",
        subject: &letter.subject,
        verdict: letter.verdict,
        urls: letter.urls,
        attachments: letter.attachments,
        bytes: letter.bytes,
        ip: letter.from_ip.into(),
    };
    push(letter.time, message, random, traces);
    for index in 0..letter.urls {
        let url = letter.url(index);
        let report = format!("{}-{index}", letter.network_id);
        let fields = vec![
            ("NetworkMessageId", letter.network_id.into()),
            ("Url", url.into()),
            ("UrlDomain", format!("www.{domain}").into()),
            ("UrlLocation", "Body".into()),
            ("ReportId", report.as_str().to_owned().into()),
        ];
        row(letter.time, "EmailUrlInfo", &report, fields, random, traces);
    }
    for index in 0..letter.attachments {
        let (file, kind) = letter.attachment(index);
        let report = format!("{}-file{index}", letter.network_id);
        let found = handling(letter.verdict);
        let fields = vec![
            ("NetworkMessageId", letter.network_id.into()),
            ("SenderFromAddress", format!("{name}@{domain}").into()),
            ("SenderDisplayName", name.into()),
            ("RecipientEmailAddress", user.upn.as_str().into()),
            ("RecipientObjectId", user.object_id.into()),
            ("FileName", file.into()),
            ("FileType", kind.into()),
            ("FileExtension", kind.into()),
            ("SHA256", format!("{:032x}{:032x}", random.guid().bits(), random.guid().bits()).into()),
            ("FileSize", (letter.bytes as i64 / 2).into()),
            ("ThreatTypes", known(found.threat)),
            ("DetectionMethods", known(found.method)),
            ("ReportId", report.clone().into()),
        ];
        row(letter.time, "EmailAttachmentInfo", &report, fields, random, traces);
    }
}

/// Somebody to whom mail goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Recipient<'t> {
    /// A colleague.
    Inside(&'t User),
    /// Somebody elsewhere: name and domain.
    Outside(&'static str, &'static str),
}

/// `user` has sent the message `network_id`: a row for each of its recipients.
pub(crate) fn sent<'t>(
    time: DateTime<Utc>,
    user: &'t User,
    (network_id, subject): (Guid, &str),
    recipients: &[Recipient<'t>],
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let attachments = random.weighted(&[75, 20, 5]) as u32;
    let bytes = random.heavy() * 30 + 2_000;
    for recipient in recipients {
        let (to, direction) = match *recipient {
            Recipient::Inside(user) => (inside(user), "Intra-org"),
            Recipient::Outside(name, domain) => {
                (Party { name, address: format!("{name}@{domain}"), domain, object_id: None }, "Outbound")
            }
        };
        let message = Message {
            network_id,
            message_id: message_id(network_id, DOMAIN),
            from: inside(user),
            to,
            direction,
            subject,
            verdict: Verdict::Good,
            urls: 0,
            attachments,
            bytes,
            ip: Field::Null,
        };
        push(time, message, random, traces);
    }
}

fn inside(user: &User) -> Party<'_> {
    Party { name: &user.display_name, address: user.upn.clone(), domain: DOMAIN, object_id: Some(user.object_id) }
}

fn known(text: &'static str) -> Field<'static> {
    if text.is_empty() { Field::Null } else { text.into() }
}

fn push<'t>(time: DateTime<Utc>, message: Message<'_>, random: &mut Random, traces: &mut Traces<'t>) {
    let found = handling(message.verdict);
    let outside = message.direction == "Inbound";
    let mut authentication = String::new();
    json::object(&mut authentication, |json| {
        let result = if matches!(message.verdict, Verdict::Good | Verdict::Missed) { "pass" } else { "none" };
        for name in ["SPF", "DKIM", "DMARC", "CompAuth"] {
            json.text(name, if outside { result } else { "none" });
        }
    });
    let report = format!("{}-{}-1", message.network_id, random.bits() >> 8);
    let object_id = |party: &Party| party.object_id.map_or(Field::Null, Field::Guid);
    let fields = vec![
        ("NetworkMessageId", message.network_id.into()),
        ("InternetMessageId", message.message_id.into()),
        ("SenderMailFromAddress", message.from.address.clone().into()),
        ("SenderFromAddress", message.from.address.clone().into()),
        ("SenderDisplayName", message.from.name.to_owned().into()),
        ("SenderObjectId", object_id(&message.from)),
        ("SenderMailFromDomain", message.from.domain.to_owned().into()),
        ("SenderFromDomain", message.from.domain.to_owned().into()),
        ("SenderIPv4", message.ip),
        ("SenderIPv6", Field::Null),
        ("RecipientEmailAddress", message.to.address.into()),
        ("RecipientObjectId", object_id_of(&message.to.object_id)),
        ("RecipientDomain", message.to.domain.to_owned().into()),
        ("Subject", message.subject.to_owned().into()),
        ("EmailClusterId", ((message.network_id.low() >> 32) as i64).into()),
        ("EmailDirection", message.direction.into()),
        ("EmailSize", (message.bytes as i64).into()),
        ("DeliveryAction", found.action.into()),
        (
            "DeliveryLocation",
            if message.direction == "Outbound" { "On-premises/external".into() } else { found.location.into() },
        ),
        ("ThreatTypes", known(found.threat)),
        ("ThreatNames", Field::Null),
        ("DetectionMethods", known(found.method)),
        ("ConfidenceLevel", known(found.confidence)),
        ("BulkComplaintLevel", if outside { 0.into() } else { Field::Null }),
        (
            "EmailAction",
            if found.threat.is_empty() {
                Field::Null
            } else if found.action == "Junked" {
                "Move to junk mail folder".into()
            } else {
                "Send to quarantine".into()
            },
        ),
        ("EmailActionPolicy", if found.threat.is_empty() { Field::Null } else { "Antispam".into() }),
        ("AuthenticationDetails", Field::Owned(authentication.into())),
        ("AttachmentCount", i64::from(message.attachments).into()),
        ("UrlCount", i64::from(message.urls).into()),
        ("EmailLanguage", "en".into()),
        ("Connectors", Field::Null),
        ("OrgLevelAction", Field::Null),
        ("OrgLevelPolicy", Field::Null),
        ("UserLevelAction", Field::Null),
        ("UserLevelPolicy", Field::Null),
        ("LatestDeliveryLocation", found.location.into()),
        ("LatestDeliveryAction", found.action.into()),
        ("ReportId", report.as_str().to_owned().into()),
    ];
    row(time, "EmailEvents", &report, fields, random, traces);
}

fn object_id_of(id: &Option<Guid>) -> Field<'static> {
    id.map_or(Field::Null, Field::Guid)
}

/// A row of `table`, some minutes later in the export.
pub(crate) fn row<'t>(
    time: DateTime<Utc>,
    table: &'static str,
    report: &str,
    fields: Vec<(&'static str, Field<'t>)>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let delay = TimeDelta::seconds(random.between(60, 900));
    traces.push(time, delay, Record::Row(Row { log: Log::Hunting(table), id: report.into(), fields }));
}
