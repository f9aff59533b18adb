//! A tenant straight into a workspace: its records go through the decoders as files would, but no file is written.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use generator::{FileAbout, Framing, GenerateError, SinkFile, TRUTH_FILE, Truth};
use ingest::{FedText, Feed, IngestError, IngestOptions};

use crate::ingest_files::{WorkspaceSink, is_empty};
use crate::{Error, Session};

/// Has `write` give a tenant to the tables of a new workspace and puts the truth file beside them. Returns it, and how many records found
/// no table. `now` is the time of the run. All rows become visible together.
///
/// # Errors
/// When the workspace has rows already: the same tenant twice would be all duplicates, two tenants would be mixed.
pub(super) fn into_workspace(
    workspace: &Path,
    now: DateTime<Utc>,
    write: impl Fn(&dyn generator::Sink) -> Result<Truth, Error>,
) -> Result<(Truth, u64), Error> {
    let session = Session::open_or_create(workspace)?;
    if !is_empty(&session)? {
        return Err(Error::new(format!("the workspace `{}` has rows already", workspace.display()))
            .with_hint("name a folder that is empty or does not exist"));
    }
    let append = session.runtime().block_on(session.workspace().begin())?;
    let sink = WorkspaceSink::new(&append);
    let fed = ingest::ingest_feed(&IngestOptions::new(now), &sink, |feed| -> Result<_, Error> {
        let tables = TablesSink { feed, texts: Mutex::new(Vec::new()) };
        let truth = write(&tables)?;
        tables.hand_over()?;
        Ok(truth)
    });
    let (mut truth, report) = match fed {
        Ok(fed) => fed,
        Err(error) => {
            session.runtime().block_on(append.abort());
            return Err(error);
        }
    };
    session.runtime().block_on(append.commit(storage::CommitInfo::default()))?;
    // There are no files to read again.
    truth.files.clear();
    let path = workspace.join(TRUTH_FILE);
    let text = serde_json::to_string_pretty(&truth).map_err(|error| Error::new(error.to_string()))?;
    fs::write(&path, text + "\n")
        .map_err(|error| Error::new(format!("failed to write `{}`: {error}", path.display())))?;
    Ok((truth, report.files.iter().map(|file| file.rejected).sum()))
}

impl From<IngestError> for Error {
    fn from(error: IngestError) -> Self {
        Self::new(error.to_string())
    }
}

/// Gives what files get to the decoders, slice by slice.
struct TablesSink<'f, 'r> {
    feed: &'f Feed<'r>,
    texts: Mutex<Vec<Arc<Mutex<Giving>>>>,
}

/// A text of which records may come.
struct Giving {
    /// Until it has ended.
    text: Option<FedText>,
    framing: Framing,
    is_empty: bool,
    is_complete: bool,
}

impl TablesSink<'_, '_> {
    /// Hands over what the texts got, and ends those that are complete.
    fn hand_over(&self) -> Result<(), IngestError> {
        let mut texts = locked(&self.texts);
        for text in texts.iter() {
            let mut giving = locked(text);
            if giving.is_complete {
                giving.text.take().map_or(Ok(()), |text| self.feed.end(text))?;
            } else if let Some(text) = &mut giving.text {
                self.feed.take(text)?;
            }
        }
        texts.retain(|text| locked(text).text.is_some());
        Ok(())
    }
}

impl generator::Sink for TablesSink<'_, '_> {
    fn open(&self, about: &FileAbout) -> Result<Box<dyn SinkFile>, GenerateError> {
        let giving = Giving {
            text: Some(self.feed.begin(&about.path)),
            framing: about.framing.clone(),
            is_empty: true,
            is_complete: false,
        };
        let giving = Arc::new(Mutex::new(giving));
        locked(&self.texts).push(Arc::clone(&giving));
        Ok(Box::new(GivingFile(giving)))
    }

    fn slice_done(&self) -> Result<(), GenerateError> {
        let failed =
            |error: IngestError| GenerateError::Receiver { to: "tables".to_owned(), reason: error.to_string() };
        self.hand_over().map_err(failed)
    }
}

struct GivingFile(Arc<Mutex<Giving>>);

impl SinkFile for GivingFile {
    fn record(&mut self, _: DateTime<Utc>, record: &str) -> Result<(), GenerateError> {
        let giving = &mut *locked(&self.0);
        if let Some(text) = &mut giving.text {
            let before = if giving.is_empty { giving.framing.open.as_str() } else { giving.framing.between };
            giving.is_empty = false;
            text.feed(before.as_bytes());
            text.feed(record.as_bytes());
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), GenerateError> {
        let giving = &mut *locked(&self.0);
        if let Some(text) = &mut giving.text {
            text.feed(giving.framing.close.as_bytes());
        }
        giving.is_complete = true;
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
