//! Requests that share a sync.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use arrow::array::RecordBatch;
use schema::Table;
use tokio::sync::oneshot;

use super::admission::Admitted;
use super::core::Core;
use super::custom_columns::with_columns_of;
use super::run::{Run, in_columns};
use super::{AppendError, Appended, BatchId, View};
use crate::StorageError;
use crate::wal::{Record, encode};

pub(crate) type Answer = oneshot::Sender<Result<Appended, AppendError>>;

/// One append, ready to be written.
#[derive(Debug)]
pub(crate) struct Request {
    runs: Vec<Run>,
    rows: u64,
    pub(crate) payload: Vec<u8>,
    pub(crate) payload_crc: u32,
    batch: Option<BatchId>,
    /// In ms since 1970.
    at: i64,
    answer: Answer,
    _admitted: Admitted,
}

impl Request {
    /// Sorts and encodes rows. Takes a while.
    pub(crate) fn new(
        rows: Vec<(&'static Table, RecordBatch)>,
        batch: Option<BatchId>,
        admitted: Admitted,
        at: i64,
        answer: Answer,
    ) -> Result<Self, (AppendError, Answer)> {
        let prepare = || -> Result<(Vec<Run>, Vec<u8>), StorageError> {
            let mut runs = Vec::with_capacity(rows.len());
            for (table, batch) in rows {
                let failed = |source| StorageError::Rows { table: table.name.clone(), source: Box::new(source) };
                runs.extend(Run::new(table, batch, 0).map_err(failed)?);
            }
            let tables = runs.iter().map(|run| (run.table, run.batch.clone())).collect();
            let payload = encode(&Record { batch, at, tables })?;
            Ok((runs, payload))
        };
        match prepare() {
            Err(error) => Err((error.into(), answer)),
            Ok((runs, payload)) => {
                let rows = runs.iter().map(|run| run.rows() as u64).sum();
                let payload_crc = crc32c::crc32c(&payload);
                Ok(Self { runs, rows, payload, payload_crc, batch, at, answer, _admitted: admitted })
            }
        }
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    pub(crate) fn refuse(self, error: AppendError) {
        // Whoever asked may be gone.
        let _ = self.answer.send(Err(error));
    }
}

/// Requests that are written together, and those that wait for one of them.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) requests: Vec<Request>,
    /// Sent while the first of the same batch id is in this group: its place there.
    followers: Vec<(usize, Request)>,
    /// Custom tables as they will be.
    tables: HashMap<&'static str, &'static Table>,
    made: Vec<&'static Table>,
}

impl Group {
    /// Those of the requests that are to be written; the others are answered.
    pub(crate) fn admit(core: &Core, view: &View, requests: Vec<Request>) -> Self {
        let mut group = Self::default();
        let mut ids = HashMap::new();
        for mut request in requests {
            if let Some(id) = request.batch {
                if let Some(sequence) = core.remembered().get(&id, request.at) {
                    core.count(|status| status.repeated_batches += 1);
                    let _ = request.answer.send(Ok(Appended { sequence, rows: 0, is_repeated: true }));
                    continue;
                }
                if let Some(&first) = ids.get(&id) {
                    group.followers.push((first, request));
                    continue;
                }
            }
            match group.settle_columns(view, &mut request.runs) {
                Err(error) => {
                    core.count(|status| status.failed_requests += 1);
                    request.refuse(error.into());
                }
                Ok(()) => {
                    ids.extend(request.batch.map(|id| (id, group.requests.len())));
                    group.requests.push(request);
                }
            }
        }
        group
    }

    /// Gives rows of custom tables the columns that their tables have, with those that they add. All of a request or none.
    fn settle_columns(&mut self, view: &View, runs: &mut [Run]) -> Result<(), StorageError> {
        let mut settled = HashMap::new();
        let mut made = Vec::new();
        for run in runs.iter().filter(|run| run.table.is_custom()) {
            let name = run.table.name.as_str();
            let known = settled.get(name).or_else(|| self.tables.get(name)).copied().or_else(|| view.describe(name));
            let table = match known {
                Some(known) => with_columns_of(known, run.table)?,
                None => {
                    let made: Vec<&'static Table> = self.made.iter().chain(&made).copied().collect();
                    view.check_new(name, &made)?;
                    run.table
                }
            };
            if known.is_none() {
                made.push(table);
            }
            settled.insert(name, table);
        }
        for run in runs {
            let Some(table) = settled.get(run.table.name.as_str()).copied() else { continue };
            run.batch = in_columns(&run.batch, &table.arrow_schema())
                .map_err(|source| StorageError::Rows { table: table.name.clone(), source: Box::new(source) })?;
            run.table = table;
        }
        self.made.extend(made);
        self.tables.extend(settled);
        Ok(())
    }

    /// They are synced, the first at that place: makes their rows visible and answers.
    pub(crate) fn publish(self, core: &Core, first_sequence: u64) {
        let mut answers = Vec::with_capacity(self.requests.len());
        let places = (first_sequence..).zip(self.requests);
        core.workspace.live.change_fresh(|fresh| {
            for (sequence, request) in places {
                for run in request.runs {
                    let table = run.table;
                    fresh.push(table, Run { first_sequence: sequence, last_sequence: sequence, ..run });
                }
                fresh.sequence = sequence;
                if let Some(id) = request.batch {
                    core.remembered().add(id, sequence, request.at);
                }
                answers.push((request.answer, sequence, request.rows, request._admitted));
            }
        });
        for (place, follower) in self.followers {
            core.count(|status| status.repeated_batches += 1);
            let sequence = first_sequence + place as u64;
            let _ = follower.answer.send(Ok(Appended { sequence, rows: 0, is_repeated: true }));
        }
        for (answer, sequence, rows, admitted) in answers {
            // Before the answer, so that who has it finds the place free.
            drop(admitted);
            let _ = answer.send(Ok(Appended { sequence, rows, is_repeated: false }));
        }
    }

    /// They could not be written.
    pub(crate) fn refuse(self, core: &Core, path: &Path, source: &io::Error) {
        let followers = self.followers.into_iter().map(|(_, request)| request);
        for request in self.requests.into_iter().chain(followers) {
            core.count(|status| status.failed_requests += 1);
            request.refuse(AppendError::of_write(path.to_owned(), again(source)));
        }
    }
}

/// The same error once more.
fn again(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
