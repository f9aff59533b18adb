//! What somebody does in a mailbox of their own, in the unified audit.

use chrono::{DateTime, Utc};

use super::access::Access;
use super::message::{self, Recipient};
use super::office::{CloudObject, office, office_and_cloud_app};
use super::service::ServerName;
use crate::engine::Traces;
use crate::guid::Guid;
use crate::json::Json;
use crate::random::Random;
use crate::records::{Office, RecordType};
use crate::tenant::Tenant;
use crate::tenant::apps::EXCHANGE;
use crate::tenant::devices::{Agent, user_agent};
use crate::tenant::directory;
use crate::tenant::letters::message_id;
use crate::tenant::people::DOMAIN;

/// Of 1,000 acts in a mailbox, how many Defender for Cloud Apps shows.
const SEEN_BY_CLOUD_APPS: u64 = 250;

/// A message by what identifies it: its network id and the domain it came from.
pub(crate) type MessageRef = (Guid, &'static str);

/// Reads `messages` of the inbox: one record for what is read within some minutes.
pub(crate) fn mail_read<'t>(
    tenant: &'t Tenant,
    time: DateTime<Utc>,
    access: Access<'t>,
    messages: Vec<MessageRef>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let folder = random.bits();
    let record = record(time, access, ("MailItemsAccessed", RecordType::ExchangeItemAggregated), random, move |json| {
        json.array("OperationProperties", |list| {
            for (name, value) in [("MailAccessType", "Bind"), ("IsThrottled", "False")] {
                list.item_object(|json| {
                    json.text("Name", name);
                    json.text("Value", value);
                });
            }
        });
        json.array("Folders", |list| {
            list.item_object(|json| {
                json.array("FolderItems", |list| {
                    for (network_id, domain) in &messages {
                        list.item_object(|json| {
                            json.plain("InternetMessageId", message_id(*network_id, domain));
                            json.value("SizeInBytes", 4_000 + network_id.low() % 90_000);
                        });
                    }
                });
                json.plain("Id", FolderId(folder));
                json.text("Path", "\\Inbox");
            });
        });
        json.value("OperationCount", messages.len());
    });
    leave(tenant, time, &access, record, random, traces);
}

/// Sends a message and leaves it among the sent items.
pub(crate) fn mail_sent<'t>(
    tenant: &'t Tenant,
    time: DateTime<Utc>,
    access: Access<'t>,
    (subject, recipients): (String, &[Recipient<'t>]),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let (network_id, folder) = (random.guid(), random.bits());
    message::sent(time, access.user, (network_id, &subject), recipients, random, traces);
    let record = record(time, access, ("Send", RecordType::ExchangeItem), random, move |json| {
        json.object("Item", |json| {
            json.text("Id", "Unknown");
            json.plain("InternetMessageId", message_id(network_id, DOMAIN));
            json.object("ParentFolder", |json| {
                json.plain("Id", FolderId(folder));
                json.text("Path", "\\Drafts");
            });
            json.value("SizeInBytes", 3_000 + folder % 60_000);
            json.text("Subject", &subject);
        });
    });
    leave(tenant, time, &access, record, random, traces);
}

/// Moves or deletes `message`: `MoveToDeletedItems`, `SoftDelete`, `HardDelete`, `Move`.
pub(crate) fn mail_moved<'t>(
    tenant: &'t Tenant,
    time: DateTime<Utc>,
    access: Access<'t>,
    (operation, message, subject): (&'static str, MessageRef, String),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let folder = random.bits();
    let record = record(time, access, (operation, RecordType::ExchangeItemGroup), random, move |json| {
        json.array("AffectedItems", |list| {
            list.item_object(|json| {
                json.plain("Id", FolderId(folder.rotate_left(9)));
                json.plain("InternetMessageId", message_id(message.0, message.1));
                json.object("ParentFolder", |json| {
                    json.plain("Id", FolderId(folder));
                    json.text("Path", "\\Inbox");
                });
                json.text("Subject", &subject);
            });
        });
        json.value("CrossMailboxOperation", false);
        if operation == "MoveToDeletedItems" {
            json.object("DestFolder", |json| {
                json.plain("Id", FolderId(folder.rotate_left(21)));
                json.text("Path", "\\Deleted Items");
            });
        }
        json.object("Folder", |json| {
            json.plain("Id", FolderId(folder));
            json.text("Path", "\\Inbox");
        });
    });
    leave(tenant, time, &access, record, random, traces);
}

/// The identifier of a folder, as Exchange writes it.
struct FolderId(u64);

impl std::fmt::Display for FolderId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "LgAAAAB{:016X}AQ{:016X}AAAAAAEMAAAB", self.0, self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}

/// A record about the mailbox of who is at work, with the fields that all of them have.
fn record<'t>(
    time: DateTime<Utc>,
    access: Access<'t>,
    (operation, kind): (&'static str, RecordType),
    random: &mut Random,
    more: impl Fn(&mut Json) + Send + Sync + 't,
) -> Office<'t> {
    let user = access.user;
    let record = Office::new(operation, kind, user.upn.as_str(), user.puid.as_str(), random);
    let server = random.bits();
    let record = record.with_late_body(move |_, json| {
        access.push_context(json);
        json.text("AppId", EXCHANGE.id);
        json.text("ClientAppId", "");
        json.plain("ClientIPAddress", access.ip());
        if access.agent == Agent::Browser {
            let agent = user_agent(access.platform, access.agent, time);
            json.text("ClientInfoString", &format!("Client=OWA;{agent};"));
        } else {
            json.text("ClientInfoString", "Client=MSExchangeRPC");
            json.text("ClientProcessName", "OUTLOOK.EXE");
            json.text("ClientVersion", "16.0.19328.20190");
        }
        json.value("ExternalAccess", false);
        json.value("InternalLogonType", 0);
        json.value("LogonType", 0);
        let sid = directory::sid(user.rid);
        json.text("LogonUserSid", &sid);
        json.plain("MailboxGuid", user.mailbox_guid);
        json.text("MailboxOwnerSid", &sid);
        json.text("MailboxOwnerUPN", &user.upn);
        json.text("OrganizationName", DOMAIN);
        json.text("OriginatingServer", &format!("{}\r\n", ServerName(server)));
        if let Some(session) = access.session {
            json.plain("SessionId", session.session_id);
        }
        more(json);
    });
    Office { result: Some("Succeeded"), client_ip: Some(access.ip()), ..record }
}

fn leave<'t>(
    tenant: &'t Tenant,
    time: DateTime<Utc>,
    access: &Access<'t>,
    record: Office<'t>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    if !random.chance(SEEN_BY_CLOUD_APPS) {
        return office(time, record, random, traces);
    }
    let user = access.user;
    let object =
        CloudObject { activity: "Basic", kind: "Mailbox", name: user.upn.clone(), id: user.mailbox_guid.to_string() };
    office_and_cloud_app(tenant, time, access, (record, object), random, traces);
}
