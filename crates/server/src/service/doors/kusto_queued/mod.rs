//! Kusto queued ingestion: a client puts a blob and a message about it; the service stores the rows later. Both are on disk when they are
//! acknowledged.
//!
//! | module | concept |
//! |---|---|
//! | `blob_store` | the blobs, as files |
//! | `blobs` | the routes of Azure Blob Storage that clients use |
//! | `messages` | the route of Azure Queue Storage that clients use |
//! | `message` | what a message says |
//! | `resources` | what clients are told: where blobs and messages go |
//! | `work` | from messages to rows |

mod blob_store;
mod blobs;
mod message;
mod messages;
mod resources;
mod work;

use crate::service::route::Route;

pub(crate) use resources::{identity_token, ingestion_resources};
pub(super) use work::run;

/// The container of blobs: the first segment of their paths, which the signatures cover.
const CONTAINER: &str = "ingest-blobs";

/// The queue of messages.
const QUEUE: &str = "ingest-queue";

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    [blobs::routes(), messages::routes()].concat()
}
