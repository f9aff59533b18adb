//! What goes on in the tenant by itself: one file a behavior. Attacks are in `scenarios`.

pub(crate) mod administration;
pub(crate) mod application_owners;
pub(crate) mod azure_administration;
pub(crate) mod azure_platform;
mod careers;
pub(crate) mod compliance;
pub(crate) mod deployment_pipelines;
mod device_inventory;
mod directory_export;
pub(crate) mod directory_sync;
pub(crate) mod domain;
pub(crate) mod files;
pub(crate) mod harmless_risk;
pub(crate) mod housekeeping;
pub(crate) mod internet;
pub(crate) mod mail;
pub(crate) mod new_telephones;
pub(crate) mod privileged_roles;
pub(crate) mod secret_reads;
pub(crate) mod sessions;
mod stories;
pub(crate) mod sync_clients;
pub(crate) mod teams;
pub(crate) mod web;
pub(crate) mod workload_sign_ins;

use crate::engine::Behavior;

/// All behaviors, in an order that must not depend on anything: it decides the order of what happens in one moment.
pub(crate) fn all<'t>() -> Vec<Box<dyn Behavior + 't>> {
    let mut all: Vec<Box<dyn Behavior + 't>> = vec![
        Box::new(sessions::Sessions),
        Box::new(workload_sign_ins::WorkloadSignIns),
        Box::new(internet::Internet),
        Box::new(housekeeping::Housekeeping),
        Box::new(files::Files),
        Box::new(sync_clients::SyncClients),
        Box::new(mail::Mail),
        Box::new(teams::TeamsWork),
        Box::new(compliance::Compliance),
        Box::new(directory_export::DirectoryExport),
        Box::new(device_inventory::DeviceInventory),
        Box::new(web::Web),
        Box::new(careers::Careers),
        Box::new(directory_sync::DirectorySync),
        Box::new(administration::Administration),
        Box::new(privileged_roles::PrivilegedRoles),
        Box::new(application_owners::ApplicationOwners),
        Box::new(new_telephones::NewTelephones),
        Box::new(harmless_risk::HarmlessRisk),
        Box::new(azure_administration::AzureAdministration),
        Box::new(deployment_pipelines::DeploymentPipelines),
        Box::new(azure_platform::AzurePlatform),
        Box::new(secret_reads::SecretReads),
        Box::new(stories::Stories),
    ];
    all.extend(domain::all());
    all
}
