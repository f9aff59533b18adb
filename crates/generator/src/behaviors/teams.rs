//! Teams: sessions, chats and meetings of people at work.

use crate::acts::access::Access;
use crate::acts::teams::teams;
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::workday::workday;

/// Work in Teams.
pub(super) struct TeamsWork;

/// Acts of a middling person a day that the audit shows, in thousandths.
pub(crate) const ACTS: u64 = 260;
/// What they are, and how often.
const KINDS: [(&str, u64); 6] = [
    ("TeamsSessionStarted", 500),
    ("MeetingParticipantDetail", 250),
    ("ChatCreated", 100),
    ("MessageCreatedHasLink", 100),
    ("MemberAdded", 30),
    ("ChannelAdded", 20),
];

impl Behavior for TeamsWork {
    fn name(&self) -> &'static str {
        "teams"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let Some(workday) = workday(tenant, tenant.user(actor), day) else { return };
        for _ in 0..workday.count(ACTS, random) {
            plan.at(workday.moment(random), 0, (day + 1) as u64);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let Some(workday) = workday(tenant, tenant.user(moment.actor), moment.data as i64 - 1) else { return };
        let operation = KINDS[random.weighted(&KINDS.map(|(_, weight)| weight))].0;
        teams(tenant, moment.time, Access::of(tenant, &workday), operation, random, traces);
    }
}
