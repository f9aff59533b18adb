//! What goes on in the Active Directory domain by itself.
//!
//! The volume follows [`GenerateOptions::on_premises_permille`](crate::GenerateOptions) and the mix the Los Alamos data: the constants
//! here are events of one account and day at a tenth of that volume, 23 in all, and scale with the option.

pub(crate) mod administration;
pub(crate) mod batch_jobs;
pub(crate) mod careers;
pub(crate) mod directory_sync;
pub(crate) mod endpoint_activity;
pub(crate) mod legacy_application;
pub(crate) mod machine_passwords;
pub(crate) mod network_access;
pub(crate) mod nightly_rounds;
pub(crate) mod replication;
pub(crate) mod software_distribution;
pub(crate) mod workstations;

#[cfg(test)]
mod tests;

use crate::engine::Behavior;
use crate::tenant::Tenant;

/// The domain's behaviors, in an order that must not depend on anything.
pub(crate) fn all<'t>() -> Vec<Box<dyn Behavior + 't>> {
    vec![
        Box::new(workstations::Workstations),
        Box::new(network_access::NetworkAccess),
        Box::new(endpoint_activity::EndpointActivity),
        Box::new(batch_jobs::BatchJobs),
        Box::new(nightly_rounds::NightlyRounds),
        Box::new(replication::Replication),
        Box::new(directory_sync::DirectorySync),
        Box::new(legacy_application::LegacyApplication),
        Box::new(machine_passwords::MachinePasswords),
        Box::new(administration::Administration),
        Box::new(software_distribution::SoftwareDistribution),
        Box::new(careers::Careers),
    ]
}

/// The volume for which the behaviors' constants are given, in thousandths of Los Alamos'.
const USUAL_PERMILLE: u64 = 100;

/// `thousandths` of an act, which belong to the usual volume, at this tenant's volume.
fn scaled(tenant: &Tenant, thousandths: u64) -> u64 {
    thousandths * u64::from(tenant.options.on_premises_permille) / USUAL_PERMILLE
}
