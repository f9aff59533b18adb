//! Exchange keeps its own house: every few days its services set the same things anew, in bursts of some eighty records for a
//! few mailboxes at a time. Seven of ten unified audit records are theirs.

use chrono::{DateTime, TimeDelta, Utc};

use crate::acts::office::office;
use crate::acts::service::{SERVICE_HOST, data_insights, maintenance, provisioning};
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::calendar::jitter;

/// The services' maintenance; an actor is a group of mailboxes that lie together.
pub(super) struct Housekeeping;

/// Accounts whose mailboxes are in one group: so many that the services' share comes out as measured.
const ACCOUNTS_PER_GROUP: u32 = 2;
/// Days between two bursts: one to three.
const CYCLE: i64 = 2;
/// How many records of each kind a burst has, as in the Invictus data.
const PLANS: i64 = 27;
const MAILBOXES: [i64; 2] = [29, 38];
const TRANSPORT: i64 = 3;
/// Records by services of other kinds after a burst: provisioning, status checks.
const PROVISIONING: i64 = 3;
const STATUS: [i64; 2] = [0, 3];
/// Seconds that a burst takes.
const BURST_SECONDS: i64 = 95;

/// Cmdlets that run once a burst, with the object each is about below the organisation.
const ONCE: [(&str, &str); 12] = [
    ("Set-RecipientEnforcementProvisioningPolicy", "\\Recipient Quota Policy"),
    ("Enable-AddressListPaging", ""),
    ("New-ExchangeAssistanceConfig", "\\ExchangeAssistance15"),
    ("Install-DefaultSharingPolicy", "\\Default Sharing Policy"),
    ("Install-AdminAuditLogConfig", "\\Admin Audit Log Settings"),
    ("Install-DataClassificationConfig", "\\Data Classification"),
    ("Install-ResourceConfig", "\\Resource Schema"),
    ("Set-OwaMailboxPolicy", "\\OwaMailboxPolicy-Default"),
    ("Add-MailboxPermission", "/DiscoverySearchMailbox{D919BA05-46A6-415f-80AD-7E09334BB852}"),
    ("Set-ExchangeAssistanceConfig", "\\ExchangeAssistance15"),
    ("Set-TenantObjectVersion", ""),
    ("Set-AdminAuditLogConfig", "\\Admin Audit Log Settings"),
];

impl Behavior for Housekeeping {
    fn name(&self) -> &'static str {
        "housekeeping"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users.div_ceil(ACCOUNTS_PER_GROUP)
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, _: &mut Random, plan: &mut Plan) {
        // A burst falls into each cycle of two days, on one of them: so there is one after one, two or three days.
        let cycle = (day + i64::from(actor)).div_euclid(CYCLE);
        let key = u64::from(actor) << 20 | (cycle + 100) as u64;
        let mut random = tenant.random("housekeeping cycle", key);
        if cycle * CYCLE - i64::from(actor) + random.below(CYCLE as u64) as i64 == day {
            plan.at(jitter(tenant.day(day), 24 * 3_600 - 120, &mut random), 0, 0);
        }
    }

    fn perform<'t>(&self, _: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let server = random.bits();
        let mut kinds = vec![Kind::Plan; PLANS as usize];
        kinds.extend(vec![Kind::Mailbox; random.between(MAILBOXES[0], MAILBOXES[1]) as usize]);
        kinds.extend(vec![Kind::Transport; TRANSPORT as usize]);
        kinds.extend((0..ONCE.len()).map(Kind::Once));
        random.shuffle(&mut kinds);
        let step = TimeDelta::milliseconds(BURST_SECONDS * 1_000 / kinds.len() as i64);
        let mut time = moment.time;
        for kind in kinds {
            let record = match kind {
                Kind::Plan => maintenance("Set-MailboxPlan", SERVICE_HOST, "", server, random),
                Kind::Mailbox => maintenance("Set-Mailbox", SERVICE_HOST, "", server, random),
                Kind::Transport => {
                    maintenance("Set-TransportConfig", SERVICE_HOST, "\\Transport Settings", server, random)
                }
                Kind::Once(index) => maintenance(ONCE[index].0, SERVICE_HOST, ONCE[index].1, server, random),
            };
            office(time, record, random, traces);
            time += step;
        }
        afterwards(moment.actor, time, random, traces);
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Plan,
    Mailbox,
    Transport,
    Once(usize),
}

/// What other services do for the same mailboxes.
fn afterwards<'t>(group: u32, time: DateTime<Utc>, random: &mut Random, traces: &mut Traces<'t>) {
    for _ in 0..PROVISIONING {
        let time = jitter(time, 1_800, random);
        office(time, provisioning(group * ACCOUNTS_PER_GROUP, random), random, traces);
    }
    for _ in 0..random.between(STATUS[0], STATUS[1]) {
        let time = jitter(time, 3_000, random);
        office(time, data_insights(None, random), random, traces);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use serde_json::Value;

    use crate::testing::generated;
    use crate::{Envelope, GenerateOptions, ScenarioChoice};

    /// Shares in percent.
    fn share(part: usize, all: usize) -> f64 {
        100.0 * part as f64 / all as f64
    }

    #[test]
    fn the_unified_audit_is_as_measured() {
        let options = GenerateOptions {
            // Large enough that the twin with its new laptop weighs little.
            users: 300,
            days: 10,
            scenarios: ScenarioChoice::None,
            envelope: Envelope::Diagnostic,
            on_premises_permille: 0,
            ..GenerateOptions::default()
        };
        let tenant = generated(&options);
        let records = tenant.json("o365/");
        let bytes: usize = tenant
            .files
            .iter()
            .filter(|(path, _)| path.starts_with("o365/"))
            .flat_map(|(_, records)| records)
            .map(String::len)
            .sum();
        let unique: HashMap<&str, &Value> =
            records.iter().map(|record| (record["Id"].as_str().expect("an id"), record)).collect();
        let mut workloads: BTreeMap<&str, usize> = BTreeMap::new();
        let mut services = 0;
        for record in unique.values() {
            *workloads.entry(record["Workload"].as_str().expect("a workload")).or_default() += 1;
            let user = record["UserId"].as_str().expect("a user");
            services += usize::from(!user.contains('@') || user.starts_with("ServicePrincipal_"));
        }
        let of = |names: &[&str]| share(names.iter().filter_map(|name| workloads.get(name)).sum(), unique.len());
        let found = [
            ("services", share(services, unique.len()), 70.0),
            ("Exchange", of(&["Exchange"]), 75.0),
            ("Entra ID", of(&["AzureActiveDirectory"]), 18.0),
            ("compliance", of(&["SecurityComplianceCenter"]), 3.0),
            ("files", of(&["SharePoint", "OneDrive"]), 4.0),
            ("copies", records.len() as f64 / unique.len() as f64, 1.79),
            ("bytes", bytes as f64 / records.len() as f64, 1_400.0),
        ];
        for (name, value, expected) in found {
            assert!((value / expected - 1.0).abs() < 0.25, "{name}: {value:.2}, not about {expected}; {found:?}");
        }
        let late = tenant.truth.counts["UnifiedAudit"] as usize;
        assert_eq!(late, unique.len(), "every record has an id of its own");
    }
}
