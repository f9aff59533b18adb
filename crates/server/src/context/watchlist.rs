//! Lists of the context as watchlists.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, TimestampMicrosecondArray};
use detections::{ContextEntry, ContextList};
use kql_engine::{CatalogColumn, CatalogTable};
use kql_functions::Type;
use uuid::Uuid;

use super::StoredContext;

/// The aliases of all lists.
pub(crate) fn aliases() -> impl Iterator<Item = String> {
    ContextList::ALL.into_iter().map(|list| list.alias().to_owned())
}

/// The list of that exact alias.
pub(crate) fn list_of(alias: &str) -> Option<ContextList> {
    ContextList::ALL.into_iter().find(|list| list.alias() == alias)
}

/// A list as `_GetWatchlist` gives it: the columns of every watchlist, then `Name`, `Origin` (`given` or `inferred`) and `Evidence`.
pub(crate) fn watchlist(stored: &StoredContext, list: ContextList) -> Result<CatalogTable, String> {
    let entries = stored.context.entries(list);
    let texts = |text: fn(&ContextEntry) -> &str| -> ArrayRef {
        Arc::new(entries.iter().map(|entry| Some(text(entry))).collect::<StringArray>())
    };
    let ids: StringArray = entries.iter().map(|entry| Some(item_id(list, entry))).collect();
    let times = TimestampMicrosecondArray::from(vec![stored.written; entries.len()]).with_timezone("UTC");
    let columns = vec![
        CatalogColumn::new("_DTItemId", Type::String),
        CatalogColumn::new("LastUpdatedTimeUTC", Type::DateTime),
        CatalogColumn::new("SearchKey", Type::String),
        CatalogColumn::new("Name", Type::String),
        CatalogColumn::new("Origin", Type::String),
        CatalogColumn::new("Evidence", Type::String),
    ];
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(ids),
        Arc::new(times),
        texts(|entry| &entry.key),
        texts(|entry| &entry.name),
        texts(|entry| entry.origin.as_str()),
        texts(|entry| &entry.evidence),
    ];
    CatalogTable::in_memory("_GetWatchlist", columns, arrays).map_err(|error| error.to_string())
}

/// The same for the same entry.
fn item_id(list: ContextList, entry: &ContextEntry) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}\u{1f}{}", list.alias(), entry.key).as_bytes()).to_string()
}
