//! What goes on in the tenant by itself: one file a behavior. Attacks are in `scenarios`.

mod compliance;
mod device_inventory;
mod directory_export;
pub(crate) mod files;
pub(crate) mod housekeeping;
pub(crate) mod internet;
pub(crate) mod mail;
pub(crate) mod sessions;
mod stories;
mod sync_clients;
mod teams;
mod web;
mod workload_sign_ins;

use crate::engine::Behavior;

/// All behaviors, in an order that must not depend on anything: it decides the order of what happens in one moment.
pub(crate) fn all<'t>() -> Vec<Box<dyn Behavior + 't>> {
    vec![
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
        Box::new(stories::Stories),
    ]
}
