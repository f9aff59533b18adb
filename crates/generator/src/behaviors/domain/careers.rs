//! Joiners, movers and leavers in Active Directory: an administrator creates, moves and blocks their accounts.

use chrono::TimeDelta;

use crate::acts::domain::Caller;
use crate::acts::domain::account_change::{AccountChange, begin, change};
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::calendar::jitter;
use crate::tenant::people::{Kind, User};

/// Changes of accounts and their groups: an actor an account.
pub(crate) struct Careers;

/// What happens.
const JOIN: u32 = 0;
const MOVE: u32 = 1;
const LEAVE: u32 = 2;

/// Minutes after local midnight at which an account is prepared for its owner's first day, and at which others are changed.
const BEFORE_WORK: i64 = 7 * 60;
const AT_WORK: i64 = 9 * 60 + 30;

impl Behavior for Careers {
    fn name(&self) -> &'static str {
        "domain careers"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        if tenant.options.on_premises_permille == 0 { 0 } else { tenant.options.users }
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let user = tenant.user(actor);
        let steps = [(Some(user.joins), JOIN), (user.moves, MOVE), (Some(user.leaves), LEAVE)];
        for (_, step) in steps.into_iter().filter(|(due, _)| *due == Some(day)) {
            let minutes = if step == JOIN { BEFORE_WORK } else { AT_WORK };
            plan.at(jitter(tenant.local(user.site, day, minutes), 1_800, random), step, (day + 1) as u64);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let user = tenant.user(moment.actor);
        let admins: Vec<&'t User> = tenant.of_kind(Kind::Admin).collect();
        let caller = Caller::at_desk(tenant, random.pick::<&User>(&admins));
        let session = begin(moment.time, caller, random, traces);
        let mut time = moment.time + TimeDelta::seconds(random.between(15, 60));
        let mut apply = |what: AccountChange<'t>, random: &mut Random, traces: &mut Traces<'t>| {
            change(time, (&caller, &session), (user, what), random, traces);
            time += TimeDelta::milliseconds(random.between(1_500, 20_000));
        };
        match moment.step {
            JOIN => apply(AccountChange::Create, random, traces),
            LEAVE => return apply(AccountChange::Disable, random, traces),
            _ => {}
        }
        let day = moment.data as i64 - 1;
        for group in tenant.group_changes(user, day).filter(|change| change.added).map(|change| change.group) {
            let rid = group.sid.as_deref().and_then(|sid| sid.rsplit('-').next()?.parse().ok());
            if let Some(rid) = rid.filter(|_| group.is_in_domain()) {
                apply(AccountChange::Join(&group.name, rid), random, traces);
            }
        }
    }
}
