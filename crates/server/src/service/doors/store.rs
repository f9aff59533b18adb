//! Rows to the workspace, and what became of them.

use ingest::{Decoded, Rejected, Way};
use storage::{AppendError, BatchId};

use super::intake_work::Work;
use super::sender::Sender;
use crate::service::app::App;
use crate::service::refusal::Refusal;

/// Seconds after which a sender should try again where the disk is full: somebody must make room first.
const RETRY_FULL: u64 = 60;

/// What became of a body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stored {
    /// Records that have a place, copies of stored events among them.
    pub(crate) accepted: usize,
    /// Records that went to `IngestionErrors`, those of each decoded part in order.
    pub(crate) rejected: Vec<Vec<Rejected>>,
    /// Whether the batch was stored before.
    pub(crate) is_repeated: bool,
}

impl Stored {
    /// Records that went to `IngestionErrors`.
    pub(crate) fn rejected_count(&self) -> usize {
        self.rejected.iter().map(Vec::len).sum()
    }
}

/// Stores the rows; they are on disk and visible when it returns. `senders` are who sent each decoded part, or the one who sent them all.
/// `id` names the batch where the sender may send it again.
///
/// # Errors
/// 429 and 503 with the time after which to try again; nothing is stored then.
pub(crate) async fn store(
    app: &App,
    (way, senders): (Way, &[Sender]),
    mut work: Work<()>,
    id: Option<BatchId>,
) -> Result<Stored, Refusal> {
    let rows = work.decoded.iter_mut().flat_map(|decoded| std::mem::take(&mut decoded.rows)).collect::<Vec<_>>();
    let counted: Vec<(String, u64, u64)> = rows
        .iter()
        .map(|(table, batch)| (table.name.clone(), batch.num_rows() as u64, batch.get_array_memory_size() as u64))
        .collect();
    let statistics = app.doors().statistics();
    let appended = app.live().append(rows, id).await.map_err(|error| {
        statistics.refused(way);
        refusal(&error)
    })?;
    if !appended.is_repeated {
        let now = app.now();
        for decoded in &work.decoded {
            app.doors().intake().remember(decoded);
            statistics.records(way, decoded, now);
        }
        for (sender, decoded) in senders.iter().cycle().zip(&work.decoded) {
            statistics.sender(way, sender, decoded.records as u64, now);
        }
        for (table, rows, bytes) in counted {
            statistics.rows(way, &table, rows, bytes, now);
        }
    }
    let accepted = work.decoded.iter().map(Decoded::accepted).sum();
    let rejected = work.decoded.into_iter().map(|decoded| decoded.rejected).collect();
    Ok(Stored { accepted, rejected, is_repeated: appended.is_repeated })
}

/// Seconds after which to try again where the database cannot be reached.
const RETRY_DATABASE: u64 = 2;

/// Why something was not kept.
pub(super) fn database_refusal(error: database::DatabaseError) -> Refusal {
    tracing::warn!(%error, "state of the ways in cannot be read or kept");
    Refusal::unavailable(RETRY_DATABASE, error.to_string())
}

/// Why rows were not taken.
fn refusal(error: &AppendError) -> Refusal {
    match error {
        AppendError::Busy { retry_after, .. } => Refusal::busy(retry_after.as_secs().max(1), error.to_string()),
        AppendError::Full { .. } => {
            tracing::error!(%error, "rows were refused");
            Refusal::unavailable(RETRY_FULL, "no room on the disk; the rows were not taken")
        }
        AppendError::Storage(cause) => {
            tracing::error!(error = %cause, "rows were not stored");
            Refusal::internal("the rows could not be stored and were not taken")
        }
    }
}
