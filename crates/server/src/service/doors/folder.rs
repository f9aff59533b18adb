//! A watched folder: files are read once they are complete.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use access::TableScope;
use ingest::{
    FilePart, FileReport, FileStatus, IntakeSource, Limits, Target, Way, file_hash, ingested_file_row, read_file_parts,
};
use kql_engine::{QueryOptions, QueryResult};
use storage::BatchId;
use tokio::sync::mpsc::channel;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::intake_work::decode;
use super::sender::Sender;
use super::store::{Stored, store};
use crate::service::app::App;
use crate::service::config::FolderConfig;
use crate::service::refusal::Refusal;
use crate::ticks::to_ticks;

/// How often a folder is listed.
const LIST: Duration = Duration::from_secs(1);
/// Bytes of records that are stored together.
const PART_BYTES: usize = 4 << 20;
/// Parts that reading may be ahead of storing.
const PARTS_AHEAD: usize = 2;
/// Files of a folder that are kept in mind; the rest waits.
const FILES: usize = 100_000;
/// Ends of the names of files that are still being written.
const UNFINISHED: [&str; 3] = [".tmp", ".part", ".swp"];
/// Pause before a part is tried again that could not be stored.
const RETRY: Duration = Duration::from_secs(1);

/// Watches the folders of the configuration until the service stops.
pub(super) async fn watch(app: App, stop: CancellationToken) {
    let watches = app.config().folders.iter().map(|folder| Watch::new(folder.clone()).run(&app, &stop));
    futures::future::join_all(watches).await;
}

/// What a file looked like, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    bytes: u64,
    modified: Option<SystemTime>,
    since: Instant,
    is_done: bool,
}

struct Watch {
    config: FolderConfig,
    seen: HashMap<PathBuf, Seen>,
}

impl Watch {
    fn new(config: FolderConfig) -> Self {
        Self { config, seen: HashMap::new() }
    }

    async fn run(mut self, app: &App, stop: &CancellationToken) {
        let mut ticks = interval(LIST);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            for path in self.complete(Instant::now()) {
                if stop.is_cancelled() {
                    return;
                }
                match read_file(app, &path, stop).await {
                    Ok(()) => self.done(&path),
                    Err(reason) => tracing::warn!(path = %path.display(), reason, "a file was not read to its end"),
                }
            }
        }
    }

    /// The files whose size and time stayed the same long enough.
    fn complete(&mut self, now: Instant) -> Vec<PathBuf> {
        let listed = match list(&self.config.path) {
            Ok(listed) => listed,
            Err(error) => {
                tracing::warn!(folder = %self.config.path.display(), %error, "the folder cannot be listed");
                return Vec::new();
            }
        };
        self.seen.retain(|path, _| listed.contains_key(path));
        let mut complete = Vec::new();
        for (path, (bytes, modified)) in listed {
            let new = Seen { bytes, modified, since: now, is_done: false };
            let seen = self.seen.entry(path.clone()).or_insert(new);
            if (seen.bytes, seen.modified) != (bytes, modified) {
                *seen = new;
            }
            let is_settled = now.saturating_duration_since(seen.since) >= self.config.settle.0;
            if is_settled && !seen.is_done {
                complete.push(path);
            }
        }
        complete.sort();
        complete
    }

    /// Moves a file that was read, or leaves it alone from now on.
    fn done(&mut self, path: &Path) {
        if let Some(seen) = self.seen.get_mut(path) {
            seen.is_done = true;
        }
        let Some((folder, name)) = self.config.done.as_ref().zip(path.file_name()) else { return };
        let mut to = folder.join(name);
        let mut number = 1;
        while to.exists() {
            to = folder.join(format!("{}.{number}", name.to_string_lossy()));
            number += 1;
        }
        if let Err(error) = std::fs::rename(path, &to) {
            tracing::warn!(path = %path.display(), to = %to.display(), %error, "a file that was read cannot be moved");
        }
    }
}

/// The files of a folder, not those of folders in it.
fn list(folder: &Path) -> std::io::Result<HashMap<PathBuf, (u64, Option<SystemTime>)>> {
    let mut files = HashMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        let is_unfinished = name.starts_with('.') || UNFINISHED.iter().any(|end| name.ends_with(end));
        // Links are not followed: they may lead anywhere.
        let Ok(metadata) = entry.metadata() else { continue };
        if !is_unfinished && metadata.is_file() && files.len() < FILES {
            files.insert(entry.path(), (metadata.len(), metadata.modified().ok()));
        }
    }
    Ok(files)
}

