//! The ways in: from a request, a connection or a file to rows that are stored.
//!
//! | module | concept |
//! |---|---|
//! | `state` | what all ways share: the intake, statistics, data collection rules |
//! | `intake_work` | decoding beside the threads that answer requests, within the memory given to bodies |
//! | `sender` | who sent something |
//! | `store` | rows to the workspace, and what became of them |
//! | `statistics` | what each way brought to each table |
//! | `rules` | data collection rules, and the Logs Ingestion API |
//! | `elastic` | Elasticsearch's `_bulk`, and what its clients ask first |
//! | `data_collector` | the HTTP Data Collector API |
//! | `otlp` | OpenTelemetry logs over HTTP |
//! | `kusto_ingest`, `kusto_queued` | Kusto streaming and queued ingestion |
//! | `syslog` | listeners for syslog |
//! | `folder` | a watched folder |
//! | `upload` | files that `vedette ingest --server` sends |

mod data_collector;
mod elastic;
mod folder;
mod intake_work;
mod kusto_ingest;
pub(crate) mod kusto_queued;
mod otlp;
pub(crate) mod rules;
mod sender;
mod state;
mod statistics;
mod store;
mod syslog;
#[cfg(test)]
mod tests;
mod upload;

use super::route::Route;

pub(crate) use rules::RuleConfig;
pub(crate) use sender::Sender;
pub(crate) use state::Doors;
pub(crate) use syslog::Syslog;

/// The routes of all ways in.
pub(crate) fn routes() -> Vec<Route> {
    [
        rules::routes(),
        elastic::routes(),
        data_collector::routes(),
        otlp::routes(),
        kusto_ingest::routes(),
        kusto_queued::routes(),
        upload::routes(),
    ]
    .concat()
}

/// Reads what was kept of the ways in, before anything comes.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn load(app: &super::app::App) -> Result<(), database::DatabaseError> {
    rules::load(app).await
}

/// What goes on by itself until the service stops.
pub(crate) async fn run_jobs(app: super::app::App, stop: tokio_util::sync::CancellationToken) {
    tokio::join!(folder::watch(app.clone(), stop.clone()), kusto_queued::run(&app, &stop));
}
