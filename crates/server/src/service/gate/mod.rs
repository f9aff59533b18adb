//! Who calls, and how one signs in: users, groups, roles, tokens, clients, sessions, OpenID, and the endpoints that clients of Azure get tokens from.
//!
//! | module | concept |
//! |---|---|
//! | `state` | what all of this shares |
//! | `credential` | what a request carries |
//! | `gate_authenticator` | from a credential to a caller |
//! | `callers` | from rows of the database to a caller |
//! | `verified` | credentials that were proven seconds ago |
//! | `sign_in` | name and password, with lock-out |
//! | `sessions` | sessions of browsers, protected from other sites |
//! | `setup` | the link with which the first administrator makes itself |
//! | `users`, `groups`, `grants`, `tokens`, `clients` | their routes under `/api/v1` |
//! | `token_endpoint`, `managed_identity`, `discovery` | where clients of Azure find this service and get tokens |
//! | `oidc` | signing in at an OpenID provider |
//! | `sas` | a right to send, lent to the storage library of queued ingestion |
//! | `audit` | what happened here, as rows of `SentinelAudit` |
//! | `access_manager` | what commands do with the state |
//! | `requests` | bodies of requests, and refusals of the database |

mod access_manager;
mod audit;
mod callers;
mod clients;
mod credential;
mod discovery;
mod gate_authenticator;
mod grants;
mod groups;
mod managed_identity;
mod oidc;
mod requests;
mod sas;
mod sessions;
mod setup;
mod sign_in;
mod state;
mod token_endpoint;
mod tokens;
mod users;
mod verified;

#[cfg(test)]
mod tests;

use super::route::Route;

pub use access_manager::{AccessListing, AccessManager, GivenSecret};
pub(crate) use audit::{AuditEvent, drain_audit};
pub(crate) use gate_authenticator::GateAuthenticator;
pub(crate) use sas::holder_of;
pub(crate) use setup::first_start;
pub(crate) use state::Gate;

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let routes = [
        sessions::routes(),
        setup::routes(),
        users::routes(),
        groups::routes(),
        grants::routes(),
        tokens::routes(),
        clients::routes(),
        token_endpoint::routes(),
        managed_identity::routes(),
        discovery::routes(),
        oidc::routes(),
    ];
    routes.concat()
}
