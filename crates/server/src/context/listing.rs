//! The context as people read it.

use std::path::Path;

use detections::ContextList;
use serde::Serialize;

use super::{StoredContext, Wanted, context_for};
use crate::{Error, Session};

/// An entry of the context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextListing {
    /// The alias of its list, such as `DomainControllers`.
    pub list: String,
    /// As it was written, or as the logs write it.
    pub name: String,
    /// What rules find it by.
    pub search_key: String,
    /// `given` or `inferred`.
    pub origin: String,
    /// The note beside it, or what in the logs shows it.
    pub evidence: String,
}

/// The context that a workspace keeps; where it keeps none, what its logs show now.
pub fn context_of(workspace: &Path) -> Result<Vec<ContextListing>, Error> {
    let session = Session::open(workspace)?;
    let context = match StoredContext::is_kept(workspace) {
        true => StoredContext::read(workspace)?.context,
        false => context_for(&session, None, Wanted::All)?,
    };
    let listing = |list: ContextList| {
        let entries = context.entries(list).iter();
        entries.map(move |entry| ContextListing {
            list: list.alias().to_owned(),
            name: entry.name.clone(),
            search_key: entry.key.clone(),
            origin: entry.origin.as_str().to_owned(),
            evidence: entry.evidence.clone(),
        })
    };
    Ok(ContextList::ALL.into_iter().flat_map(listing).collect())
}
