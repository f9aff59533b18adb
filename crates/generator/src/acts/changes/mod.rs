//! What changes of the directory look like in its audit log: a file for each kind of object.

pub(crate) mod applications;
pub(crate) mod devices;
pub(crate) mod groups;
pub(crate) mod policies;
pub(crate) mod roles;
pub(crate) mod users;

use crate::records::Initiator;
use crate::tenant::Tenant;

/// The provisioning from the personnel system.
pub(crate) const PROVISIONING: &str = "Azure AD Cloud Sync";
/// Keeps the groups that have a rule.
pub(crate) const GROUP_RULES: &str = "Microsoft Approval Management";
/// Privileged Identity Management, where it writes to the directory.
pub(crate) const PRIVILEGED_IDENTITY: &str = "MS-PIM";
/// Registers devices.
pub(crate) const DEVICE_REGISTRATION: &str = "Device Registration Service";
/// Writes what Entra Connect reads.
pub(crate) const SYNC_FABRIC: &str = "Microsoft.Azure.SyncFabric";

impl Tenant {
    /// The service `name` as the one who makes a change.
    pub(crate) fn service(&self, name: &'static str) -> Initiator<'static> {
        Initiator::App { name: name.into(), id: self.random(name, 0).guid() }
    }
}
