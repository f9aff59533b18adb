//! The thread that writes the log.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use tokio::sync::oneshot;

use super::core::Core;
use super::group::{Group, Request};
use crate::wal::{HEADER_BYTES, SegmentWriter};

/// Bytes of a group from which on further requests wait for the next one: with more, the first would wait for the disk longer than for a sync.
const GROUP_BYTES: usize = 16 * 1024 * 1024;

/// What the thread is asked for.
#[derive(Debug)]
pub(crate) enum Message {
    Append(Request),
    /// Begin a new segment, so that those before can go once their rows are in Delta.
    Rotate(oneshot::Sender<()>),
}

/// Writes records one group after the other.
#[derive(Debug)]
pub(crate) struct Writer {
    core: Arc<Core>,
    segment: Option<SegmentWriter>,
    next_index: u64,
    next_sequence: u64,
}

impl Writer {
    pub(crate) fn new(core: Arc<Core>, next_index: u64, next_sequence: u64) -> Self {
        Self { core, segment: None, next_index, next_sequence }
    }

    /// Until nobody can send any more.
    pub(crate) fn run(mut self, messages: &Receiver<Message>) {
        let mut kept = None;
        while let Some(message) = kept.take().or_else(|| messages.recv().ok()) {
            match message {
                Message::Rotate(done) => {
                    self.close_segment();
                    let _ = done.send(());
                }
                Message::Append(first) => {
                    let mut bytes = first.payload.len();
                    let mut requests = vec![first];
                    while bytes < GROUP_BYTES {
                        match messages.try_recv() {
                            Ok(Message::Append(next)) => {
                                bytes += next.payload.len();
                                requests.push(next);
                            }
                            Ok(other) => {
                                kept = Some(other);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    self.write(requests);
                }
            }
        }
        self.close_segment();
    }

    fn write(&mut self, requests: Vec<Request>) {
        let started = Instant::now();
        let Some(view) = self.core.workspace.live.load() else {
            requests.into_iter().for_each(|request| request.refuse(self.core.closed_error().into()));
            return;
        };
        let group = Group::admit(&self.core, &view, requests);
        if group.requests.is_empty() {
            return;
        }
        let bytes = group.requests.iter().map(|request| (request.payload.len() + HEADER_BYTES) as u64).sum();
        let rows = group.requests.iter().map(Request::rows).sum();
        match self.store(&group.requests) {
            Ok(()) => {
                let first = self.next_sequence;
                self.next_sequence += group.requests.len() as u64;
                self.core.count_group(rows, bytes, started.elapsed());
                group.publish(&self.core, first);
            }
            Err((path, error)) => {
                tracing::error!(path = %path.display(), %error, "rows could not be written to the log");
                group.refuse(&self.core, &path, &error);
            }
        }
    }

    /// Writes and syncs, or leaves the log as it was.
    fn store(&mut self, requests: &[Request]) -> Result<(), (PathBuf, io::Error)> {
        if self.segment.as_ref().is_some_and(|segment| segment.length() >= self.core.options.segment_bytes) {
            self.close_segment();
        }
        let durable = self.next_sequence - 1;
        let segment = match &mut self.segment {
            Some(segment) => segment,
            None => {
                // A name is used once, also by a segment that could not be begun.
                let index = self.next_index;
                self.next_index += 1;
                let segment = SegmentWriter::create(&self.core.folder, index, self.next_sequence)
                    .map_err(|error| (self.core.folder.clone(), error))?;
                self.core.count(|status| status.log_segments = 1);
                self.core.log_bytes.fetch_add(segment.length(), Ordering::AcqRel);
                self.segment.insert(segment)
            }
        };
        let before = segment.length();
        let mut written = Ok(());
        for (sequence, request) in (self.next_sequence..).zip(requests) {
            written = segment.add(&request.payload, request.payload_crc, sequence, durable);
            if written.is_err() {
                break;
            }
        }
        let path = segment.path().to_owned();
        let is_written = written.is_ok();
        match written.and_then(|()| segment.sync(durable + requests.len() as u64)) {
            Ok(()) => {
                self.core.log_bytes.fetch_add(segment.length() - before, Ordering::AcqRel);
                Ok(())
            }
            Err(error) => {
                // After a failed sync nobody knows what the disk has: the next segment says where this one ends.
                let is_cut = segment.cut().is_ok();
                self.core.log_bytes.fetch_add(segment.length() - before, Ordering::AcqRel);
                if is_written || !is_cut {
                    self.close_segment();
                }
                Err((path, error))
            }
        }
    }

    fn close_segment(&mut self) {
        let Some(segment) = self.segment.take() else { return };
        self.core.count(|status| status.log_segments = 0);
        self.core.keep(segment.close());
    }
}
