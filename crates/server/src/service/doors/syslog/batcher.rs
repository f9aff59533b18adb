//! Messages of all senders, stored together.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use ingest::doors::message_record;
use ingest::{IntakeSource, Records, Target, Way};
use tokio::sync::mpsc::{self, Receiver, channel};
use tokio::time::{Instant, sleep, timeout_at};

use crate::service::app::App;
use crate::service::doors::intake_work::decode;
use crate::service::doors::sender::Sender;
use crate::service::doors::store::store;
use crate::service::refusal::Refusal;

/// Messages that wait to be stored, of all senders of a listener together. Beyond them TCP senders wait, and datagrams are dropped.
const WAITING_MESSAGES: usize = 20_000;
/// Messages of a batch.
const BATCH_MESSAGES: usize = 10_000;
/// Bytes of a batch.
const BATCH_BYTES: usize = 4 << 20;
/// Pause before a batch is tried again that could not be stored for another reason than being busy.
const RETRY: Duration = Duration::from_secs(1);
/// Times that a batch is tried at the end of the service.
const LAST_TRIES: u32 = 5;

/// A message and who sent it.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) peer: IpAddr,
    pub(super) text: String,
}

/// The way to a batcher and the batcher, which [`run`] runs.
pub(super) fn messages() -> (mpsc::Sender<Message>, Receiver<Message>) {
    channel(WAITING_MESSAGES)
}

/// Stores messages until all senders are gone and every message is stored. A batch is kept until it is stored: nothing that was read is
/// lost while the service runs.
pub(super) async fn run(app: App, way: Way, batch_time: Duration, mut messages: Receiver<Message>) {
    while let Some(first) = messages.recv().await {
        let batch = collect(first, &mut messages, Instant::now() + batch_time).await;
        let mut tries = 0;
        while let Err(refusal) = store_batch(&app, way, &batch).await {
            tries += 1;
            if app.is_stopping() && tries >= LAST_TRIES {
                tracing::error!(%way, messages = batch.len(), error = %refusal, "messages were lost at the end of the service");
                app.doors().statistics().dropped(way, batch.len() as u64);
                break;
            }
            tracing::warn!(%way, error = %refusal, "messages wait to be stored");
            sleep(refusal.retry_after.map_or(RETRY, Duration::from_secs)).await;
        }
    }
}

/// The messages that come until the batch is full or its time is over.
async fn collect(first: Message, messages: &mut Receiver<Message>, until: Instant) -> Vec<Message> {
    let mut bytes = first.text.len();
    let mut batch = vec![first];
    while batch.len() < BATCH_MESSAGES && bytes < BATCH_BYTES {
        match timeout_at(until, messages.recv()).await {
            Ok(Some(message)) => {
                bytes += message.text.len();
                batch.push(message);
            }
            Ok(None) | Err(_) => break,
        }
    }
    batch
}

async fn store_batch(app: &App, way: Way, batch: &[Message]) -> Result<(), Refusal> {
    let mut by_peer: HashMap<IpAddr, Records> = HashMap::new();
    for message in batch {
        let records = by_peer.entry(message.peer).or_insert_with(Records::lines);
        records.push(&message_record(&message.text));
    }
    let bytes = by_peer.values().map(Records::bytes).sum();
    let by_peer: Vec<(IpAddr, Records)> = by_peer.into_iter().collect();
    let senders: Vec<Sender> = by_peer.iter().map(|(peer, _)| Sender::at(*peer)).collect();
    let work = decode(app, bytes, move |intake, now| {
        let decoded = by_peer.iter().map(|(peer, records)| {
            let source = IntakeSource::new(way, &peer.to_string());
            intake.decode(records, &source, &Target::Recognized, now)
        });
        Ok((decoded.collect::<Result<Vec<_>, _>>()?, ()))
    });
    store(app, (way, &senders), work.await?, None).await.map(drop)
}
