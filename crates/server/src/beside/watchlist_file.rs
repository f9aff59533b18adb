//! A watchlist in a CSV file, as `_GetWatchlist` gives it.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use arrow::array::{ArrayRef, StringBuilder, TimestampMicrosecondArray};
use kql_engine::{CatalogColumn, CatalogTable};
use kql_functions::Type;
use serde_norway::Value;
use uuid::Uuid;

/// Largest watchlist, in bytes: Sentinel's limit for large files is 500 MB, what is held in memory here is less.
const MAX_BYTES: u64 = 100 << 20;
/// Column that items are found by; in the file, or made of another column.
const SEARCH_KEY: &str = "SearchKey";
/// Columns that are made, whatever the file holds.
const MADE: [&str; 2] = ["_DTItemId", "LastUpdatedTimeUTC"];

/// Reads a watchlist: the columns `_DTItemId`, `LastUpdatedTimeUTC` (when the file was last written) and `SearchKey`, then
/// those of the file. All values are strings. Errors say what is wrong.
pub(super) fn read_watchlist(alias: &str, path: &Path) -> Result<CatalogTable, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    if metadata.len() > MAX_BYTES {
        return Err(format!("more than {MAX_BYTES} bytes"));
    }
    let written = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let written = written.and_then(|since| i64::try_from(since.as_micros()).ok()).unwrap_or_default();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let header: Vec<String> = reader.headers().map_err(|error| error.to_string())?.iter().map(clean).collect();
    let key = search_key(path, &header)?;
    let shown = shown_columns(&header);
    let (mut ids, mut keys) = (StringBuilder::new(), StringBuilder::new());
    let mut values: Vec<StringBuilder> = shown.iter().map(|_| StringBuilder::new()).collect();
    let mut rows = 0_usize;
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        rows += 1;
        let text: Vec<&str> = record.iter().collect();
        ids.append_value(item_id(alias, rows, &text));
        keys.append_value(text.get(key).unwrap_or(&""));
        for (builder, at) in values.iter_mut().zip(&shown) {
            builder.append_value(text.get(*at).unwrap_or(&""));
        }
    }
    let times = TimestampMicrosecondArray::from(vec![written; rows]).with_timezone("UTC");
    let mut columns = vec![
        CatalogColumn::new(MADE[0], Type::String),
        CatalogColumn::new(MADE[1], Type::DateTime),
        CatalogColumn::new(SEARCH_KEY, Type::String),
    ];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(ids.finish()), Arc::new(times), Arc::new(keys.finish())];
    for (mut builder, at) in values.into_iter().zip(&shown) {
        columns.push(CatalogColumn::new(&header[*at], Type::String));
        arrays.push(Arc::new(builder.finish()));
    }
    CatalogTable::in_memory("_GetWatchlist", columns, arrays).map_err(|error| error.to_string())
}

fn clean(name: &str) -> String {
    name.trim_start_matches('\u{feff}').trim().to_owned()
}

/// The first of each name, without those that are made.
fn shown_columns(header: &[String]) -> Vec<usize> {
    let is_first = |at: usize| !header[..at].contains(&header[at]);
    let is_own = |name: &String| !name.is_empty() && name != SEARCH_KEY && !MADE.contains(&name.as_str());
    (0..header.len()).filter(|at| is_own(&header[*at]) && is_first(*at)).collect()
}

/// The column of the search key: the file's own `SearchKey`, what `itemsSearchKey` in the YAML file beside it says, or the first.
fn search_key(path: &Path, header: &[String]) -> Result<usize, String> {
    let position = |name: &str| header.iter().position(|column| column == name);
    if let Some(own) = position(SEARCH_KEY) {
        return Ok(own);
    }
    let Ok(text) = fs::read_to_string(path.with_extension("yaml")) else { return Ok(0) };
    let settings: Value = serde_norway::from_str(&text).map_err(|error| format!("its YAML file: {error}"))?;
    match settings.get("itemsSearchKey").and_then(Value::as_str) {
        Some(name) => position(name).ok_or_else(|| format!("it has no column `{name}`, its `itemsSearchKey`")),
        None => Ok(0),
    }
}

/// The same for the same row of the same watchlist.
fn item_id(alias: &str, row: usize, values: &[&str]) -> String {
    let name = format!("{alias}\u{1f}{row}\u{1f}{}", values.join("\u{1f}"));
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(header: &str, settings: Option<&str>) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("VIP.csv");
        fs::write(&path, format!("{header}\na,b\n")).expect("written");
        if let Some(settings) = settings {
            fs::write(path.with_extension("yaml"), settings).expect("written");
        }
        read_watchlist("VIP", &path).map(|table| table.columns.into_iter().map(|column| column.name).collect())
    }

    #[test]
    fn the_fixed_columns_stand_first() {
        let all = ["_DTItemId", "LastUpdatedTimeUTC", "SearchKey", "User Name", "Tier"];
        assert_eq!(columns("\u{feff}User Name, Tier", None).expect("readable"), all);
        assert_eq!(columns("User Name,Tier", Some("itemsSearchKey: Tier")).expect("readable"), all);
        assert_eq!(columns("SearchKey,Tier,Tier", None).expect("readable"), [all[0], all[1], all[2], all[4]]);
        assert!(columns("a,b", Some("itemsSearchKey: c")).is_err());
    }
}
