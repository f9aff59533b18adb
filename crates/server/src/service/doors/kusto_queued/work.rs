//! From messages to rows.

use std::io::{self, Read};
use std::time::{Duration, SystemTime};

use database::QueuedMessage;
use flate2::read::MultiGzDecoder;
use ingest::doors::{KustoFormat, KustoMapping, kusto_records};
use ingest::{IntakeSource, Records, Target, Way};
use storage::BatchId;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::blob_store::BlobStore;
use super::message::IngestMessage;
use super::messages::KEPT;
use super::outcome::{Ending, Outcome};
use crate::service::app::App;
use crate::service::doors::intake_work::decode;
use crate::service::doors::kusto_ingest::{find_mapping, known_table, ordinal_columns};
use crate::service::doors::sender::Sender;
use crate::service::doors::store::store;
use crate::service::refusal::Refusal;

/// How often messages are looked for.
const LOOK: Duration = Duration::from_secs(1);
/// Messages taken at a time.
const MESSAGES: u32 = 16;
/// Messages whose blobs are kept however old they are: as many as there may be.
const ALL_MESSAGES: u32 = 20_000;
/// Looks between two searches for abandoned blobs.
const LOOKS_A_SEARCH: u64 = 600;
/// Most bytes of a blob, decompressed: it is decoded at once, so that its rows appear together.
const BLOB_BYTES: u64 = 64 << 20;
/// The name of a compressed blob ends so.
const GZIP_END: &str = ".gz";

/// Most outcomes that are kept for senders who do not fetch them; a week's are anyway all.
const MOST_OUTCOMES: u32 = 100_000;

/// Why a message is not done.
enum Failure {
    /// It will never be: it goes to `IngestionErrors`. A code of Azure Data Explorer's, and the reason.
    Final(String, String),
    /// It may be later.
    Passing(String),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        // What is missing may yet be made, but a sender that named it wrong would wait for ever.
        if !refusal.is_permanent() {
            return Self::Passing(refusal.message);
        }
        let is_known = refusal.code.starts_with("BadRequest_");
        Self::Final(if is_known { refusal.code } else { "General_BadRequest".to_owned() }, refusal.message)
    }
}

impl From<database::DatabaseError> for Failure {
    fn from(error: database::DatabaseError) -> Self {
        Self::Passing(error.to_string())
    }
}

fn wrong(code: &str) -> impl FnOnce(String) -> Failure {
    let code = code.to_owned();
    move |reason| Failure::Final(code, reason)
}

/// Stores what messages say until the service stops. Messages that are not done stay, over restarts too.
pub(crate) async fn run(app: &App, stop: &CancellationToken) {
    let store = BlobStore::of_workspace(app.live().path());
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looks = 0_u64;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let looked = async {
            if looks.is_multiple_of(LOOKS_A_SEARCH) {
                remove_abandoned(app, &store).await?;
                trim_outcomes(app).await?;
            }
            take_messages(app, &store, stop).await
        };
        if let Err(error) = looked.await {
            tracing::warn!(%error, "messages of queued ingestion cannot be read");
        }
        looks += 1;
    }
}

async fn remove_abandoned(app: &App, store: &BlobStore) -> Result<(), database::DatabaseError> {
    let messages = app.database().queued_messages(ALL_MESSAGES).await?;
    let read = messages.iter().filter_map(|message| serde_json::from_str::<IngestMessage>(&message.document).ok());
    let named: Vec<String> = read.filter_map(|message| message.blob_name().ok()).collect();
    store.remove_abandoned(&named, SystemTime::now());
    Ok(())
}

/// Removes outcomes that nobody fetched in time.
async fn trim_outcomes(app: &App) -> Result<(), database::DatabaseError> {
    let before = app.now() - KEPT;
    app.database().trim_ingestion_outcomes(before, MOST_OUTCOMES).await?;
    app.database().trim_ingestion_statuses(before).await
}

/// Takes the messages that wait.
async fn take_messages(app: &App, store: &BlobStore, stop: &CancellationToken) -> Result<(), database::DatabaseError> {
    for message in app.database().queued_messages(MESSAGES).await? {
        if stop.is_cancelled() {
            break;
        }
        let read = serde_json::from_str::<IngestMessage>(&message.document);
        let ended = match &read {
            Ok(read) => take(app, store, read, &message).await,
            Err(error) => Err(wrong("BadRequest_CorruptedMessage")(error.to_string())),
        };
        let ended = match ended {
            Err(Failure::Final(code, reason)) => {
                let rejected = reject(app, &message, &reason).await;
                rejected.map(|()| Some(Ending::Failed { code, reason }))
            }
            ended => ended,
        };
        let finished = match ended {
            Ok(ending) => finish(app, &message, read.as_ref().ok().zip(ending.as_ref())).await,
            Err(failure) => Err(failure),
        };
        match finished {
            // The rows are on disk; of a message that is tried once more the batch is known.
            Ok(()) => {
                if let Some(name) = read.ok().and_then(|read| read.blob_name().ok()) {
                    store.remove(&name);
                }
            }
            Err(Failure::Passing(reason) | Failure::Final(_, reason)) => {
                tracing::warn!(message = message.id, reason, "a message of queued ingestion waits");
                app.database().retry_queued_message(&message.id).await?;
            }
        }
    }
    Ok(())
}

