//! The context of a workspace: what somebody gave, what its logs show, and both as watchlists.

mod given;
mod inference;
mod listing;
mod stored;
mod watchlist;

use std::path::Path;

use detections::{Context, ContextList};

pub use listing::{ContextListing, context_of};
pub(crate) use stored::StoredContext;
pub(crate) use watchlist::{aliases, list_of, watchlist};

use self::given::read_given;
use crate::{Error, Session};

/// Of a session's context, what a run needs: all lists, or those that queries mention.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// All.
    All,
    /// Those whose aliases one of these texts mentions.
    MentionedIn(&'a [&'a str]),
}

impl Wanted<'_> {
    fn wants(self, list: ContextList) -> bool {
        match self {
            Self::All => true,
            Self::MentionedIn(texts) => texts.iter().any(|text| text.contains(list.alias())),
        }
    }
}

/// What is given, by the caller or else by the workspace, and what the logs show beside it.
pub(crate) fn context_for(session: &Session, given: Option<Context>, wanted: Wanted<'_>) -> Result<Context, Error> {
    let given = match given {
        Some(given) => given,
        None => StoredContext::read(session.path())?.context.given(),
    };
    inference::infer(session, given, wanted)
}

/// The same for all lists, kept in the workspace for later queries.
pub(crate) fn establish(session: &Session, given: Option<Context>) -> Result<Context, Error> {
    let context = context_for(session, given, Wanted::All)?;
    StoredContext::new(context.clone()).write(session.path())?;
    Ok(context)
}

/// A context file that the caller names; none where none is named.
pub(crate) fn read_optional(file: Option<&Path>) -> Result<Option<Context>, Error> {
    file.map(read_given).transpose()
}
