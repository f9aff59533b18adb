//! `vedette serve`: the workspace as a service.
//!
//! | module | concept |
//! |---|---|
//! | `config` | the TOML file, a struct a concern |
//! | `app` | what handlers share |
//! | `authenticator` | who sent a request |
//! | `gate` | users, roles, tokens, sessions; the endpoints that give them |
//! | `route` | a route: method, path, permission, form of refusals |
//! | `shapes` | what a route takes and gives, for the OpenAPI document |
//! | `router` | all routes as one axum router |
//! | `guard` | what happens before and after every handler: who calls, may it, request ids |
//! | `refusal`, `surface` | why a request was refused, and how each surface writes that |
//! | `payload` | a request's body, within its limits |
//! | `listener` | connections: TLS, limits, slow senders, draining |
//! | `tls`, `tls_init` | certificates; a local authority for those who have none |
//! | `queries` | what all surfaces that ask share: admission, running, the log of queries |
//! | `kusto`, `log_analytics`, `graph` | the surfaces that ask |
//! | `health`, `metrics`, `openapi` | the routes of the service itself |
//! | `doors` | the ways in |
//! | `jobs` | what goes on by itself |
//! | `housekeeping` | merging, retention, freeing of space, backups, findings, rows about the service |
//! | `telemetry` | logs and traces |
//! | `serve` | from a configuration to a running service and its end |
//!
//! # To add a route
//!
//! A module gives `routes() -> Vec<Route>`; list it in `router::all_routes`, and give it a line in `policy.tsv`, against which `policy_tests` calls every
//! route by every role and by nobody. A route of ours says what it takes and gives (`takes`, `gives`), which `/openapi.json` shows. A handler is an axum handler over `App`; it takes
//! `Caller(principal)` for who calls and `Payload(bytes)` for the body (decoded, within the route's limit), and answers `Response` or
//! `Result<Response, Refusal>`. The guard renders a `Refusal` in the form of the route's surface, whoever refused.

mod accept_encoding;
mod app;
mod authenticator;
mod clock;
mod config;
mod connection;
mod doors;
mod gate;
mod graph;
mod guard;
#[cfg(test)]
mod guard_tests;
mod health;
mod housekeeping;
mod jobs;
mod kusto;
mod listener;
mod log_analytics;
mod memory;
mod metrics;
mod normalize;
mod openapi;
mod payload;
#[cfg(test)]
mod policy_tests;
mod queries;
mod refusal;
mod route;
mod router;
mod serve;
mod shapes;
mod surface;
mod telemetry;
#[cfg(test)]
mod testing;
mod timed_stream;
mod tls;
mod tls_init;

pub use config::{Config, ConfigError};
pub use gate::{AccessListing, AccessManager, GivenSecret};
pub use serve::serve;
pub use tls_init::{TlsFiles, TlsInitRequest, tls_init};
