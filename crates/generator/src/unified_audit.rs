//! One record of the Office 365 unified audit log.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use crate::audit::{AuditEvent, Initiator, Target};
use crate::people::{DOMAIN, SHAREPOINT, User};
use crate::random::Random;
use crate::sign_ins::SignIn;
use crate::tenant::Tenant;
use crate::timestamps;

/// One record; `text` is the JSON object as every envelope carries it.
#[derive(Debug, Clone)]
pub(crate) struct UnifiedRecord {
    pub(crate) time: DateTime<Utc>,
    pub(crate) id: String,
    pub(crate) operation: String,
    /// Name of the record type, as Search-UnifiedAuditLog prints it.
    pub(crate) record_type: &'static str,
    pub(crate) user_id: String,
    pub(crate) text: String,
    /// Whether the export holds the record a second time.
    pub(crate) duplicated: bool,
    pub(crate) mark: &'static str,
}

/// What the record types are called and numbered
/// (<https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema>).
const RECORD_TYPES: [(&str, u32); 7] = [
    ("ExchangeAdmin", 1),
    ("ExchangeItem", 2),
    ("SharePoint", 4),
    ("SharePointFileOperation", 6),
    ("AzureActiveDirectory", 8),
    ("AzureActiveDirectoryStsLogon", 15),
    ("ExchangeItemAggregated", 50),
];

/// The fields that all records share.
pub(crate) struct Head<'a> {
    pub(crate) time: DateTime<Utc>,
    pub(crate) operation: &'a str,
    pub(crate) record_type: &'static str,
    pub(crate) workload: &'static str,
    pub(crate) user_id: &'a str,
    pub(crate) user_key: &'a str,
    /// 0 regular, 2 administrator, 3 data center, 4 system.
    pub(crate) user_type: u32,
    pub(crate) result: Option<&'static str>,
    pub(crate) client_ip: Option<&'a str>,
    pub(crate) object_id: Option<&'a str>,
}

impl UnifiedRecord {
    /// A record with `head` and the workload's own fields `body`.
    pub(crate) fn new(tenant: &Tenant, head: &Head, body: Value, random: &mut Random) -> Self {
        let id = random.guid();
        let number = RECORD_TYPES.iter().find(|(name, _)| *name == head.record_type).map_or(0, |(_, number)| *number);
        // The log's clock shows whole seconds; so does the neutral time, lest an order be pretended that no reader can see.
        let time = head.time - TimeDelta::nanoseconds(i64::from(head.time.timestamp_subsec_nanos()));
        let mut object = Map::new();
        object.insert("CreationTime".into(), timestamps::seconds(time).into());
        object.insert("Id".into(), id.clone().into());
        object.insert("Operation".into(), head.operation.into());
        object.insert("OrganizationId".into(), tenant.tenant_id.clone().into());
        object.insert("RecordType".into(), number.into());
        if let Some(result) = head.result {
            object.insert("ResultStatus".into(), result.into());
        }
        object.insert("UserKey".into(), head.user_key.into());
        object.insert("UserType".into(), head.user_type.into());
        object.insert("Version".into(), 1.into());
        object.insert("Workload".into(), head.workload.into());
        if let Some(client_ip) = head.client_ip {
            object.insert("ClientIP".into(), client_ip.into());
        }
        if let Some(object_id) = head.object_id {
            object.insert("ObjectId".into(), object_id.into());
        }
        object.insert("UserId".into(), head.user_id.into());
        if let Value::Object(body) = body {
            object.extend(body);
        }
        Self {
            time,
            id,
            operation: head.operation.into(),
            record_type: head.record_type,
            user_id: head.user_id.into(),
            text: Value::Object(object).to_string(),
            duplicated: false,
            mark: "",
        }
    }

    /// `self` as part of a scenario or twin.
    pub(crate) fn marked(mut self, mark: &'static str) -> Self {
        self.mark = mark;
        self
    }
}

