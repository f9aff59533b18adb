//! House-keeping of the served workspace.
//!
//! | module | concept |
//! |---|---|
//! | `job` | what goes on by itself: merging, retention, freeing of space; rows about the service |
//! | `activity` | what came in through each way, in totals |
//! | `reports` | rows of `Usage`, `Heartbeat` and `SentinelHealth` from two totals: pure functions |
//! | `silence` | which senders, ways and tables have fallen silent |
//! | `backups`, `findings` | the routes for both |

mod activity;
mod backups;
mod findings;
mod job;
mod reports;
mod silence;

pub(crate) use job::run;

use super::route::Route;

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    [backups::routes(), findings::routes()].concat()
}
