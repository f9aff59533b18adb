//! The ordinary days: everything that happens without an attack.

mod directory_changes;
mod domain;
mod housekeeping;
mod internet;
pub(crate) mod office_work;
mod sessions;
pub(crate) mod twins;
mod workday;

use crate::events::Events;
use crate::tenant::Tenant;

/// Adds the ordinary days of `tenant`, the benign twins aside.
pub(crate) fn add(tenant: &Tenant, events: &mut Events) {
    for workday in workday::all(tenant) {
        sessions::add(tenant, &workday, events);
        office_work::add(tenant, &workday, events);
        domain::add_workday(tenant, &workday, events);
    }
    housekeeping::add(tenant, events);
    internet::add(tenant, events);
    directory_changes::add(tenant, events);
    domain::add_servers(tenant, events);
}
