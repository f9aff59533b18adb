//! What clients of queued ingestion are told: where blobs and messages go.

use access::Principal;

use super::{CONTAINER, FAILED, QUEUE, STATUSES, SUCCEEDED};
use crate::service::app::App;

/// The rows of `.get ingestion resources`: kind and address, with a signature for this caller. `base` is the address by which the client
/// reached the service. Clients ask anew on each call where one of the kinds is missing.
pub(crate) fn ingestion_resources(app: &App, caller: &Principal, base: &str) -> Vec<(&'static str, String)> {
    let root = |name: &str| format!("{base}/{name}?{}", app.gate().sign_container(name, caller, app.now()));
    vec![
        ("SecuredReadyForAggregationQueue", root(QUEUE)),
        ("FailedIngestionsQueue", root(FAILED)),
        ("SuccessfulIngestionsQueue", root(SUCCEEDED)),
        ("TempStorage", root(CONTAINER)),
        ("IngestionsStatusTable", root(STATUSES)),
    ]
}

/// The cell of `.get kusto identity token`, which clients put into their messages. Who may send is proven by the signature of the container,
/// so that it says nothing else.
pub(crate) fn identity_token(app: &App, caller: &Principal) -> String {
    app.gate().sign_container(QUEUE, caller, app.now())
}
