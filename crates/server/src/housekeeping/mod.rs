//! House-keeping of a workspace that no service serves: backup, restore, merging and cleaning up, examination; and the first and the last of
//! these asked of a running service.

mod backing_up;
mod beside_files;
mod examining;
mod maintaining;
mod remote;

pub use backing_up::{BackupOutcome, RestoreOutcome, back_up, restore};
pub(crate) use backing_up::{BackupPlace, back_up_with};
pub(crate) use examining::summaries;
pub use examining::{FindingSummary, examine};
pub use maintaining::{MaintenanceOutcome, MaintenanceRequest, maintain};
pub use remote::{RemoteService, back_up_service, examine_service};
