//! What clients of queued ingestion are told: where blobs and messages go.

use access::Principal;

use super::{CONTAINER, QUEUE};
use crate::service::app::App;

/// The rows of `.get ingestion resources`: kind and address, with a signature for this caller. `base` is the address by which the client
/// reached the service. What could not be stored is found in `IngestionErrors`; queues and a table for outcomes are named because clients ask
/// anew on each call where one is missing.
pub(crate) fn ingestion_resources(app: &App, caller: &Principal, base: &str) -> Vec<(&'static str, String)> {
    let root = |name: &str| format!("{base}/{name}?{}", app.gate().sign_container(name, caller, app.now()));
    vec![
        ("SecuredReadyForAggregationQueue", root(QUEUE)),
        ("FailedIngestionsQueue", root("ingest-failed")),
        ("SuccessfulIngestionsQueue", root("ingest-succeeded")),
        ("TempStorage", root(CONTAINER)),
        ("IngestionsStatusTable", root("ingest-status")),
    ]
}

/// The cell of `.get kusto identity token`, which clients put into their messages. Who may send is proven by the signature of the container,
/// so that it says nothing else.
pub(crate) fn identity_token(app: &App, caller: &Principal) -> String {
    app.gate().sign_container(QUEUE, caller, app.now())
}