/// Reads a file whose content was not read before. Each part is a batch of its own, named by the file's content and the part's number, so
/// that a restart in the middle stores none of them twice; the row of `IngestedFiles` says that all are stored.
async fn read_file(app: &App, path: &Path, stop: &CancellationToken) -> Result<(), String> {
    let owned = path.to_owned();
    let (hash, bytes) = blocking(move || file_hash(&owned)).await?;
    if is_known(app, &hash).await? {
        return Ok(());
    }
    let (sender, mut parts) = channel::<FilePart>(PARTS_AHEAD);
    let owned = path.to_owned();
    let limits = app.doors().intake().limits().clone();
    let reading = tokio::task::spawn_blocking(move || read_parts(&owned, &limits, sender));
    let mut report = report(path, &hash, bytes);
    let folder = Sender::named(path.parent().unwrap_or(path).display().to_string());
    let mut number = 0_u64;
    while let Some(part) = parts.recv().await {
        let stored =
            store_part(app, (&folder, part), &hash, number, stop).await.map_err(|refusal| refusal.to_string())?;
        report.records += (stored.accepted + stored.rejected_count()) as u64;
        report.rejected += stored.rejected_count() as u64;
        number += 1;
    }
    let read = reading.await.map_err(|_| "reading failed".to_owned())?;
    if let Err(reason) = &read {
        report.status = FileStatus::Unreadable;
        report.reason = Some(reason.clone());
    }
    let row = ingested_file_row(&report, app.now())?;
    let id = BatchId::new("folder-file", &hash);
    app.live().append(vec![row], Some(id)).await.map_err(|error| error.to_string())?;
    // What can be read of it is stored; it will not be better the next time.
    if let Err(reason) = read {
        tracing::warn!(path = %path.display(), reason, "a file was not read to its end");
    }
    Ok(())
}

fn read_parts(path: &Path, limits: &Limits, sender: tokio::sync::mpsc::Sender<FilePart>) -> Result<(), String> {
    read_file_parts(path, limits, PART_BYTES, &mut |part| sender.blocking_send(part).is_ok())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|_| "reading failed".to_owned())?
}

async fn store_part(
    app: &App,
    (folder, part): (&Sender, FilePart),
    hash: &str,
    number: u64,
    stop: &CancellationToken,
) -> Result<Stored, Refusal> {
    let source = IntakeSource::file(Way::Folder, &part.name);
    let (id, bytes) = (BatchId::new(&format!("folder:{hash}"), number.to_le_bytes()), part.records.bytes());
    let records = Arc::new(part.records);
    loop {
        let (records, source) = (Arc::clone(&records), source.clone());
        let work = decode(app, bytes, move |intake, now| {
            Ok((vec![intake.decode(&records, &source, &Target::Recognized, now)?], ()))
        });
        let stored = match work.await {
            Ok(work) => store(app, (Way::Folder, std::slice::from_ref(folder)), work, Some(id)).await,
            Err(refusal) => Err(refusal),
        };
        match stored {
            Err(refusal) if !refusal.is_permanent() && !stop.is_cancelled() => {
                sleep(refusal.retry_after.map_or(RETRY, Duration::from_secs)).await;
            }
            stored => return stored,
        }
    }
}

/// Whether a file of this content was read to its end.
async fn is_known(app: &App, hash: &str) -> Result<bool, String> {
    let catalog = app.queries().catalog(app, &TableScope::All).await.map_err(|failure| failure.message)?;
    // A hash is hexadecimal digits.
    let text = format!("IngestedFiles | where SHA256 == '{hash}' and Status != 'skipped-known' | count");
    let options = QueryOptions::new(to_ticks(app.now()));
    let result = app.engine().query(&text, &catalog, &options).await.and_then(QueryResult::complete);
    let result = result.map_err(|error| error.to_string())?;
    let count = result.rows_json().next().and_then(|row| row.first().and_then(serde_json::Value::as_i64));
    Ok(count.unwrap_or(0) > 0)
}

fn report(path: &Path, hash: &str, bytes: u64) -> FileReport {
    FileReport {
        path: path.display().to_string(),
        format: Way::Folder.name().to_owned(),
        records: 0,
        rows: Default::default(),
        first_event: None,
        last_event: None,
        duplicates: 0,
        rejected: 0,
        sha256: hash.to_owned(),
        bytes,
        status: FileStatus::Read,
        reason: None,
    }
}
