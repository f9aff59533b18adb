//! What Microsoft's services do by themselves to a tenant, in the unified audit.

use crate::json::Json;
use crate::random::Random;
use crate::records::{Office, RecordType};
use crate::tenant::Tenant;
use crate::tenant::addresses;
use crate::tenant::people::{DOMAIN, User};

/// The service that maintains settings.
pub(crate) const SERVICE_HOST: &str = "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)";
/// The service that carries the directory's changes to Exchange.
const FORWARD_SYNC: &str = "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.Management.ForwardSync)";
/// The service that provisions mailboxes.
const PROVISIONER: &str = "NT AUTHORITY\\SYSTEM (w3wp)";

/// The organisation's container in Exchange's directory.
const CONTAINER: &str = "EURPR01A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/tailwind.example";

/// Licences that mailbox plans are named after.
const PLANS: [&str; 5] = [
    "ExchangeOnline",
    "ExchangeOnlineDeskless",
    "ExchangeOnlineEnterprise",
    "ExchangeOnlineEssentials",
    "ExchangeOnlineArchive",
];
/// Mailboxes of the services.
const SYSTEM_MAILBOXES: [&str; 6] = [
    "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}",
    "SystemMailbox{D0E409A0-AF9B-4720-92FE-AAC869B0D201}",
    "SystemMailbox{e0dc1c29-89c3-4034-b678-e6c29d823ed9}",
    "SystemMailbox{1f05a927-7b1a-4d0f-9a43-a8a8be2b6f11}",
    "QuarantineOrgShard{E9F19AD5-5B1D-4361-BE94-E55A6E1A6AA3}",
    "Migration.8f3e7716-2011-43e4-96b1-aba62d229136",
];

/// A setting that a service makes with `cmdlet`; `object` lies below the organisation.
pub(crate) fn maintenance<'t>(
    cmdlet: &'static str,
    service: &'static str,
    object: &'static str,
    server: u64,
    random: &mut Random,
) -> Office<'t> {
    let key = random.bits();
    let record = Office::new(cmdlet, RecordType::ExchangeAdmin, service, service, random);
    let record = record.with_late_body(move |_, json| {
        let mut object = format!("{CONTAINER}{object}");
        match cmdlet {
            "Set-MailboxPlan" => {
                let plan = PLANS[key as usize % PLANS.len()];
                object = format!("{CONTAINER}/{plan}-{:016x}", server.rotate_left(key as u32 % 5));
            }
            "Set-Mailbox" => {
                object = format!("{CONTAINER}/{}", SYSTEM_MAILBOXES[key as usize % SYSTEM_MAILBOXES.len()])
            }
            _ if object.contains('\\') => object = object.replace(CONTAINER, DOMAIN),
            _ => {}
        }
        json.text("ObjectId", &object);
        head(json, "", server);
        json.array("Parameters", |list| match cmdlet {
            "Set-MailboxPlan" => plan_parameters(list, &object),
            "Set-Mailbox" => mailbox_parameters(list, &object, key),
            _ => setting_parameters(list, cmdlet, &object),
        });
        json.text("SessionId", "");
    });
    Office { user_type: 3, result: Some("True"), ..record }
}

fn head(json: &mut Json, app: &str, server: u64) {
    json.text("AppId", app);
    json.text("ClientAppId", app);
    json.value("ExternalAccess", true);
    json.text("OrganizationName", DOMAIN);
    json.plain("OriginatingServer", ServerName(server));
}

/// The name and version of one of Exchange's servers.
#[derive(Clone, Copy)]
pub(crate) struct ServerName(pub(crate) u64);

impl std::fmt::Display for ServerName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "AM{}PR01MB{:04} (15.20.9478.{:03})", self.0 % 10, self.0 / 16 % 10_000, self.0 / 7 % 30)
    }
}

fn parameter(list: &mut Json, name: &str, value: &str) {
    list.item_object(|json| {
        json.text("Name", name);
        json.text("Value", value);
    });
}

fn plan_parameters(list: &mut Json, object: &str) {
    parameter(list, "Identity", object);
    parameter(list, "UseDatabaseRetentionDefaults", "False");
    parameter(list, "RecoverableItemsQuota", "30 GB (32,212,254,720 bytes)");
    parameter(list, "RecoverableItemsWarningQuota", "20 GB (21,474,836,480 bytes)");
}

fn mailbox_parameters(list: &mut Json, object: &str, key: u64) {
    parameter(list, "RecoverableItemsQuota", "30 GB (32,212,254,720 bytes)");
    parameter(list, "Force", "True");
    parameter(list, "Arbitration", "True");
    let purposes = ["UMGrammar", "MessageTracking", "OMEncryptionStore", "QuarantineMessageStore", "ClientExtensions"];
    parameter(list, purposes[(key >> 8) as usize % purposes.len()], "True");
    parameter(list, "ProhibitSendQuota", "99 GB (106,300,440,576 bytes)");
    for name in ["HiddenFromAddressListsEnabled", "MailRouting", "OABGen", "GMGen", "SuiteServiceStorage"] {
        parameter(list, name, "True");
    }
    for name in ["SCLDeleteEnabled", "SCLQuarantineEnabled", "SCLRejectEnabled", "SCLJunkEnabled"] {
        parameter(list, name, "False");
    }
    parameter(list, "RecoverableItemsWarningQuota", "20 GB (21,474,836,480 bytes)");
    parameter(list, "UseDatabaseQuotaDefaults", "False");
    parameter(list, "IssueWarningQuota", "90 GB (96,636,764,160 bytes)");
    parameter(list, "Identity", object);
    parameter(list, "ProhibitSendReceiveQuota", "100 GB (107,374,182,400 bytes)");
}

