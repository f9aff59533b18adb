//! A cmdlet of Exchange that changes a mailbox: rules, forwarding, permissions, settings.

use chrono::{DateTime, Utc};

use super::access::Access;
use super::office::{CloudObject, office_and_cloud_app};
use super::service::ServerName;
use crate::engine::Traces;
use crate::random::Random;
use crate::records::{Office, RecordType};
use crate::tenant::Tenant;
use crate::tenant::apps::EXCHANGE;
use crate::tenant::people::{DOMAIN, User};

/// A parameter and its value.
pub(crate) type Parameter = (&'static str, String);

/// `access` runs `cmdlet` with `parameters` on the mailbox of `owner`.
pub(crate) fn mailbox_setting<'t>(
    tenant: &'t Tenant,
    time: DateTime<Utc>,
    access: Access<'t>,
    (cmdlet, owner, parameters): (&'static str, &'t User, Vec<Parameter>),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let user = access.user;
    let record = Office::new(cmdlet, RecordType::ExchangeAdmin, user.upn.as_str(), user.puid.as_str(), random);
    let server = random.bits();
    let rule = parameters.iter().find(|(name, _)| cmdlet.ends_with("InboxRule") && *name == "Name");
    let rule = rule.map_or_else(String::new, |(_, value)| format!("\\{value}"));
    let record = record.with_late_body(move |_, json| {
        json.text(
            "ObjectId",
            &format!(
                "EURPR01A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/{DOMAIN}/{}{rule}",
                owner.sam
            ),
        );
        access.push_context(json);
        json.text("AppId", EXCHANGE.id);
        json.text("ClientAppId", "");
        json.value("ExternalAccess", false);
        json.text("OrganizationName", DOMAIN);
        json.plain("OriginatingServer", ServerName(server));
        json.array("Parameters", |list| {
            for (name, value) in &parameters {
                list.item_object(|json| {
                    json.text("Name", name);
                    json.text("Value", value);
                });
            }
        });
        if let Some(session) = access.session {
            json.plain("SessionId", session.session_id);
        }
    });
    let record = Office {
        user_type: 2,
        result: Some("True"),
        client_ip: Some(access.ip()),
        client_port: Access::port(random),
        ..record
    };
    let object =
        CloudObject { activity: "Basic", kind: "Mailbox", name: owner.upn.clone(), id: owner.mailbox_guid.to_string() };
    office_and_cloud_app(tenant, time, &access, (record, object), random, traces);
}
