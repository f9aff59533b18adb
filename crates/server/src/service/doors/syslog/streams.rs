//! A connection of TCP or TLS.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use ingest::doors::{Frame, FrameSplitter};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::mpsc::Sender;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::batcher::Message;
use super::pace::Pace;
use crate::service::app::App;

/// Bytes read at a time.
const BLOCK_BYTES: usize = 16 << 10;
/// How long a connection may be silent: senders keep theirs open, those whose network went away never close them.
const SILENCE: Duration = Duration::from_secs(60 * 60);
/// How long a connection is read on after the service was told to stop, for what the sender has sent already.
const LAST_READ: Duration = Duration::from_millis(200);

/// Reads a connection until it ends or the service stops. A sender that is faster than the pace, or than what can be stored, is not read:
/// it waits.
pub(super) async fn read(
    app: &App,
    mut stream: impl AsyncRead + Unpin,
    peer: IpAddr,
    messages: &Sender<Message>,
    stop: &CancellationToken,
) {
    let limits = &app.config().syslog;
    let mut splitter = FrameSplitter::new(usize::try_from(limits.message.0).unwrap_or(usize::MAX));
    let mut pace = Pace::new(limits.messages_per_second, Instant::now());
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let wait = if stop.is_cancelled() { LAST_READ } else { SILENCE };
        let read = tokio::select! {
            read = timeout(wait, stream.read(&mut block)) => read,
            () = stop.cancelled(), if !stop.is_cancelled() => continue,
        };
        let bytes = match read {
            Ok(Ok(bytes)) if bytes > 0 => bytes,
            Ok(Ok(_)) | Err(_) => break,
            Ok(Err(error)) => {
                tracing::debug!(%peer, %error, "a syslog connection broke off");
                break;
            }
        };
        let mut frames = Vec::new();
        splitter.feed(&block[..bytes], &mut |frame| frames.push(frame));
        if !send(frames, peer, messages, &mut pace).await {
            return;
        }
    }
    let mut frames = Vec::new();
    splitter.finish(&mut |frame| frames.push(frame));
    send(frames, peer, messages, &mut pace).await;
}

/// Hands messages over; false where nobody takes them any more.
async fn send(frames: Vec<Frame>, peer: IpAddr, messages: &Sender<Message>, pace: &mut Pace) -> bool {
    for frame in frames {
        if frame.cut > 0 {
            tracing::warn!(%peer, bytes = frame.cut, "a message longer than `syslog.message` was cut");
        }
        if let Some(wait) = pace.take(Instant::now()) {
            sleep(wait).await;
        }
        if messages.send(Message { peer, text: frame.text }).await.is_err() {
            return false;
        }
    }
    true
}