/// Removes a message that is done and keeps what its sender wants to hear.
async fn finish(app: &App, message: &QueuedMessage, end: Option<(&IngestMessage, &Ending)>) -> Result<(), Failure> {
    let (mut for_queue, mut for_table) = (None, None);
    if let Some((read, ending)) = end {
        let (holder, now, operation) = (message.holder.as_str(), app.now(), Uuid::new_v4());
        let outcome = Outcome { message: read, holder, ending, now, operation };
        for_queue = outcome.for_queue();
        if let Some(key) = outcome.status_key() {
            let made = app.database().ingestion_status(holder, &key.partition_key, &key.row_key).await?;
            for_table = Some(outcome.for_table(key, made.as_ref().map(|made| made.document.as_str())));
        }
    }
    Ok(app.database().finish_queued_message(&message.id, for_queue.as_ref(), for_table.as_ref()).await?)
}

/// Stores the records of a message. None where they were stored before, and its sender was told.
async fn take(
    app: &App,
    blobs: &BlobStore,
    message: &IngestMessage,
    queued: &QueuedMessage,
) -> Result<Option<Ending>, Failure> {
    let name = message.blob_name().map_err(wrong("BadRequest_InvalidBlobUri"))?;
    let batch = BatchId::new("kusto-queued", &queued.id);
    let sender = sender(app, &queued.holder).await?;
    let (opening, opened) = (blobs.clone(), name.clone());
    let body = tokio::task::spawn_blocking(move || read_blob(&opening, &opened)).await;
    let body = match body.map_err(|_| Failure::Passing("reading the blob failed".to_owned()))? {
        // A client that had no answer sent the message again after the first was done.
        Err(Failure::Final(..)) if app.live().has_batch(&batch) => return Ok(None),
        body => body?,
    };
    let format: KustoFormat = message.format().parse().map_err(wrong("BadRequest_FormatNotSupported"))?;
    let table = known_table(app, &message.table_name).await?;
    let mapping = match (message.mapping(), message.mapping_name()) {
        (Some(text), _) => {
            let mapping = KustoMapping::parse(&text).map_err(|error| error.to_string());
            Some(mapping.map_err(wrong("BadRequest_InvalidMapping"))?)
        }
        (None, Some(name)) => Some(find_mapping(app, &table.name, format, name).await?),
        (None, None) => None,
    };
    let (columns, skip_first) = (ordinal_columns(app, table).await?, message.skips_first());
    let source = IntakeSource::new(Way::KustoQueued, &format!("{}/{}/{name}", message.database_name, table.name));
    let bytes = body.len();
    let work = decode(app, bytes, move |intake, now| {
        let records = kusto_records(&body, format, mapping.as_ref(), &columns, skip_first)
            .map_err(|error| Refusal::bad_request("BadRequest_InvalidBlob", error.to_string()))?;
        Ok((vec![intake.decode(&records, &source, &Target::Table(table), now)?], ()))
    });
    let stored = store(app, (Way::KustoQueued, &[sender]), work.await?, Some(batch)).await?;
    let reason = stored.rejected.iter().flatten().next().map(|rejected| rejected.reason.clone());
    Ok(Some(Ending::of_records(stored.accepted, stored.rejected_count(), reason.as_deref())))
}

/// Who sent a message, by the name that it has elsewhere too while it may send.
async fn sender(app: &App, holder: &str) -> Result<Sender, Refusal> {
    let caller = app.gate().holder_as_caller(holder, app.now()).await?;
    Ok(Sender::named(caller.map_or_else(|| holder.to_owned(), |caller| caller.name)))
}

/// Puts a message that will never be done into `IngestionErrors`.
async fn reject(app: &App, message: &QueuedMessage, reason: &str) -> Result<(), Failure> {
    let (id, document) = (message.id.as_str(), message.document.as_str());
    let sender = sender(app, &message.holder).await?;
    let mut records = Records::json();
    records.push_damage(document, format!("message of queued ingestion: {reason}"));
    let source = IntakeSource::new(Way::KustoQueued, id);
    let work = decode(app, document.len(), move |intake, now| {
        Ok((vec![intake.decode(&records, &source, &Target::Recognized, now)?], ()))
    });
    store(app, (Way::KustoQueued, &[sender]), work.await?, Some(BatchId::new("kusto-queued-error", id))).await?;
    Ok(())
}

fn read_blob(store: &BlobStore, name: &str) -> Result<Vec<u8>, Failure> {
    let file = match store.open(name) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(wrong("Download_SourceNotFound")("there is no such blob".to_owned()));
        }
        Err(error) => return Err(Failure::Passing(error.to_string())),
    };
    let mut body = Vec::new();
    let read = if name.to_ascii_lowercase().ends_with(GZIP_END) {
        MultiGzDecoder::new(file).take(BLOB_BYTES + 1).read_to_end(&mut body)
    } else {
        file.take(BLOB_BYTES + 1).read_to_end(&mut body)
    };
    read.map_err(|error| wrong("BadRequest_InvalidBlob")(format!("the blob cannot be read: {error}")))?;
    if body.len() as u64 > BLOB_BYTES {
        let reason = format!("the blob has more than {BLOB_BYTES} bytes; send it in parts");
        return Err(wrong("BadRequest_FileTooLarge")(reason));
    }
    Ok(body)
}
