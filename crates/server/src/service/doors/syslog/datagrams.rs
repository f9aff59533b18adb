//! The socket of UDP.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

use ingest::Way;
use tokio::net::UdpSocket;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::batcher::Message;
use super::pace::Pace;
use crate::service::app::App;

/// Longest datagram.
const DATAGRAM_BYTES: usize = 64 << 10;
/// Senders whose pace is remembered; beyond them it is forgotten and begun anew.
const SENDERS: usize = 10_000;

/// Reads datagrams until the service stops. What cannot be kept is dropped and counted: nobody waits for an answer.
pub(super) async fn read(app: App, socket: UdpSocket, messages: Sender<Message>, stop: CancellationToken) {
    let limits = &app.config().syslog;
    let mut paces: HashMap<IpAddr, Pace> = HashMap::new();
    let mut buffer = vec![0; DATAGRAM_BYTES];
    loop {
        let received = tokio::select! {
            () = stop.cancelled() => return,
            received = socket.recv_from(&mut buffer) => received,
        };
        let (bytes, peer) = match received {
            Ok((bytes, peer)) => (bytes, peer.ip()),
            Err(error) => {
                tracing::debug!(%error, "a datagram cannot be read");
                continue;
            }
        };
        if paces.len() >= SENDERS && !paces.contains_key(&peer) {
            paces.clear();
        }
        let now = Instant::now();
        let is_over =
            paces.entry(peer).or_insert_with(|| Pace::new(limits.messages_per_second, now)).take(now).is_some();
        let most = usize::try_from(limits.message.0).unwrap_or(usize::MAX);
        let text = String::from_utf8_lossy(&buffer[..bytes.min(most)]);
        let text = text.trim_end_matches(['\r', '\n', '\0']).to_owned();
        if text.is_empty() {
            continue;
        }
        if is_over || messages.try_send(Message { peer, text }).is_err() {
            app.doors().statistics().dropped(Way::SyslogUdp, 1);
        }
    }
}
