//! Watchlists, read when they are first asked for.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use kql_engine::CatalogTable;

use super::files_below;
use super::watchlist_file::read_watchlist;
use crate::Error;

/// Watchlists by alias.
#[derive(Debug, Default)]
pub(crate) struct Watchlists {
    files: BTreeMap<String, PathBuf>,
    read: Mutex<HashMap<String, Result<CatalogTable, String>>>,
}

impl Watchlists {
    /// Adds those of a folder: `ALIAS.csv`, with the column of the search key in `ALIAS.yaml` where it is not the first.
    pub(crate) fn find(&mut self, folder: &Path) -> Result<(), Error> {
        for path in files_below(folder, &["csv"])? {
            let alias = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if let Some(other) = self.files.insert(alias.clone(), path.clone()) {
                let message = format!("watchlist `{alias}` is in `{}` and in `{}`", other.display(), path.display());
                return Err(Error::new(message).with_hint("remove one of the files"));
            }
        }
        Ok(())
    }

    /// The watchlist of that exact alias.
    pub(crate) fn get(&self, alias: &str) -> Option<Result<CatalogTable, String>> {
        let path = self.files.get(alias)?;
        let mut read = self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Some(read.entry(alias.to_owned()).or_insert_with(|| read_watchlist(alias, path)).clone())
    }

    /// All aliases, sorted.
    pub(crate) fn aliases(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }
}
