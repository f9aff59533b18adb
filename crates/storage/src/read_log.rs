//! The log of a workspace as a process sees it that does not write it.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::live::{FreshRows, View};
use crate::versions::Versions;
use crate::{StorageError, wal};

/// How often reading is begun anew because a flush came between; each takes seconds at most, flushes are seconds apart at least.
const ATTEMPTS: usize = 8;

/// What was read last, and of what.
#[derive(Debug, Default)]
pub(crate) struct ReadLog {
    last: Mutex<Option<(State, View)>>,
}

/// Tells one state of a log and of the tables from another: segments only grow.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    versions: Versions,
    /// Index and length of each segment.
    segments: Vec<(u64, u64)>,
}

/// The visible versions and the rows that are not in them.
///
/// Segments go only after versions that have their rows were published. So where the versions are the same before and after reading, nothing that
/// was needed was missed.
pub(crate) fn view(workspace: &Path, journal: &Path, read: &ReadLog) -> Result<View, StorageError> {
    let folder = wal::folder(workspace);
    let mut versions = Versions::read(journal)?;
    for _ in 0..ATTEMPTS {
        let result = read_once(&folder, &versions, read);
        let after = Versions::read(journal)?;
        if after == versions {
            return result;
        }
        versions = after;
    }
    let source =
        io::Error::new(io::ErrorKind::TimedOut, format!("its rows moved to tables {ATTEMPTS} times meanwhile"));
    Err(StorageError::io("read", &folder)(source))
}

fn read_once(folder: &Path, versions: &Versions, read: &ReadLog) -> Result<View, StorageError> {
    let segments: Vec<(u64, u64)> =
        wal::list(folder)?.into_iter().map(|segment| (segment.index, segment.bytes)).collect();
    let empty = View { versions: Arc::new(versions.clone()), fresh: Arc::new(FreshRows::default()) };
    if segments.is_empty() {
        return Ok(empty);
    }
    let state = State { versions: versions.clone(), segments };
    let mut last = read.last.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((known, view)) = last.as_ref()
        && *known == state
    {
        return Ok(view.clone());
    }
    let fresh = wal::read_fresh(folder, &empty)?;
    let view = View { fresh: Arc::new(fresh), ..empty };
    *last = Some((state, view.clone()));
    Ok(view)
}
