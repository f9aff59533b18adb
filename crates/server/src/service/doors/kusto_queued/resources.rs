//! What clients of queued ingestion are told: where blobs and messages go.

use access::Principal;

use super::{ACCOUNT, CONTAINER, FAILED, QUEUE, STATUSES, SUCCEEDED};
use crate::service::app::App;

/// The rows of `.get ingestion resources`: kind and address, with a signature for this caller. `base` is the address by which the client
/// reached the service. Clients ask anew on each call where one of the kinds is missing.
pub(crate) fn ingestion_resources(app: &App, caller: &Principal, base: &str) -> Vec<(&'static str, String)> {
    let sign = |name: &str| app.gate().sign_container(name, caller, app.now());
    let account = if has_account(base) { format!("/{ACCOUNT}") } else { String::new() };
    let root = |name: &str| format!("{base}{account}/{name}?{}", sign(name));
    vec![
        ("SecuredReadyForAggregationQueue", root(QUEUE)),
        ("FailedIngestionsQueue", root(FAILED)),
        ("SuccessfulIngestionsQueue", root(SUCCEEDED)),
        ("TempStorage", root(CONTAINER)),
        ("IngestionsStatusTable", format!("{base}/{STATUSES}?{}", sign(STATUSES))),
    ]
}

/// Whether storage libraries look for an account in addresses of this host. Clients take the whole path of a table for its name, so that those
/// never have one.
fn has_account(base: &str) -> bool {
    match url::Url::parse(base).as_ref().map(url::Url::host) {
        Ok(Some(url::Host::Domain(name))) => name == "localhost",
        Ok(Some(url::Host::Ipv4(_) | url::Host::Ipv6(_))) => true,
        _ => false,
    }
}

/// The cell of `.get kusto identity token`, which clients put into their messages. Who may send is proven by the signature of the container,
/// so that it says nothing else.
pub(crate) fn identity_token(app: &App, caller: &Principal) -> String {
    app.gate().sign_container(QUEUE, caller, app.now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_host_without_a_name_have_an_account() {
        for base in ["http://127.0.0.1:8080", "https://[::1]:8443", "http://localhost:8080"] {
            assert!(has_account(base), "{base}");
        }
        assert!(!has_account("https://vedette.example.org"));
    }
}
