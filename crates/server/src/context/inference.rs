//! What the logs show of an estate: a query a list, the files of `content/context`.

use chrono::DateTime;
use detections::{Context, ContextList};
use serde_json::Value;

use super::Wanted;
use crate::{Error, Session};

/// Most entries that one list takes from the logs: what is longer says nothing.
const MAX_INFERRED: usize = 10_000;

/// The query of a list; none for lists that are only ever given.
fn query_of(list: ContextList) -> Option<&'static str> {
    match list {
        ContextList::DomainControllers => Some(include_str!("../../../../content/context/DomainControllers.kql")),
        ContextList::SyncServers => Some(include_str!("../../../../content/context/SyncServers.kql")),
        ContextList::SyncAccounts => Some(include_str!("../../../../content/context/SyncAccounts.kql")),
        ContextList::Egress => Some(include_str!("../../../../content/context/Egress.kql")),
        ContextList::BreakGlassAccounts => Some(include_str!("../../../../content/context/BreakGlassAccounts.kql")),
        ContextList::ServiceAccounts => Some(include_str!("../../../../content/context/ServiceAccounts.kql")),
        ContextList::OwnDomains => Some(include_str!("../../../../content/context/OwnDomains.kql")),
        ContextList::SensitiveGroups => Some(include_str!("../../../../content/context/SensitiveGroups.kql")),
        ContextList::HoneytokenAccounts => None,
    }
}

/// Adds to what is given what the logs show. The queries see what is given, and nothing that is inferred.
pub(super) fn infer(session: &Session, given: Context, wanted: Wanted<'_>) -> Result<Context, Error> {
    let queries: Vec<_> = ContextList::ALL
        .into_iter()
        .filter(|list| wanted.wants(*list))
        .filter_map(|list| Some((list, query_of(list)?)))
        .collect();
    let mut context = given.clone();
    if queries.is_empty() {
        return Ok(context);
    }
    let catalog = session.catalog_in(given)?;
    for (list, query) in queries {
        let rows = session
            .query_on(&catalog, query, DateTime::UNIX_EPOCH, None)
            .map_err(|error| Error::new(format!("failed to infer `{}`: {error}", list.alias())))?;
        for row in rows.rows_json().take(MAX_INFERRED) {
            if let [Value::String(name), Value::String(evidence)] = row.as_slice() {
                context.infer(list, name, evidence);
            }
        }
    }
    Ok(context)
}