fn setting_parameters(list: &mut Json, cmdlet: &str, object: &str) {
    parameter(list, "DomainController", "");
    match cmdlet {
        "Add-MailboxPermission" => {
            parameter(list, "Identity", object);
            parameter(list, "User", &format!("{CONTAINER}/Discovery Management"));
            parameter(list, "AccessRights", "FullAccess");
        }
        "Set-TransportConfig" => {
            parameter(list, "Identity", CONTAINER);
            parameter(list, "SupervisionTags", "Reject;Allow");
        }
        "Set-RecipientEnforcementProvisioningPolicy" => {
            parameter(list, "IgnoreDehydratedFlag", "True");
            parameter(list, "Identity", object);
            parameter(list, "PublicFolderHierarchyMailboxCountQuota", "100");
        }
        "Set-OwaMailboxPolicy" => {
            parameter(list, "InstantMessagingType", "Ocs");
            parameter(list, "Identity", object);
        }
        "Set-AdminAuditLogConfig" => {
            parameter(list, "Identity", CONTAINER);
            parameter(list, "AdminAuditLogEnabled", "True");
        }
        "Enable-AddressListPaging" => {
            parameter(list, "DoNotUpdateRecipients", "True");
            parameter(list, "Identity", CONTAINER);
        }
        _ => parameter(list, "Organization", DOMAIN),
    }
}

/// A change of the directory that reaches the mailbox of account `number` or of its neighbor.
pub(crate) fn provisioning<'t>(number: u32, random: &mut Random) -> Office<'t> {
    let (server, egress) = (random.bits(), random.bits());
    let number = number + random.below(2) as u32;
    let (service, cmdlet) = if random.chance(600) { (FORWARD_SYNC, "Set-User") } else { (PROVISIONER, "Set-Mailbox") };
    let record = Office::new(cmdlet, RecordType::ExchangeAdmin, service, service, random);
    let record = record.with_late_body(move |tenant, json| {
        let user = &tenant.users[number as usize % tenant.users.len()];
        json.text("ObjectId", &format!("{CONTAINER}/{}", user.sam));
        head(json, "766ef332-38e5-4cb4-920c-baa478e39fd9", server);
        json.array("Parameters", |list| {
            parameter(list, "Identity", &format!("{}\\{}", tenant.tenant_id, user.object_id));
            parameter(
                list,
                if cmdlet == "Set-User" { "SyncMailboxLocationGuids" } else { "ResourceEmailAddresses" },
                "True",
            );
            parameter(list, "DomainController", "AM0PR01A001DC12.EURPR01A001.PROD.OUTLOOK.COM");
            parameter(list, "ErrorAction", "Stop");
            parameter(list, "WarningAction", "SilentlyContinue");
        });
        json.text("SessionId", "");
    });
    let from = (cmdlet == "Set-Mailbox").then(|| addresses::microsoft(egress).ip);
    Office { user_type: 3, result: Some("True"), client_ip: from, client_port: (egress >> 40) as u16 | 1_024, ..record }
}

/// A question of the portals' to the store of insights: of a service's own or of an administrator's page.
pub(crate) fn data_insights<'t>(admin: Option<&'t User>, random: &mut Random) -> Office<'t> {
    let (operation, data) = match admin {
        None => ("SearchMtpStatus", "MtpStatus"),
        Some(_) if random.chance(500) => ("SearchDataInsightsSubscription", "DataInsightsSubscription"),
        Some(_) => ("SearchAlertAggregate", "AlertAggregate"),
    };
    let user = admin.map_or("NOT-FOUND", |user| user.upn.as_str());
    let record = Office::new(operation, RecordType::DataInsights, user, user, random);
    let record = record.with_late_body(move |tenant: &Tenant, json| {
        json.text("AadAppId", "80ccca67-54bd-44ab-8625-4b79c4dc7775");
        json.text("DataType", data);
        json.text("DatabaseType", if data == "MtpStatus" { "DataInsights" } else { "Directory" });
        json.text(
            "RelativeUrl",
            &format!("/DataInsights/DataInsightsService.svc/Find/{data}?tenantid={}", tenant.tenant_id),
        );
        json.text("ResultCount", "1");
    });
    Office { user_type: 5, ..record }
}

/// `admin` looks at a page of the compliance portal, which runs `cmdlet`.
pub(crate) fn compliance_cmdlet<'t>(admin: &'t User, cmdlet: &'static str, random: &mut Random) -> Office<'t> {
    let record =
        Office::new(cmdlet, RecordType::SecurityComplianceCenter, admin.upn.as_str(), admin.upn.as_str(), random);
    let record = record.with_late_body(move |_, json| {
        json.text("ObjectId", "");
        json.value("SecurityComplianceCenterEventType", 0);
        json.text("ClientApplication", "EMC");
        json.text("CmdletVersion", "...");
        json.text("EffectiveOrganization", DOMAIN);
        json.text("NonPIIParameters", "");
        json.text("Parameters", "");
        json.text("UserServicePlan", "");
    });
    Office { user_type: 2, result: Some("Success"), ..record }
}
