//! Administrators look at the pages of the compliance and Exchange portals, and change a mailbox now and then.

use crate::acts::access::Access;
use crate::acts::mailbox_setting::mailbox_setting;
use crate::acts::office::office;
use crate::acts::service::{compliance_cmdlet, data_insights};
use crate::engine::{Behavior, Mark, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::people::{Kind, User};
use crate::tenant::workday::workday;
use crate::truth::SHARED_MAILBOX;

/// Administrators at the portals.
pub(super) struct Compliance;

const PAGE: u32 = 0;
const MAILBOX: u32 = 1;
const PERMISSION: u32 = 2;

/// Pages that a middling administrator opens a day, in thousandths; each asks for several things.
pub(crate) const PAGES: u64 = 2_300;
/// Of 1,000 working days of an administrator, how many have a setting of a mailbox, and a permission on one.
pub(crate) const MAILBOXES: u64 = 250;
pub(crate) const PERMISSIONS: u64 = 6;
/// What pages ask for.
const CMDLETS: [&str; 5] = [
    "Get-DlpSiDetectionsReport",
    "Get-RetentionCompliancePolicy",
    "Get-ComplianceTag",
    "Get-DlpCompliancePolicy",
    "Get-ComplianceCase",
];

impl Behavior for Compliance {
    fn name(&self) -> &'static str {
        "compliance"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let user = tenant.user(actor);
        if user.kind != Kind::Admin {
            return;
        }
        let Some(workday) = workday(tenant, user, day) else { return };
        let data = (day + 1) as u64;
        for _ in 0..workday.count(PAGES, random) {
            plan.at(workday.moment(random), PAGE, data);
        }
        for (chance, step) in [(MAILBOXES, MAILBOX), (PERMISSIONS, PERMISSION)] {
            if random.chance(chance) {
                plan.at(workday.moment(random), step, data);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let admin = tenant.user(moment.actor);
        let Some(workday) = workday(tenant, admin, moment.data as i64 - 1) else { return };
        let access = Access::of(tenant, &workday);
        let owner = anybody(tenant, random);
        let identity = ("Identity", owner.sam.clone());
        match moment.step {
            PAGE => {
                for _ in 0..random.between(3, 7) {
                    let cmdlet = *random.pick(&CMDLETS);
                    let record = if random.chance(600) {
                        compliance_cmdlet(admin, cmdlet, random)
                    } else {
                        data_insights(Some(admin), random)
                    };
                    office(moment.time, record, random, traces);
                }
            }
            MAILBOX => {
                let parameters = vec![identity, ("ProhibitSendQuota", "99 GB (106,300,440,576 bytes)".into())];
                mailbox_setting(tenant, moment.time, access, ("Set-Mailbox", owner, parameters), random, traces);
            }
            _ => {
                traces.mark(Mark::Ordinary(SHARED_MAILBOX));
                let reader = anybody(tenant, random);
                let parameters = vec![
                    identity,
                    ("User", reader.sam.clone()),
                    ("AccessRights", "FullAccess".into()),
                    ("InheritanceType", "All".into()),
                ];
                let setting = ("Add-MailboxPermission", owner, parameters);
                mailbox_setting(tenant, moment.time, access, setting, random, traces);
            }
        }
    }
}

/// A member.
fn anybody<'t>(tenant: &'t Tenant, random: &mut Random) -> &'t User {
    let first = tenant.of_kind(Kind::Member).next().map_or(0, |user| user.number);
    tenant.user(first + random.below(u64::from(tenant.options.users - first)) as u32)
}
