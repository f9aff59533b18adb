//! Programs read their secrets from key vaults when they start, a few times a day.

use crate::acts::key_vault_access::key_vault_access;
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::azure::{AzureResource, ResourceKind};
use crate::tenant::calendar::jitter;

/// Reads of secrets: one actor a workload.
pub(super) struct SecretReads;

/// Reads a day, in thousandths. An assumption.
pub(crate) const READS: u64 = 2_400;
/// What programs keep in vaults.
const SECRETS: [&str; 3] = ["database-connection", "api-key", "signing-key"];

impl Behavior for SecretReads {
    fn name(&self) -> &'static str {
        "secret reads"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.workloads.len() as u32
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        if tenant.workloads[actor as usize].managed {
            for _ in 0..random.round(READS) {
                plan.at(jitter(tenant.day(day), 86_400, random), 0, 0);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let workload = &tenant.workloads[moment.actor as usize];
        let vaults: Vec<&AzureResource> = tenant.resources_of(ResourceKind::KeyVault).collect();
        let vault = vaults[workload.number as usize % vaults.len()];
        let secret = *random.pick(&SECRETS);
        key_vault_access(tenant, moment.time, workload, (vault, secret), random, traces);
    }
}
