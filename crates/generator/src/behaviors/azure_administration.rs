//! Administrators work on Azure in the portal: machines, rules, keys, now and then a role.

use chrono::{DateTime, TimeDelta, Utc};

use super::administration::administrator;
use crate::acts::azure_operation::{Caller, Operation, azure_operation};
use crate::acts::sign_in::sign_in;
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::SignIn;
use crate::tenant::Tenant;
use crate::tenant::apps::AZURE_PORTAL;
use crate::tenant::azure::{AzureResource, ResourceKind, TEST_GROUP};
use crate::tenant::people::Kind;
use crate::tenant::workday::{Workday, workday};

/// Administrators in Azure: one actor an administrator.
pub(super) struct AzureAdministration;

/// Visits to the portal on a working day in thousandths, and operations of one visit. Assumptions.
pub(crate) const VISITS: u64 = 700;
const OPERATIONS: (i64, i64) = (1, 5);
/// Of 1,000 operations, how many end with a refusal.
pub(crate) const REFUSED: u64 = 30;

/// What is done: to what kind of resource, the operation, how often, seconds it takes.
const WORK: [(ResourceKind, &str, u64, i64); 9] = [
    (ResourceKind::Machine, "MICROSOFT.COMPUTE/VIRTUALMACHINES/START/ACTION", 20, 40),
    (ResourceKind::Machine, "MICROSOFT.COMPUTE/VIRTUALMACHINES/DEALLOCATE/ACTION", 15, 50),
    (ResourceKind::Machine, "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE", 12, 12),
    (ResourceKind::Network, "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE", 14, 6),
    (ResourceKind::Store, "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION", 22, 0),
    (ResourceKind::Database, "MICROSOFT.SQL/SERVERS/FIREWALLRULES/WRITE", 6, 8),
    (ResourceKind::KeyVault, "MICROSOFT.KEYVAULT/VAULTS/WRITE", 5, 4),
    (ResourceKind::Website, "MICROSOFT.WEB/SITES/RESTART/ACTION", 12, 0),
    (ResourceKind::RecoveryVault, "MICROSOFT.RECOVERYSERVICES/VAULTS/BACKUPJOBS/READ", 4, 0),
];
/// Of 1,000 operations, how many assign a role on a resource group.
pub(crate) const ROLES: u64 = 25;

impl Behavior for AzureAdministration {
    fn name(&self) -> &'static str {
        "azure administration"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.of_kind(Kind::Admin).count() as u32
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let Some(admin) = administrator(tenant, actor) else { return };
        let Some(workday) = workday(tenant, admin, day) else { return };
        for _ in 0..random.round(VISITS) {
            plan.at(workday.moment(random), 0, (day + 1) as u64);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let Some(admin) = administrator(tenant, moment.actor) else { return };
        let Some(workday) = workday(tenant, admin, moment.data as i64 - 1) else { return };
        let from = workday.endpoint();
        let event = SignIn::of(admin, &AZURE_PORTAL, from, random).non_interactive(&AZURE_PORTAL, random);
        sign_in(moment.time, event, random, traces);
        let mut time = moment.time + TimeDelta::seconds(random.between(20, 90));
        for _ in 0..random.between(OPERATIONS.0, OPERATIONS.1) {
            time = one(tenant, &workday, time, random, traces) + TimeDelta::seconds(random.between(15, 240));
        }
    }
}

fn one<'t>(
    tenant: &'t Tenant,
    workday: &Workday<'t>,
    time: DateTime<Utc>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) -> DateTime<Utc> {
    let caller = Caller::User(workday.user, workday.endpoint().ip);
    if random.chance(ROLES) {
        let group = random.below(TEST_GROUP as u64) as usize;
        let id = format!(
            "{}/PROVIDERS/MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/{}",
            tenant.resource_group_id(group),
            random.guid().to_string().to_ascii_uppercase()
        );
        let operation = Operation::new(caller, "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE", id);
        return azure_operation(tenant, time, &Operation { role: "Owner", ..operation }, random, traces);
    }
    let (kind, name, _, seconds) = WORK[random.weighted(&WORK.map(|(_, _, weight, _)| weight))];
    let resources: Vec<&AzureResource> = tenant.resources_of(kind).collect();
    let resource = *random.pick(&resources);
    let operation = Operation::new(caller, name, tenant.resource_id(resource));
    let succeeds = !random.chance(REFUSED);
    azure_operation(tenant, time, &Operation { seconds, succeeds, ..operation }, random, traces)
}
