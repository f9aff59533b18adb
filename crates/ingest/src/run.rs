//! A run: all files under some paths, read, decoded and handed to the sink.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use schema::Table;

use crate::custom::CustomTables;
use crate::decoder::{DECODER_VERSION, Decoder};
use crate::decoders::{all_decoders, decoders_into};
use crate::duplicates::SeenKeys;
use crate::files::find_files;
use crate::hash::hash_file;
use crate::limits::Limits;
use crate::prepare::{Prepared, prepare};
use crate::readers::content::Kind;
use crate::readers::leaf::Chunk;
use crate::reading::{DiskFile, FileQueue, Message};
use crate::report::{Counts, ErrorGroup, FileReport, FileStatus, IngestReport};
use crate::report_files::write_file_rows;
use crate::sink::{Progress, Sink};
use crate::source_file::SourceFile;
use crate::worker::Worker;

/// Bytes of records decoded at a time, per thread.
const WAVE_BYTES: usize = 4 << 20;

/// How to read.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Read files again that were read before.
    pub force: bool,
    /// Put all records into this table, fields to columns of the same name, instead of finding each record's format.
    pub table: Option<&'static Table>,
    /// Limits on sizes and depths.
    pub limits: Limits,
    /// Threads; 0 for one per core.
    pub threads: usize,
    /// The time of the run, which rows of `IngestedFiles` and `IngestionErrors` bear.
    pub now: DateTime<Utc>,
}

impl IngestOptions {
    /// The usual options at this time.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { force: false, table: None, limits: Limits::default(), threads: 0, now }
    }
}

/// Why a run stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// A path given does not exist.
    #[error("no file or folder `{0}`")]
    NotFound(String),
    /// The sink did not take rows.
    #[error("rows cannot be stored: {0}")]
    Sink(String),
    /// The threads cannot be started.
    #[error("threads cannot be started: {0}")]
    Threads(String),
}

/// Reads everything under these paths into the sink.
///
/// # Errors
/// When a path does not exist or the sink fails. Files that cannot be read and records that cannot be placed are no errors: the report
/// and the table `IngestionErrors` say so.
pub fn ingest(
    paths: &[PathBuf],
    options: &IngestOptions,
    sink: &dyn Sink,
    progress: &dyn Progress,
) -> Result<IngestReport, IngestError> {
    if let Some(missing) = paths.iter().find(|path| !path.exists()) {
        return Err(IngestError::NotFound(missing.display().to_string()));
    }
    let decoders = options.table.map_or_else(all_decoders, decoders_into);
    let mut run = Run::new(options, sink, progress, &decoders)?;
    let files = run.choose_files(paths);
    run.read(&files)?;
    run.decode_late().map_err(IngestError::Sink)?;
    run.finish()
}

/// Records waiting to be decoded, with the place of their file in the report.
struct Waiting {
    file: usize,
    source: SourceFile,
    chunk: Chunk,
}

/// A run under way.
pub(crate) struct Run<'a> {
    options: &'a IngestOptions,
    sink: &'a dyn Sink,
    progress: &'a dyn Progress,
    decoders: &'a [Box<dyn Decoder>],
    pool: rayon::ThreadPool,
    workers: Vec<Worker<'a>>,
    custom: Arc<CustomTables>,
    files: Vec<FileReport>,
    counts: Vec<Counts>,
    /// For each file of the report, the place of its file on disk among those found.
    order: Vec<usize>,
    /// The place of the file on disk that is being looked at.
    current: usize,
    /// Files whose records are all decoded once the waiting ones are.
    ended: Vec<usize>,
    waiting: Vec<Waiting>,
    waiting_bytes: usize,
    seen_content: HashSet<String>,
    seen_keys: SeenKeys,
}

