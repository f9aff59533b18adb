//! Kusto queued ingestion: a client puts a blob and a message about it; the service stores the rows later. Both are on disk when they are
//! acknowledged.
//!
//! | module | concept |
//! |---|---|
//! | `blob_store` | the blobs, as files |
//! | `blobs` | the routes of Azure Blob Storage that clients use |
//! | `messages` | the queue of messages, as Azure Queue Storage |
//! | `message` | what a message says |
//! | `outcome` | what became of a message, in the words of those who sent it |
//! | `outcomes` | the queues of outcomes, as Azure Queue Storage |
//! | `statuses` | the table of statuses, as Azure Table Storage |
//! | `resources` | what clients are told: where blobs and messages go |
//! | `work` | from messages to rows |

mod blob_store;
mod blobs;
mod message;
mod messages;
mod outcome;
mod outcomes;
mod resources;
mod statuses;
mod work;

use crate::service::route::Route;

pub(crate) use resources::{identity_token, ingestion_resources};
pub(super) use work::run;

/// The container of blobs: the first segment of their paths, which the signatures cover.
const CONTAINER: &str = "ingest-blobs";

/// The account in the addresses of blobs and queues where the host is an IP address or `localhost`: there the storage libraries of most languages
/// take the first segment for an account, as the emulator of Azure Storage has it.
pub(crate) const ACCOUNT: &str = "vedettestorage";

/// The queue of messages.
const QUEUE: &str = "ingest-queue";

/// The queue of what will never be stored.
const FAILED: &str = "ingest-failed";

/// The queue of what was stored.
const SUCCEEDED: &str = "ingest-succeeded";

/// The table of statuses. Names of tables have letters and digits only.
const STATUSES: &str = "ingeststatus";

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    [blobs::routes(), messages::routes(), outcomes::routes(), statuses::routes()].concat()
}
