//! What readers of a live workspace see: files and fresh rows, changed in one step.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;

use super::fresh_rows::FreshRows;
use crate::versions::Versions;

/// Files and fresh rows of all tables at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    pub(crate) versions: Arc<Versions>,
    pub(crate) fresh: Arc<FreshRows>,
}

/// The view of a workspace while it is live.
#[derive(Debug, Default)]
pub(crate) struct LiveView {
    current: ArcSwapOption<View>,
    /// Held while the next view is made.
    change: Mutex<()>,
}

impl LiveView {
    /// The view at this moment; nothing where the workspace is not live.
    pub(crate) fn load(&self) -> Option<Arc<View>> {
        self.current.load_full()
    }

    pub(crate) fn set(&self, view: Option<View>) {
        let _one_at_a_time = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        self.current.store(view.map(Arc::new));
    }

    /// Changes the fresh rows.
    pub(crate) fn change_fresh<T>(&self, change: impl FnOnce(&mut FreshRows) -> T) -> Option<T> {
        let _one_at_a_time = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        let view = self.current.load_full()?;
        let mut fresh = view.fresh.as_ref().clone();
        let result = change(&mut fresh);
        let view = View { versions: Arc::clone(&view.versions), fresh: Arc::new(fresh) };
        self.current.store(Some(Arc::new(view)));
        Some(result)
    }

    /// Files of these versions take the place of those before, and of the fresh rows that they hold.
    pub(crate) fn publish(&self, versions: &Versions) {
        let _one_at_a_time = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(view) = self.current.load_full() else { return };
        let fresh = Arc::new(view.fresh.without_stored(versions));
        self.current.store(Some(Arc::new(View { versions: Arc::new(versions.clone()), fresh })));
    }
}
