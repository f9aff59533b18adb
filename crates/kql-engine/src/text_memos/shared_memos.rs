//! Memos of plans that are kept for long and read the same rows.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use datafusion::common::config::{ConfigEntry, ConfigExtension, ExtensionOptions};
use datafusion::config::ConfigOptions;
use datafusion::error::{DataFusionError, Result};
use datafusion::physical_expr::PhysicalExpr;

use super::memo::Memos;

/// Bytes that the memos may take together: about ten large ones.
const MOST_BYTES: usize = 128 << 20;

/// An expression over its column alone, and the selections that its rows come from: texts are told apart by where they lie.
type Place = (Arc<dyn PhysicalExpr>, Vec<usize>);

/// The memos of many plans: those with the same expression over the same rows have one in common, and all do with a bounded memory.
pub(crate) struct SharedMemos {
    memos: Mutex<HashMap<Place, Arc<Memos>>>,
    bytes: AtomicUsize,
    most_bytes: usize,
}

impl Default for SharedMemos {
    fn default() -> Self {
        Self::within(MOST_BYTES)
    }
}

impl fmt::Debug for SharedMemos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMemos").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl SharedMemos {
    /// Memos that take no more bytes than these.
    pub(super) fn within(most_bytes: usize) -> Self {
        Self { memos: Mutex::default(), bytes: AtomicUsize::new(0), most_bytes }
    }

    /// The memos of an expression over the rows of these selections.
    pub(super) fn of(self: &Arc<Self>, alone: &Arc<dyn PhysicalExpr>, selections: &[usize]) -> Arc<Memos> {
        let mut memos = self.memos.lock().unwrap_or_else(PoisonError::into_inner);
        let known = memos.entry((Arc::clone(alone), selections.to_vec()));
        Arc::clone(known.or_insert_with(|| Arc::new(Memos::among(Arc::downgrade(self)))))
    }

    /// Gives up all memos that nobody uses just now.
    pub fn forget(&self) {
        let memos = self.memos.lock().unwrap_or_else(PoisonError::into_inner);
        for memos in memos.values() {
            self.count_off(memos.forget());
        }
    }

    /// Bytes that the memos take.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How many memos are kept.
    #[cfg(test)]
    pub fn memos(&self) -> usize {
        let memos = self.memos.lock().unwrap_or_else(PoisonError::into_inner);
        memos.values().map(|memos| memos.count()).sum()
    }

    /// Whether there is room for as many more bytes; where they would be too many, all memos are given up.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        if self.bytes.load(Ordering::Relaxed).saturating_add(bytes) > self.most_bytes {
            self.forget();
        }
        bytes <= self.most_bytes
    }

    /// Counts bytes of a memo that is kept.
    pub(super) fn count(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts them off when it no longer is.
    pub(super) fn count_off(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// How a session hands its plans the memos that they share. Functions hold the options of their session, and memos are found by functions: so
/// the option does not keep the memos alive.
#[derive(Debug, Clone)]
pub(crate) struct SharedMemosOption(pub Weak<SharedMemos>);

impl SharedMemosOption {
    /// The memos of a session's options.
    pub fn find(options: &ConfigOptions) -> Option<Arc<SharedMemos>> {
        options.extensions.get::<Self>().and_then(|option| option.0.upgrade())
    }
}

impl ConfigExtension for SharedMemosOption {
    const PREFIX: &'static str = "shared_memos";
}

impl ExtensionOptions for SharedMemosOption {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, _: &str) -> Result<()> {
        Err(DataFusionError::Configuration(format!("`{}.{key}` cannot be set by text", Self::PREFIX)))
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        Vec::new()
    }
}
