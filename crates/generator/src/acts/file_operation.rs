//! Something done with a file of SharePoint or OneDrive.

use chrono::{DateTime, Utc};

use super::access::Access;
use super::office::{CloudObject, office, office_and_cloud_app};
use crate::engine::Traces;
use crate::random::Random;
use crate::records::{Office, RecordType};
use crate::tenant::Tenant;
use crate::tenant::devices::{Agent, user_agent};
use crate::tenant::files::FileRef;

/// Of 1,000 file operations, how many Defender for Cloud Apps shows.
const SEEN_BY_CLOUD_APPS: u64 = 600;

/// Application ids of SharePoint's web client and of the sync client.
const WEB_CLIENT: &str = "08e18876-6177-487e-b8b5-cf950c1e598c";
const SYNC_CLIENT: &str = "ab9b8c07-8f02-4f72-87fa-80105867a763";

/// `operation`, such as `FileDownloaded`, on `file` at `time`.
pub(crate) fn file_operation<'t>(
    tenant: &'t Tenant,
    time: DateTime<Utc>,
    access: Access<'t>,
    (operation, file): (&'static str, FileRef),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let record = Office { client_ip: Some(access.ip()), ..record(time, access, (operation, file), random) };
    if access.agent == Agent::Sync || !random.chance(SEEN_BY_CLOUD_APPS) {
        return office(time, record, random, traces);
    }
    let facts = file.facts(tenant);
    let mut id = String::new();
    file.library.push_url(tenant, &mut id);
    id.push_str(&facts.folder);
    id.push('/');
    id.push_str(&facts.name);
    let activity = if operation == "FileDownloaded" { "Download" } else { "Basic" };
    let object = CloudObject { activity, kind: "File", name: facts.name, id };
    office_and_cloud_app(tenant, time, &access, (record, object), random, traces);
}

fn record<'t>(
    time: DateTime<Utc>,
    access: Access<'t>,
    (operation, file): (&'static str, FileRef),
    random: &mut Random,
) -> Office<'t> {
    let user = access.user;
    let kind = match (operation, file.library.is_personal()) {
        ("AnonymousLinkCreated" | "SharingSet" | "SecureLinkCreated", _) => RecordType::SharePointSharingOperation,
        (_, true) => RecordType::OneDriveFileOperation,
        (_, false) => RecordType::SharePointFileOperation,
    };
    let record = Office::new(operation, kind, user.upn.as_str(), user.membership.as_str(), random);
    let correlation = random.guid();
    record.with_late_body(move |tenant, json| {
        let (facts, ids) = (file.facts(tenant), file.library.ids(tenant));
        let mut site = String::with_capacity(160);
        file.library.push_url(tenant, &mut site);
        json.text("SiteUrl", &site);
        site.push_str(&facts.folder);
        site.push('/');
        site.push_str(&facts.name);
        json.text("ObjectId", &site);
        access.push_context(json);
        let sync = access.agent == Agent::Sync;
        json.text("ApplicationId", if sync { SYNC_CLIENT } else { WEB_CLIENT });
        json.text("AuthenticationType", "OAuth");
        json.text("BrowserName", if sync { "" } else { "Edge" });
        json.plain("CorrelationId", correlation);
        json.text("EventSource", "SharePoint");
        json.value("IsManagedDevice", access.from.named_location.is_some() || sync);
        json.text("ItemType", "File");
        json.plain("ListId", ids.list);
        json.plain("ListItemUniqueId", facts.id);
        json.text("Platform", if sync { "WinDesktop" } else { "Web" });
        json.plain("Site", ids.site);
        json.text("UserAgent", &user_agent(access.platform, access.agent, time));
        json.plain("WebId", ids.web);
        if operation == "FileDownloaded" || operation.starts_with("FileSync") {
            json.value("FileSizeBytes", facts.bytes);
            json.value("HighPriorityMediaProcessing", false);
        }
        json.text("SourceFileExtension", facts.extension);
        json.text("SourceFileName", &facts.name);
        json.text("SourceRelativeUrl", &facts.folder);
        if operation == "AnonymousLinkCreated" {
            json.text("EventData", "<Type>View</Type><MembersCanShareApplied>False</MembersCanShareApplied>");
        }
    })
}
