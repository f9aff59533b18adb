//! Connections: accepted within limits, encrypted or not, served, drained.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::config::LimitsConfig;
use super::connection::Connection;
use super::router::HttpService;
use super::timed_stream::TimedStream;

/// Bytes of a request's headers, at most; what tokens and cookies need is far less.
const HEADER_BYTES: usize = 64 << 10;
/// Headers of a request, at most.
const HEADERS: usize = 100;
/// Time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Pause after accepting failed, as it does when the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A socket that is listened on.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) tls: Option<TlsAcceptor>,
}

/// Serves connections until `stop`, then lets those under way finish within the drain time.
pub(crate) async fn listen(listener: Listener, service: HttpService, limits: &LimitsConfig, stop: CancellationToken) {
    let all = Arc::new(Semaphore::new(limits.connections));
    let addresses = Addresses::new(limits.connections_per_address);
    let mut connections = JoinSet::new();
    loop {
        // Those over the limit wait in the system's queue, whose length is bounded too.
        let permit = tokio::select! {
            () = stop.cancelled() => break,
            permit = Arc::clone(&all).acquire_owned() => permit,
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.socket.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(place) = addresses.take(peer.ip()) else { continue };
        let (tls, service, limits, stop) = (listener.tls.clone(), service.clone(), limits.clone(), stop.clone());
        connections.spawn(async move {
            let _held = (permit, place);
            connect(stream, peer, tls, service, &limits, stop).await;
        });
    }
    let drained = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.drain_time.0, drained).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests were cut off at the end of the drain time");
    }
}

async fn connect(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    service: HttpService,
    limits: &LimitsConfig,
    stop: CancellationToken,
) {
    // Answers are written whole; waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let stream = TimedStream::new(stream, limits.write_time.0);
    let connection = Connection { peer, is_tls: tls.is_some() };
    let ended = match tls {
        None => serve(stream, connection, service, limits, stop).await,
        Some(tls) => match timeout(HANDSHAKE, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve(stream, connection, service, limits, stop).await,
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no TLS handshake in time".to_owned()),
        },
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, error, "a connection broke off");
    }
}

async fn serve<S>(
    stream: S,
    connection: Connection,
    service: HttpService,
    limits: &LimitsConfig,
    stop: CancellationToken,
) -> Result<(), String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let respond = hyper::service::service_fn(move |request: http::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(connection);
        service.clone().call(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_time.0)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADERS)
        .half_close(false);
    let mut served = pin!(http.serve_connection(TokioIo::new(stream), respond));
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    ended.map_err(|error| error.to_string())
}

/// Counts the connections of each address.
#[derive(Clone)]
struct Addresses {
    limit: usize,
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection that counts for its address until it is dropped.
struct Place {
    addresses: Addresses,
    ip: IpAddr,
}

impl Addresses {
    fn new(limit: usize) -> Self {
        Self { limit, counts: Arc::default() }
    }

    fn take(&self, ip: IpAddr) -> Option<Place> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(ip).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        Some(Place { addresses: self.clone(), ip })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.addresses.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.ip) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.ip);
            }
        }
    }
}

/// Opens a socket.
pub(crate) async fn bind(address: &str) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}