/// The unified audit's view of an interactive sign-in.
pub(crate) fn logged_in(tenant: &Tenant, sign_in: &SignIn, random: &mut Random) -> UnifiedRecord {
    let [_, upn, object_id] = &sign_in.principal;
    let failed = matches!(sign_in.result, 50126 | 50053 | 50055 | 50057);
    let head = Head {
        time: sign_in.time,
        operation: if failed { "UserLoginFailed" } else { "UserLoggedIn" },
        record_type: "AzureActiveDirectoryStsLogon",
        workload: "AzureActiveDirectory",
        user_id: upn,
        user_key: object_id,
        user_type: 0,
        result: Some("Success"),
        client_ip: Some(&sign_in.from.ip),
        object_id: Some(sign_in.resource.0),
    };
    let mut body = json!({
        "AzureActiveDirectoryEventType": 1,
        "ExtendedProperties": [
            {"Name": "ResultStatusDetail", "Value": "Success"},
            {"Name": "UserAgent", "Value": sign_in.device.user_agent},
            {"Name": "RequestType", "Value": "Login:login"},
        ],
        "ModifiedProperties": [],
        "Actor": [{"ID": object_id, "Type": 0}, {"ID": upn, "Type": 5}],
        "ActorContextId": tenant.tenant_id,
        "ActorIpAddress": sign_in.from.ip,
        "InterSystemsId": sign_in.correlation_id,
        "SupportTicketId": "",
        "Target": [{"ID": sign_in.resource.0, "Type": 0}],
        "TargetContextId": tenant.tenant_id,
        "ApplicationId": sign_in.app_id,
        "DeviceProperties": [
            {"Name": "OS", "Value": sign_in.device.operating_system},
            {"Name": "BrowserType", "Value": sign_in.device.browser.split(' ').next().unwrap_or_default()},
        ],
        "ErrorNumber": sign_in.result.to_string(),
    });
    if failed {
        body["LogonError"] = match sign_in.result {
            50053 => "IdsLocked",
            50055 => "InvalidPasswordExpiredPassword",
            50057 => "UserDisabled",
            _ => "InvalidUserNameOrPassword",
        }
        .into();
    }
    UnifiedRecord::new(tenant, &head, body, random).marked(sign_in.mark)
}

/// The unified audit's view of a change in the directory; none when the change names no target.
pub(crate) fn directory_change(tenant: &Tenant, event: &AuditEvent, random: &mut Random) -> Option<UnifiedRecord> {
    let target = event.targets.first()?;
    let (user_id, user_key, actor) = match &event.initiator {
        Initiator::User { id, upn, puid, .. } => (
            upn.clone(),
            format!("{puid}@{DOMAIN}"),
            json!([{"ID": upn, "Type": 5}, {"ID": puid, "Type": 3}, {"ID": format!("User_{id}"), "Type": 2},
                {"ID": id, "Type": 2}, {"ID": "User", "Type": 2}]),
        ),
        Initiator::App { name, id } => (
            format!("ServicePrincipal_{id}"),
            "Not Available".into(),
            json!([{"ID": name, "Type": 1}, {"ID": format!("ServicePrincipal_{id}"), "Type": 2}, {"ID": id, "Type": 2},
                {"ID": "ServicePrincipal", "Type": 2}]),
        ),
    };
    let object_id = target.upn.as_ref().or(target.app_id.as_ref()).unwrap_or(&target.id);
    let operation = format!("{}.", event.operation);
    let head = Head {
        time: event.time,
        operation: &operation,
        record_type: "AzureActiveDirectory",
        workload: "AzureActiveDirectory",
        user_id: &user_id,
        user_key: &user_key,
        user_type: if matches!(event.initiator, Initiator::User { .. }) { 0 } else { 4 },
        result: Some("Success"),
        client_ip: Some(event.ip()),
        object_id: Some(object_id),
    };
    let details = event.user_agent.map_or_else(|| "{}".into(), |agent| json!({"User-Agent": agent}).to_string());
    let body = json!({
        "AzureActiveDirectoryEventType": 1,
        "ExtendedProperties": [
            {"Name": "additionalDetails", "Value": details},
            {"Name": "extendedAuditEventCategory", "Value": target.kind},
        ],
        "ModifiedProperties": target.modified.iter().map(|(name, old, new)| {
            json!({"Name": name, "NewValue": plain(new.as_deref()), "OldValue": plain(old.as_deref())})
        }).collect::<Vec<_>>(),
        "Actor": actor,
        "ActorContextId": tenant.tenant_id,
        "ActorIpAddress": event.ip(),
        "InterSystemsId": event.correlation_id,
        "IntraSystemId": random.guid(),
        "SupportTicketId": "",
        "Target": target_list(target),
        "TargetContextId": tenant.tenant_id,
    });
    Some(UnifiedRecord::new(tenant, &head, body, random).marked(event.mark))
}

fn target_list(target: &Target) -> Value {
    let mut list = vec![
        json!({"ID": format!("{}_{}", target.kind, target.id), "Type": 2}),
        json!({"ID": target.id, "Type": 2}),
        json!({"ID": target.kind, "Type": 2}),
    ];
    list.extend(target.display_name.iter().map(|name| json!({"ID": name, "Type": 1})));
    list.extend(target.upn.iter().map(|upn| json!({"ID": upn, "Type": 5})));
    list.extend(target.app_id.iter().map(|id| json!({"ID": id, "Type": 2})));
    list.into()
}

