//! From a configuration to a running service and its end.

use std::sync::Arc;

use chrono::Utc;
use database::Database;
use storage::{LiveWorkspace, Workspace};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::app::{App, AppParts};
use super::clock::SystemClock;
use super::config::Config;
use super::doors::{self, Syslog};
use super::gate::{Gate, GateAuthenticator, drain_audit, first_start};
use super::housekeeping;
use super::jobs;
use super::listener::{Listener, bind, listen};
use super::router::{all_routes, http_service};
use super::telemetry::Telemetry;
use super::tls::{Certificate, server_config};
use crate::Error;

/// Serves a workspace until the process is told to stop (SIGTERM or SIGINT), then ends what is under way and flushes. `started` is told the
/// addresses once connections are accepted and, where there is no user yet, the link with which the first administrator makes itself.
///
/// # Errors
/// When the configuration cannot be used, the workspace is in use or damaged, or an address is taken.
pub fn serve(config: Config, started: impl FnOnce(&[String], Option<&str>)) -> Result<(), Error> {
    let telemetry = Telemetry::start(&config).map_err(|error| Error::new(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(format!("failed to start threads: {error}")))?;
    let served = runtime.block_on(run(config, started));
    telemetry.end();
    served
}

async fn run(config: Config, started: impl FnOnce(&[String], Option<&str>)) -> Result<(), Error> {
    let certificate = certificate(&config)?;
    let workspace = Workspace::open_or_create(&config.workspace.path).await?;
    let live = workspace.go_live(config.storage.live_options()).await?;
    let location = config.database.location(live.path()).map_err(|error| Error::new(error.to_string()))?;
    let database = Database::open(&location).await.map_err(|error| Error::new(in_one_line(&error)))?;
    let gate = Gate::new(database.clone(), config.access.clone(), Utc::now()).await?;
    let setup = first_start(&database, Utc::now()).await?;
    let app = App::new(AppParts {
        config,
        live: live.clone(),
        database: database.clone(),
        clock: Arc::new(SystemClock),
        authenticator: Arc::new(GateAuthenticator),
        gate,
    })?;
    app.queries().recall_tables(&app).await?;
    doors::load(&app).await.map_err(|error| Error::new(error.to_string()))?;
    let (listeners, mut addresses) = listeners(app.config(), certificate.as_ref()).await?;
    let syslog = syslog(app.config(), certificate.as_ref()).await?;
    addresses.extend(syslog.addresses());
    let stop = app.stop().clone();
    let mut tasks = JoinSet::new();
    let service = http_service(&app, all_routes());
    for listener in listeners {
        let (service, limits, stop) = (service.clone(), app.config().limits.clone(), stop.clone());
        tasks.spawn(async move { listen(listener, service, &limits, stop).await });
    }
    tasks.spawn(jobs::run(app.clone(), stop.clone()));
    tasks.spawn(housekeeping::run(app.clone(), stop.clone()));
    tasks.spawn(doors::run_jobs(app.clone(), stop.clone()));
    for task in syslog.tasks(&app, &stop) {
        tasks.spawn(task);
    }
    tracing::info!(addresses = addresses.join(" "), workspace = %app.live().path().display(), "serving");
    let base = app
        .config()
        .http
        .public_url
        .clone()
        .or_else(|| addresses.iter().rfind(|address| address.starts_with("http")).cloned())
        .unwrap_or_default();
    started(&addresses, setup.map(|path| format!("{base}{path}")).as_deref());
    wait_for_end(certificate.as_deref(), &stop).await?;
    tracing::info!("stopping");
    stop.cancel();
    while tasks.join_next().await.is_some() {}
    app.queries().tick(&app).await;
    drain_audit(&app).await;
    drop((app, service));
    database.close().await;
    close(live).await
}

/// An error with its causes, for whoever starts the service.
fn in_one_line(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |text, cause| format!("{text}\n{cause}"))
}

/// Waits for SIGTERM or SIGINT; reads the certificate again at SIGHUP.
async fn wait_for_end(certificate: Option<&Certificate>, stop: &CancellationToken) -> Result<(), Error> {
    let listen_to = |kind| signal(kind).map_err(|error| Error::new(format!("cannot wait for signals: {error}")));
    let (mut terminate, mut interrupt) = (listen_to(SignalKind::terminate())?, listen_to(SignalKind::interrupt())?);
    let mut hang_up = listen_to(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            () = stop.cancelled() => return Ok(()),
            _ = hang_up.recv() => match certificate.map(Certificate::reload) {
                Some(Err(error)) => tracing::error!(%error, "the certificate was not read again"),
                Some(Ok(())) => tracing::info!("the certificate was read again"),
                None => {}
            },
        }
    }
}

/// Opens the sockets of syslog.
async fn syslog(config: &Config, certificate: Option<&Arc<Certificate>>) -> Result<Syslog, Error> {
    let tls = certificate.map(|certificate| server_config(Arc::clone(certificate))).transpose();
    let tls = tls.map_err(|error| Error::new(error.to_string()))?.map(TlsAcceptor::from);
    Syslog::bind(&config.syslog, tls).await.map_err(|error| Error::new(error.to_string()))
}

fn certificate(config: &Config) -> Result<Option<Arc<Certificate>>, Error> {
    if config.https.listen.is_empty() && config.syslog.tls.is_empty() {
        return Ok(None);
    }
    let certificate = Certificate::read(&config.https).map_err(|error| Error::new(error.to_string()))?;
    Ok(Some(Arc::new(certificate)))
}

/// Opens the sockets; gives their addresses too, with the ports that the system chose for `:0`.
async fn listeners(
    config: &Config,
    certificate: Option<&Arc<Certificate>>,
) -> Result<(Vec<Listener>, Vec<String>), Error> {
    let tls = certificate.map(|certificate| server_config(Arc::clone(certificate))).transpose();
    let tls = tls.map_err(|error| Error::new(error.to_string()))?.map(TlsAcceptor::from);
    let wanted = [("http", &config.http.listen, None), ("https", &config.https.listen, tls)];
    let (mut listeners, mut addresses) = (Vec::new(), Vec::new());
    for (scheme, address, tls) in wanted.into_iter().filter(|(_, address, _)| !address.is_empty()) {
        let failed = |error: std::io::Error| {
            Error::new(format!("cannot listen on `{address}`: {error}"))
                .with_hint(format!("choose another address with `{scheme}.listen`"))
        };
        let socket = bind(address).await.map_err(failed)?;
        let bound = socket.local_addr().map_err(failed)?;
        addresses.push(format!("{scheme}://{bound}"));
        listeners.push(Listener { socket, tls });
    }
    Ok((listeners, addresses))
}

async fn close(live: LiveWorkspace) -> Result<(), Error> {
    live.close().await?;
    tracing::info!("stopped; all rows are in their tables");
    Ok(())
}