impl<'a> Run<'a> {
    /// A run that has read nothing yet, with its threads.
    pub(crate) fn new(
        options: &'a IngestOptions,
        sink: &'a dyn Sink,
        progress: &'a dyn Progress,
        decoders: &'a [Box<dyn Decoder>],
    ) -> Result<Self, IngestError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(options.threads)
            .build()
            .map_err(|error| IngestError::Threads(error.to_string()))?;
        let custom = Arc::new(CustomTables::new(&sink.custom_tables()));
        let worker = |_| Worker::new(decoders, sink, options.now).with_custom(Arc::clone(&custom));
        let workers = (0..pool.current_num_threads()).map(worker).collect();
        Ok(Self {
            options,
            sink,
            progress,
            decoders,
            pool,
            workers,
            custom,
            files: Vec::new(),
            counts: Vec::new(),
            order: Vec::new(),
            current: 0,
            ended: Vec::new(),
            waiting: Vec::new(),
            waiting_bytes: 0,
            seen_content: HashSet::new(),
            seen_keys: SeenKeys::default(),
        })
    }

    /// Begins a text that comes without a file.
    pub(crate) fn begin_text(&mut self, file: FileReport) -> usize {
        self.current = self.files.len();
        self.add(file)
    }

    /// Takes records of such a text; decodes when there are enough.
    pub(crate) fn take_text(&mut self, index: usize, source: &SourceFile, chunk: Chunk) -> Result<(), String> {
        self.files[index].format = source.kind.to_owned();
        if !chunk.pieces.is_empty() {
            self.waiting_bytes += chunk.bytes;
            self.waiting.push(Waiting { file: index, source: source.clone(), chunk });
        }
        if self.waiting_bytes >= WAVE_BYTES * self.workers.len() { self.decode_waiting() } else { Ok(()) }
    }

    /// Decodes what is left of such texts.
    pub(crate) fn end_feed(&mut self) -> Result<(), IngestError> {
        let ended = self.decode_waiting().and_then(|()| self.workers.par_iter_mut().try_for_each(Worker::finish));
        let ended = ended.and_then(|()| self.custom.finish(self.sink)).and_then(|()| self.decode_late());
        ended.map_err(IngestError::Sink)
    }

    /// Finds and hashes the files; those that cannot be read or were read before go into the report at once.
    fn choose_files(&mut self, paths: &[PathBuf]) -> Vec<DiskFile> {
        let found = find_files(paths);
        for (path, reason) in found.unreadable {
            let folder = FileReport::new(path.display().to_string(), "folder", "", 0);
            self.add_unread(folder, FileStatus::Unreadable, reason);
        }
        let hashes: Vec<_> = self.pool.install(|| found.files.par_iter().map(|path| hash_file(path)).collect());
        let mut chosen = Vec::new();
        for (place, (path, hash)) in found.files.into_iter().zip(hashes).enumerate() {
            self.current = place;
            let label = path.display().to_string();
            match hash {
                Err(error) => {
                    let file = FileReport::new(label, Kind::Unknown.name(), "", 0);
                    self.add_unread(file, FileStatus::Unreadable, error.to_string());
                }
                Ok((sha256, bytes)) => match self.known(&sha256, bytes) {
                    Some(reason) => {
                        let file = FileReport::new(label, Kind::Unknown.name(), &sha256, bytes);
                        self.add_unread(file, FileStatus::SkippedKnown, reason);
                    }
                    None => chosen.push(DiskFile { path, label, place, sha256, bytes }),
                },
            }
        }
        self.progress.start(chosen.len(), chosen.iter().map(|file| file.bytes).sum());
        chosen
    }

    /// Why a file of this content is not read again, if it is not. Remembers the content.
    fn known(&mut self, sha256: &str, bytes: u64) -> Option<String> {
        if bytes == 0 || self.options.force {
            return None;
        }
        if !self.seen_content.insert(sha256.to_owned()) {
            return Some("same content as a file before it".to_owned());
        }
        self.sink.is_known(sha256, DECODER_VERSION).then(|| "read before".to_owned())
    }

    fn add(&mut self, file: FileReport) -> usize {
        self.files.push(file);
        self.counts.push(Counts::default());
        self.order.push(self.current);
        self.files.len() - 1
    }

    fn add_unread(&mut self, file: FileReport, status: FileStatus, reason: String) {
        let file = FileReport { status, reason: Some(reason), ..file };
        self.progress.file_done(&file);
        self.add(file);
    }

    fn read(&mut self, files: &[DiskFile]) -> Result<(), IngestError> {
        let read = Arc::new(AtomicU64::new(0));
        let readers = self.pool.current_num_threads();
        let (queue, tickets) = FileQueue::new(files, &self.options.limits, readers, Arc::clone(&read));
        let (decoders, sink, now, custom) = (self.decoders, self.sink, self.options.now, Arc::clone(&self.custom));
        std::thread::scope(|scope| {
            let readers: Vec<_> = (0..readers)
                .map(|_| {
                    scope.spawn(|| {
                        let mut worker = Worker::new(decoders, sink, now).with_custom(Arc::clone(&custom));
                        queue.read_all(&mut worker);
                        worker.finish()
                    })
                })
                .collect();
            let taken = self.take(files, tickets, &read);
            for reader in readers {
                let finished = reader.join().unwrap_or_else(|_| Err("a reader failed".to_owned()));
                if taken.is_ok() {
                    finished?;
                }
            }
            taken
        })
        .and_then(|()| self.custom.finish(sink))
        .map_err(IngestError::Sink)
    }

    /// Takes what the readers hand over, in the order of the files.
    fn take(
        &mut self,
        files: &[DiskFile],
        tickets: Receiver<Receiver<Message>>,
        read: &AtomicU64,
    ) -> Result<(), String> {
        for (file, messages) in files.iter().zip(tickets) {
            let mut leaf = None;
            self.current = file.place;
            for message in messages {
                self.progress.advance(read.swap(0, Ordering::Relaxed));
                self.on_message(file, message, &mut leaf)?;
                if self.waiting_bytes >= WAVE_BYTES * self.workers.len() {
                    self.decode_waiting()?;
                }
            }
        }
        self.decode_waiting()?;
        self.workers.par_iter_mut().try_for_each(Worker::finish)
    }

    /// `leaf` is the file being read, `None` between files and in one that is skipped.
    fn on_message(
        &mut self,
        file: &DiskFile,
        message: Message,
        leaf: &mut Option<(usize, SourceFile)>,
    ) -> Result<(), String> {
        match message {
            Message::Start { path, kind, content, modified } => {
                let source = SourceFile { path: Arc::from(path), kind: kind.name(), modified };
                *leaf = self.on_start(file, source, content);
            }
            Message::Records(chunk) => {
                if let Some((index, source)) = leaf {
                    self.waiting_bytes += chunk.bytes;
                    self.waiting.push(Waiting { file: *index, source: source.clone(), chunk });
                }
            }
            Message::Decoded(counts) => {
                if let Some((index, ..)) = leaf {
                    self.counts[*index].add(counts?);
                }
            }
            Message::End { content, result } => {
                if let Some((index, ..)) = leaf.take() {
                    self.on_end(index, content, result);
                }
            }
            Message::Broken { path, kind, reason } => {
                // What was being read when the reader broke is the file that is broken.
                match leaf.take() {
                    Some((index, ..)) => self.on_end(index, None, Err(reason)),
                    None => {
                        let (sha256, bytes) =
                            if path == file.label { (file.sha256.as_str(), file.bytes) } else { ("", 0) };
                        self.add_unread(
                            FileReport::new(path, kind.name(), sha256, bytes),
                            FileStatus::Unreadable,
                            reason,
                        );
                    }
                }
            }
            Message::Archive { kind } => {
                let of_this = self.order.iter().zip(&self.files).rev().take_while(|(place, _)| **place == file.place);
                let broken = of_this.into_iter().any(|(_, entry)| entry.path == file.label);
                if !broken {
                    let index = self.add(FileReport::new(file.label.clone(), kind.name(), &file.sha256, file.bytes));
                    self.ended.push(index);
                }
            }
        }
        Ok(())
    }

    fn on_start(
        &mut self,
        file: &DiskFile,
        source: SourceFile,
        content: Option<String>,
    ) -> Option<(usize, SourceFile)> {
        let is_member = *source.path != *file.label;
        let (sha256, bytes) =
            if is_member { (content.as_deref().unwrap_or(""), 0) } else { (file.sha256.as_str(), file.bytes) };
        let report = FileReport::new(source.path.to_string(), source.kind, sha256, bytes);
        if let Some(reason) = content.as_deref().and_then(|content| self.known(content, 1)) {
            self.add_unread(report, FileStatus::SkippedKnown, reason);
            return None;
        }
        let index = self.add(report);
        Some((index, source))
    }

    /// A file or text has ended.
    pub(crate) fn on_end(&mut self, index: usize, content: Option<(String, u64)>, result: Result<(), String>) {
        let file = &mut self.files[index];
        if let Some((sha256, bytes)) = content {
            (file.sha256, file.bytes) = (sha256, bytes);
        }
        if let Err(reason) = result {
            file.status = FileStatus::Unreadable;
            file.reason = Some(reason);
        }
        self.ended.push(index);
    }

    /// Decodes the waiting records on all threads. Whether an event is a copy is decided in the order of the files.
    fn decode_waiting(&mut self) -> Result<(), String> {
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let (decoders, limits) = (self.decoders, &self.options.limits);
        let mut prepared: Vec<Vec<Prepared>> =
            self.pool.install(|| waiting.par_iter().map(|waiting| prepare(&waiting.chunk, decoders, limits)).collect());
        for record in prepared.iter_mut().flatten() {
            if record.key().is_some_and(|key| !self.seen_keys.insert(key)) {
                *record = Prepared::Duplicate;
            }
        }
        let mut shares: Vec<Vec<(&Waiting, Vec<Prepared>)>> = self.workers.iter().map(|_| Vec::new()).collect();
        let count = shares.len();
        for (index, work) in waiting.iter().zip(prepared).enumerate() {
            shares[index % count].push(work);
        }
        let workers = &mut self.workers;
        let decoded: Vec<Vec<(usize, Counts)>> = self.pool.install(|| {
            workers
                .par_iter_mut()
                .zip(shares)
                .map(|(worker, share)| decode_share(worker, share))
                .collect::<Result<_, String>>()
        })?;
        for (file, counts) in decoded.into_iter().flatten() {
            self.counts[file].add(counts);
        }
        for index in std::mem::take(&mut self.ended) {
            self.complete(index);
        }
        Ok(())
    }

    /// Puts the counts of a file that is done into its report.
    fn complete(&mut self, index: usize) {
        self.fill_report(index);
        self.progress.file_done(&self.files[index]);
    }

    fn fill_report(&mut self, index: usize) {
        let (file, counts) = (&mut self.files[index], &self.counts[index]);
        file.records = counts.records;
        file.duplicates = counts.duplicates;
        file.rejected = counts.rejected;
        file.first_event = counts.times.and_then(|(first, _)| DateTime::from_timestamp_micros(first));
        file.last_event = counts.times.and_then(|(_, last)| DateTime::from_timestamp_micros(last));
        file.rows = counts.rows.clone();
        if !counts.formats.is_empty() {
            file.format = counts.formats.keys().copied().collect::<Vec<_>>().join("+");
        }
    }

    /// Makes the rows that waited for the last record.
    fn decode_late(&mut self) -> Result<(), String> {
        let Some(mut worker) = self.workers.pop() else { return Ok(()) };
        let added = worker.decode_late()?;
        let places: HashMap<String, usize> =
            self.files.iter().enumerate().map(|(index, file)| (file.path.clone(), index)).collect();
        for (path, counts) in added {
            if let Some(&index) = places.get(&*path) {
                self.counts[index].add(counts);
                self.fill_report(index);
            }
        }
        Ok(())
    }

    /// The report, once everything is decoded.
    pub(crate) fn finish(self) -> Result<IngestReport, IngestError> {
        let mut files: Vec<_> = self.order.into_iter().zip(self.files.into_iter().zip(self.counts)).collect();
        files.sort_by_key(|(place, _)| *place);
        let (files, counts): (Vec<_>, Vec<_>) = files.into_iter().map(|(_, file)| file).unzip();
        let mut report = IngestReport { files, ..IngestReport::default() };
        for (file, counts) in report.files.iter().zip(counts) {
            report.duplicates += counts.duplicates;
            for (table, rows) in counts.rows {
                *report.tables.entry(table).or_default() += rows;
            }
            let mut errors = counts.errors;
            if let (FileStatus::Unreadable, Some(reason)) = (file.status, &file.reason) {
                errors.entry(reason.clone()).or_insert(1);
            }
            let group = |(reason, count)| ErrorGroup { file: file.path.clone(), reason, count };
            report.errors.extend(errors.into_iter().map(group));
        }
        let written = write_file_rows(&report.files, self.options.now, self.sink).map_err(IngestError::Sink)?;
        report.tables.insert("IngestedFiles".to_owned(), written);
        Ok(report)
    }
}

fn decode_share(worker: &mut Worker, share: Vec<(&Waiting, Vec<Prepared>)>) -> Result<Vec<(usize, Counts)>, String> {
    share.into_iter().map(|(waiting, prepared)| Ok((waiting.file, worker.decode(&waiting.source, prepared)?))).collect()
}
