//! Copies of a workspace at one moment, made while it is written, and workspaces made from them.
//!
//! ```text
//! backup.json             what the backup holds: each file with size and checksum; written last
//! workspace/…             the workspace's own files, as they lie in its folder
//! beside/…                what lies beside its tables, such as watchlists
//! apart/…                 what has its place elsewhere, such as a service's database
//! ```
//!
//! | module | concept |
//! |---|---|
//! | `manifest` | what a backup says of itself |
//! | `making` | [`Backup`]: a backup that is being made |
//! | `restore` | a workspace from a backup, after every file was checked |

mod making;
mod manifest;
mod restore;

pub use making::{Backup, BackupSummary};
pub use restore::{RestoreError, Restored, restore};

/// The folder of the workspace's own files.
const WORKSPACE: &str = "workspace";

/// The folder of what lies beside it.
const BESIDE: &str = "beside";

/// The folder of what has its place elsewhere.
const APART: &str = "apart";
