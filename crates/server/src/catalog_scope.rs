//! What lies beside the tables for a caller to whom only some tables exist.

use std::sync::Arc;

use futures::future::BoxFuture;
use kql_engine::{CatalogTable, ExternalError, ExternalRequest, StoredFunction, Surroundings};

use crate::beside::Beside;

/// The table that stands for all watchlists where access is given a table.
pub(crate) const WATCHLISTS_TABLE: &str = "Watchlist";

/// All of it but watchlists and external files: they hold rows, as tables do. Functions stay, since they read tables by name.
#[derive(Debug)]
pub(crate) struct WithoutRows(pub(crate) Arc<Beside>);

impl Surroundings for WithoutRows {
    fn function(&self, name: &str) -> Option<Result<Arc<StoredFunction>, String>> {
        self.0.function(name)
    }

    fn function_names(&self) -> Vec<String> {
        self.0.function_names()
    }

    fn watchlist(&self, _alias: &str) -> Option<Result<CatalogTable, String>> {
        None
    }

    fn watchlist_aliases(&self) -> Vec<String> {
        Vec::new()
    }

    fn external<'a>(&'a self, request: &'a ExternalRequest) -> BoxFuture<'a, Result<Vec<Vec<u8>>, ExternalError>> {
        let hint = format!("access to the table `{WATCHLISTS_TABLE}` allows external files and watchlists");
        Box::pin(std::future::ready(Err(ExternalError::refused(&request.uri, &hint))))
    }
}
