//! A record of the unified audit on its way to the export, and what Defender for Cloud Apps makes of it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::access::Access;
use crate::engine::Traces;
use crate::envelopes::unified_audit_object;
use crate::json;
use crate::random::Random;
use crate::records::{Field, Log, Office, Record, RecordType, Row};
use crate::tenant::Tenant;
use crate::tenant::people::Kind;

/// Of 1,000 records, how many are there within half an hour, within three hours, within a day.
const ARRIVALS: [u64; 3] = [900, 80, 20];
/// The limits of these delays in seconds.
const DELAYS: [i64; 4] = [120, 1_800, 3 * 3_600, 24 * 3_600];

/// `record` happens at `time`.
pub(crate) fn office<'t>(time: DateTime<Utc>, record: Office<'t>, random: &mut Random, traces: &mut Traces<'t>) {
    let arrival = random.weighted(&ARRIVALS);
    let delay = TimeDelta::seconds(random.between(DELAYS[arrival], DELAYS[arrival + 1]));
    traces.push(time, delay, Record::Office(Arc::new(record)));
}

/// What an activity is about, as Defender for Cloud Apps names it.
pub(crate) struct CloudObject {
    /// `Basic`, `Download`, ….
    pub(crate) activity: &'static str,
    /// `File`, `Mailbox`, ….
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) id: String,
}

/// `record` happens at `time`, and Defender for Cloud Apps shows it, too.
pub(crate) fn office_and_cloud_app<'t>(
    tenant: &'t Tenant,
    time: DateTime<Utc>,
    access: &Access<'t>,
    (record, object): (Office<'t>, CloudObject),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let row = cloud_app_event(tenant, time, access, &record, object);
    traces.push(time, TimeDelta::seconds(random.between(240, 2_400)), Record::Row(row));
    office(time, record, random, traces);
}

/// Name and number of the application that a record is of, in Defender for Cloud Apps.
fn application(record: &Office) -> (&'static str, i64) {
    match record.record_type {
        RecordType::SharePointFileOperation | RecordType::SharePointSharingOperation => {
            ("Microsoft SharePoint Online", 20_892)
        }
        RecordType::OneDriveFileOperation => ("Microsoft OneDrive for Business", 15_600),
        RecordType::MicrosoftTeams => ("Microsoft Teams", 28_375),
        RecordType::ExchangeAdmin
        | RecordType::ExchangeItem
        | RecordType::ExchangeItemGroup
        | RecordType::ExchangeItemAggregated => ("Microsoft Exchange Online", 20_893),
        _ => ("Office 365", 11_161),
    }
}

/// The row of `CloudAppEvents`.
fn cloud_app_event<'t>(
    tenant: &Tenant,
    time: DateTime<Utc>,
    access: &Access<'t>,
    record: &Office,
    object: CloudObject,
) -> Row<'t> {
    let (user, from) = (access.user, access.from);
    let (name, number) = application(record);
    let mut raw = String::with_capacity(1_800);
    unified_audit_object(&mut raw, tenant, record, time);
    let mut objects = String::new();
    json::array(&mut objects, |list| {
        list.item_object(|json| {
            json.text("Type", object.kind);
            json.text("Role", "Target object");
            json.text("Name", &object.name);
            json.text("Id", &object.id);
        });
        list.item_object(|json| {
            json.text("Type", "Account");
            json.text("Role", "Actor");
            json.text("Name", &user.display_name);
            json.plain("Id", user.object_id);
        });
    });
    let report = format!("{}_{number}_{}", tenant.tenant_id.low() % 100_000_000, record.id);
    let admin = record.record_type == RecordType::ExchangeAdmin;
    let operating_system = access.platform.operating_system();
    Row {
        log: Log::Hunting("CloudAppEvents"),
        id: report.as_str().into(),
        fields: vec![
            ("ActionType", record.operation.to_string().into()),
            ("Application", name.into()),
            ("ApplicationId", number.into()),
            ("AppInstanceId", 0.into()),
            ("AccountObjectId", user.object_id.into()),
            ("AccountId", user.object_id.into()),
            ("AccountDisplayName", user.display_name.as_str().into()),
            ("IsAdminOperation", admin.into()),
            ("DeviceType", if operating_system.is_empty() { Field::Null } else { "Desktop".into() }),
            ("OSPlatform", if operating_system.is_empty() { Field::Null } else { operating_system.into() }),
            ("IPAddress", from.ip.into()),
            ("IsAnonymousProxy", false.into()),
            ("CountryCode", from.place.country.into()),
            ("City", from.place.city.into()),
            ("ISP", format!("AS{}", from.asn).into()),
            ("UserAgent", access.user_agent(time).into()),
            ("ActivityType", object.activity.into()),
            ("ActivityObjects", Field::Json(objects.into())),
            ("ObjectName", object.name.into()),
            ("ObjectType", object.kind.into()),
            ("ObjectId", object.id.into()),
            ("ReportId", report.into()),
            ("AccountType", if user.kind == Kind::Admin { "Admin" } else { "Regular" }.into()),
            ("IsExternalUser", (user.kind == Kind::Guest).into()),
            ("IsImpersonated", false.into()),
            ("IPTags", Field::Null),
            ("IPCategory", if from.named_location.is_some() { "Corporate".into() } else { Field::Null }),
            ("UserAgentTags", Field::Null),
            ("RawEventData", Field::Json(raw.into())),
            ("AdditionalFields", Field::Json("{}".into())),
            ("AuditSource", "Defender for Cloud Apps app connector".into()),
            ("OAuthAppId", Field::Null),
        ],
    }
}
