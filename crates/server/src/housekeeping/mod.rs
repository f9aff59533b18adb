//! House-keeping of a workspace that no service serves: backup, restore, merging and cleaning up, examination, repair. A running service is
//! asked for backup and examination.

mod backing_up;
mod beside_files;
mod examining;
mod maintaining;
mod remote;
mod repairing;

pub use backing_up::{BackupOutcome, RestoreOutcome, back_up, restore};
pub(crate) use backing_up::{BackupPlace, back_up_with};
pub(crate) use examining::summaries;
pub use examining::{FindingSummary, examine};
pub use maintaining::{MaintenanceOutcome, MaintenanceRequest, maintain};
pub use remote::{RemoteService, back_up_service, examine_service};
pub use repairing::{DamageSummary, RepairOutcome, repair};