/// A property's value as the unified audit writes it: text without the audit log's inner quotes.
fn plain(value: Option<&str>) -> String {
    match value.map(serde_json::from_str) {
        Some(Ok(Value::String(text))) => text,
        Some(_) => value.unwrap_or_default().into(),
        None => String::new(),
    }
}

/// Where a file lies.
pub(crate) struct FilePlace<'a> {
    /// `SharePoint` or `OneDrive`.
    pub(crate) workload: &'static str,
    pub(crate) site_url: &'a str,
    pub(crate) folder: &'a str,
    pub(crate) name: &'a str,
}

/// The site of a team.
pub(crate) fn team_site(department: &str) -> String {
    format!("https://{SHAREPOINT}.sharepoint.com/sites/{}/", department.replace(' ', ""))
}

/// The OneDrive of an account.
pub(crate) fn personal_site(user: &User) -> String {
    format!("https://{SHAREPOINT}-my.sharepoint.com/personal/{}/", user.one_drive())
}

/// `operation` of `user` on a file.
pub(crate) fn file_operation(
    tenant: &Tenant,
    user: &User,
    (operation, time): (&str, DateTime<Utc>),
    (ip, user_agent): (&str, &str),
    file: &FilePlace,
    random: &mut Random,
) -> UnifiedRecord {
    let object_id = format!("{}{}/{}", file.site_url, file.folder, file.name);
    let user_key = format!("i:0h.f|membership|{}@live.com", user.puid.to_lowercase());
    let head = Head {
        time,
        operation,
        record_type: "SharePointFileOperation",
        workload: file.workload,
        user_id: &user.upn,
        user_key: &user_key,
        user_type: 0,
        result: None,
        client_ip: Some(ip),
        object_id: Some(&object_id),
    };
    let body = json!({
        "CorrelationId": random.guid(),
        "EventSource": "SharePoint",
        "ItemType": "File",
        "ListItemUniqueId": random.guid(),
        "UserAgent": user_agent,
        "SourceFileExtension": file.name.rsplit('.').next().unwrap_or_default(),
        "SiteUrl": file.site_url,
        "SourceFileName": file.name,
        "SourceRelativeUrl": file.folder,
    });
    UnifiedRecord::new(tenant, &head, body, random)
}

/// The fields of every mailbox record of `user`.
pub(crate) fn mailbox(user: &User, ip: &str, client: &str) -> Map<String, Value> {
    let sid = crate::directory::sid(user.rid);
    let fields = json!({
        "AppId": "00000002-0000-0ff1-ce00-000000000000", "ClientIPAddress": ip, "ClientInfoString": client,
        "ExternalAccess": false, "InternalLogonType": 0, "LogonType": 0, "LogonUserSid": sid,
        "MailboxGuid": user.mailbox_guid, "MailboxOwnerSid": sid, "MailboxOwnerUPN": user.upn,
        "OrganizationName": DOMAIN, "OriginatingServer": "AM0PR01MB0001 (15.20.9478.004)\r\n",
    });
    match fields {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// `user` reads mail: `MailItemsAccessed` with `items` messages of the inbox.
pub(crate) fn mail_read(
    tenant: &Tenant,
    user: &User,
    time: DateTime<Utc>,
    (ip, client): (&str, &str),
    items: u64,
    random: &mut Random,
) -> UnifiedRecord {
    let head = exchange_head(user, time, "MailItemsAccessed", "ExchangeItemAggregated", ip);
    let mut body = mailbox(user, ip, client);
    body.insert(
        "OperationProperties".into(),
        json!([{"Name": "MailAccessType", "Value": "Bind"}, {"Name": "IsThrottled", "Value": "False"}]),
    );
    let messages: Vec<Value> = (0..items)
        .map(|_| json!({"InternetMessageId": format!("<{}@{DOMAIN}>", random.code(20)), "SizeInBytes": random.between(4_000, 90_000)}))
        .collect();
    body.insert("Folders".into(), json!([{"FolderItems": messages, "Path": "\\Inbox"}]));
    body.insert("OperationCount".into(), items.into());
    UnifiedRecord::new(tenant, &head, body.into(), random)
}

/// The shared fields of an Exchange record of `user`.
pub(crate) fn exchange_head<'a>(
    user: &'a User,
    time: DateTime<Utc>,
    operation: &'a str,
    record_type: &'static str,
    ip: &'a str,
) -> Head<'a> {
    Head {
        time,
        operation,
        record_type,
        workload: "Exchange",
        user_id: &user.upn,
        user_key: &user.puid,
        user_type: 0,
        result: Some("Succeeded"),
        client_ip: Some(ip),
        object_id: None,
    }
}
