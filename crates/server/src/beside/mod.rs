//! What a workspace keeps beside its tables: stored functions, watchlists, its context, and which external files queries may read.

mod archive;
mod download;
mod external_access;
mod external_data;
mod folder;
mod function_file;
mod stored_functions;
mod watchlist_file;
mod watchlists;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;
use kql_engine::{CatalogTable, ExternalError, ExternalRequest, StoredFunction, Surroundings};

pub use external_access::ExternalAccess;
pub(crate) use external_data::ExternalData;
pub(crate) use folder::files_below;
pub(crate) use stored_functions::StoredFunctions;
pub(crate) use watchlists::Watchlists;

use crate::Error;
use crate::context::{self, StoredContext};

/// The folder of stored functions in a workspace.
const FUNCTIONS: &str = "functions";
/// The folder of watchlists in a workspace.
const WATCHLISTS: &str = "watchlists";

/// All of it, as a catalog hands it to the engine.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    pub(crate) functions: StoredFunctions,
    pub(crate) watchlists: Watchlists,
    pub(crate) external: ExternalData,
    /// Read as watchlists, where no file has the alias.
    pub(crate) context: StoredContext,
}

impl Beside {
    /// What lies in a workspace's folder; `access` is allowed in addition.
    pub(crate) fn of_workspace(folder: &Path, access: &ExternalAccess) -> Result<Self, Error> {
        let mut functions = StoredFunctions::default();
        functions.read(&folder.join(FUNCTIONS))?;
        let mut watchlists = Watchlists::default();
        watchlists.find(&folder.join(WATCHLISTS))?;
        let external = ExternalData::new(ExternalAccess::of_workspace(folder)?.and(access));
        Ok(Self { functions, watchlists, external, context: StoredContext::read(folder)? })
    }

    /// The files of a workspace's folder that this is read from, those that need not be there included.
    pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
        const ENDS: [&str; 7] = ["kql", "csl", "yaml", "yml", "csv", "tsv", "json"];
        let mut files = files_below(&folder.join(FUNCTIONS), &ENDS)?;
        files.extend(files_below(&folder.join(WATCHLISTS), &ENDS)?);
        files.extend([ExternalAccess::file(folder), StoredContext::file(folder)]);
        Ok(files)
    }
}

impl Surroundings for Beside {
    fn function(&self, name: &str) -> Option<Result<Arc<StoredFunction>, String>> {
        self.functions.get(name)
    }

    fn function_names(&self) -> Vec<String> {
        self.functions.names()
    }

    fn watchlist(&self, alias: &str) -> Option<Result<CatalogTable, String>> {
        let of_context = || context::list_of(alias).map(|list| context::watchlist(&self.context, list));
        self.watchlists.get(alias).or_else(of_context)
    }

    fn watchlist_aliases(&self) -> Vec<String> {
        let mut all: Vec<String> = self.watchlists.aliases().into_iter().chain(context::aliases()).collect();
        all.sort();
        all.dedup();
        all
    }

    fn external<'a>(&'a self, request: &'a ExternalRequest) -> BoxFuture<'a, Result<Vec<Vec<u8>>, ExternalError>> {
        Box::pin(self.external.read(request))
    }
}
