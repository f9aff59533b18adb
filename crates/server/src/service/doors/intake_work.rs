//! Decoding beside the threads that answer requests.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ingest::{Decoded, Intake, IntakeError};
use tokio::sync::OwnedSemaphorePermit;

use crate::service::app::App;
use crate::service::refusal::Refusal;

/// What was made of a body, with the room that it takes until its rows are stored.
pub(crate) struct Work<T> {
    /// The rows.
    pub(crate) decoded: Vec<Decoded>,
    /// What else the answer needs.
    pub(crate) more: T,
    _room: OwnedSemaphorePermit,
}

impl<T> Work<T> {
    /// The rows, and what else the answer needs; the room is kept until the first is dropped.
    pub(crate) fn split(self) -> (Work<()>, T) {
        (Work { decoded: self.decoded, more: (), _room: self._room }, self.more)
    }
}

/// Runs the parsing and decoding of a body of so many bytes on a thread of its own. The room for it is taken first: bodies that wait for
/// a thread are bounded as those being read are.
///
/// # Errors
/// 429 where bodies fill the memory given to them, and what `work` refuses.
pub(crate) async fn decode<T: Send + 'static>(
    app: &App,
    bytes: usize,
    work: impl FnOnce(&Intake, DateTime<Utc>) -> Result<(Vec<Decoded>, T), Refusal> + Send + 'static,
) -> Result<Work<T>, Refusal> {
    let room = app.body_room(bytes.max(1))?;
    let (intake, now) = (Arc::clone(app.doors().intake()), app.now());
    let (decoded, more) = tokio::task::spawn_blocking(move || work(&intake, now))
        .await
        .map_err(|_| Refusal::internal("decoding failed here, not by what was sent"))??;
    Ok(Work { decoded, more, _room: room })
}

impl From<IntakeError> for Refusal {
    fn from(error: IntakeError) -> Self {
        Refusal::bad_request("InvalidPayload", error.to_string())
    }
}
