//! Something done in Teams, in the unified audit.

use chrono::{DateTime, Utc};

use super::access::Access;
use super::office::office;
use crate::engine::Traces;
use crate::random::Random;
use crate::records::{Office, RecordType};
use crate::tenant::Tenant;
use crate::tenant::people::DEPARTMENTS;

/// `operation` at `time`.
pub(crate) fn teams<'t>(
    tenant: &'t Tenant,
    time: DateTime<Utc>,
    access: Access<'t>,
    operation: &'static str,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let user = access.user;
    let record = Office::new(operation, RecordType::MicrosoftTeams, user.upn.as_str(), user.upn.as_str(), random);
    let key = random.guid();
    let other = tenant.user((user.number + 1 + random.zipf(40) as u32) % tenant.options.users);
    let record = record.with_late_body(move |_, json| {
        json.text("ItemName", user.department_on(0));
        match operation {
            "MemberAdded" | "ChannelAdded" => {
                json.text("TeamName", DEPARTMENTS[user.department]);
                json.plain("TeamGuid", format_args!("19:{:032x}@thread.tacv2", u64::from(user.department as u32) + 7));
                json.text("CommunicationType", "Team");
            }
            "ChatCreated" | "MessageCreatedHasLink" => {
                json.text("CommunicationType", "OneOnOne");
                json.plain("ChatThreadId", format_args!("19:{key}@unq.gbl.spaces"));
            }
            "MeetingParticipantDetail" => json.plain("MeetingDetailId", key),
            _ => {
                json.text("ClientApplication", "Teams Desktop");
                json.text("DeviceInformation", "Windows 11; Version 25290.205.4069.4894");
            }
        }
        if !matches!(operation, "TeamsSessionStarted") {
            json.array("Members", |list| {
                for (member, role) in [(user, 1), (other, 2)] {
                    list.item_object(|json| {
                        json.text("DisplayName", &member.display_name);
                        json.value("Role", role);
                        json.text("UPN", &member.upn);
                    });
                }
            });
        }
        access.push_context(json);
    });
    office(time, Office { client_ip: Some(access.ip()), ..record }, random, traces);
}
