//! The sockets, and the tasks that read them.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ingest::Way;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::batcher::{self, Message};
use super::{datagrams, streams};
use crate::service::app::App;
use crate::service::config::SyslogConfig;

/// Time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Pause after accepting failed, as it does when the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A socket that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen for syslog on `{address}`: {source}")]
pub(crate) struct SyslogError {
    address: String,
    source: std::io::Error,
}

/// A task of a listener.
pub(crate) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The sockets of syslog, open.
pub(crate) struct Syslog {
    udp: Option<UdpSocket>,
    tcp: Option<TcpListener>,
    tls: Option<(TcpListener, TlsAcceptor)>,
}

impl Syslog {
    /// Opens the sockets of a configuration. `acceptor` has the certificate of those with TLS.
    ///
    /// # Errors
    /// When an address is taken.
    pub(crate) async fn bind(config: &SyslogConfig, acceptor: Option<TlsAcceptor>) -> Result<Self, SyslogError> {
        let failed = |address: &str| {
            let address = address.to_owned();
            move |source| SyslogError { address, source }
        };
        let udp = match config.udp.as_str() {
            "" => None,
            address => Some(UdpSocket::bind(address).await.map_err(failed(address))?),
        };
        let tcp = match config.tcp.as_str() {
            "" => None,
            address => Some(TcpListener::bind(address).await.map_err(failed(address))?),
        };
        let tls = match (config.tls.as_str(), acceptor) {
            ("", _) | (_, None) => None,
            (address, Some(acceptor)) => Some((TcpListener::bind(address).await.map_err(failed(address))?, acceptor)),
        };
        Ok(Self { udp, tcp, tls })
    }

    /// The addresses, with the ports that the system chose for `:0`.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let shown = |scheme: &str, address: std::io::Result<SocketAddr>| {
            address.ok().map(|address| format!("{scheme}://{address}"))
        };
        let udp = self.udp.as_ref().and_then(|socket| shown("syslog+udp", socket.local_addr()));
        let tcp = self.tcp.as_ref().and_then(|socket| shown("syslog+tcp", socket.local_addr()));
        let tls = self.tls.as_ref().and_then(|(socket, _)| shown("syslog+tls", socket.local_addr()));
        [udp, tcp, tls].into_iter().flatten().collect()
    }

    /// What is to be run until the service stops. The tasks end once every message that was read is stored.
    pub(crate) fn tasks(self, app: &App, stop: &CancellationToken) -> Vec<Task> {
        let mut tasks: Vec<Task> = Vec::new();
        let connections = Arc::new(Semaphore::new(app.config().syslog.connections));
        let mut batcher = |way| {
            let (sender, receiver) = batcher::messages();
            tasks.push(Box::pin(batcher::run(app.clone(), way, app.config().syslog.batch_time.0, receiver)));
            sender
        };
        let udp = self.udp.map(|socket| (socket, batcher(Way::SyslogUdp)));
        let tcp = self.tcp.map(|socket| (socket, batcher(Way::SyslogTcp), None));
        let tls = self.tls.map(|(socket, acceptor)| (socket, batcher(Way::SyslogTls), Some(acceptor)));
        if let Some((socket, sender)) = udp {
            tasks.push(Box::pin(datagrams::read(app.clone(), socket, sender, stop.clone())));
        }
        for (socket, messages, acceptor) in tcp.into_iter().chain(tls) {
            let accepting = Accepting { app: app.clone(), messages, acceptor, stop: stop.clone() };
            tasks.push(Box::pin(accept(accepting, socket, Arc::clone(&connections))));
        }
        tasks
    }
}

#[derive(Clone)]
struct Accepting {
    app: App,
    messages: Sender<Message>,
    acceptor: Option<TlsAcceptor>,
    stop: CancellationToken,
}

/// Accepts connections until the service stops, then waits for those that are open.
async fn accept(accepting: Accepting, socket: TcpListener, connections: Arc<Semaphore>) {
    let mut open = JoinSet::new();
    loop {
        // Those over the limit wait in the system's queue.
        let permit = tokio::select! {
            () = accepting.stop.cancelled() => break,
            permit = Arc::clone(&connections).acquire_owned() => permit,
        };
        let accepted = tokio::select! {
            () = accepting.stop.cancelled() => break,
            accepted = socket.accept() => accepted,
        };
        while open.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => {
                let accepting = accepting.clone();
                open.spawn(async move {
                    let _permit = permit;
                    connect(&accepting, stream, peer).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept syslog connections");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(socket);
    while open.join_next().await.is_some() {}
}

async fn connect(accepting: &Accepting, stream: TcpStream, peer: SocketAddr) {
    let Accepting { app, messages, acceptor, stop } = accepting;
    match acceptor {
        None => streams::read(app, stream, peer.ip(), messages, stop).await,
        Some(acceptor) => match timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => streams::read(app, stream, peer.ip(), messages, stop).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "a syslog connection broke off"),
            Err(_) => tracing::debug!(%peer, "no TLS handshake in time"),
        },
    }
}
