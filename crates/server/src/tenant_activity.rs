//! When each tenant's rows happened, so that a replay over one tenant leaves out the windows in which only others did something.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use detections::{Activity, BUCKET};
use schema::Table;
use serde_json::Value;

use crate::catalog::WorkspaceCatalog;
use crate::json_rows::{json_rows, text};
use crate::tenant_replay::Scope;
use crate::tenants::{Tenants, tenant_column};
use crate::{Error, Session};

/// A table and when it has rows.
pub(crate) type TableTimes = (String, Vec<DateTime<Utc>>);

/// Times of a table by whoever its rows name, in lower case.
type TimesByName = BTreeMap<String, Vec<DateTime<Utc>>>;

/// The activity of each scope, in the order of `scopes`. `whole` is that of all rows, within the bounds that `contain` tells.
pub(crate) fn activities(
    session: &Session,
    catalog: &WorkspaceCatalog,
    tenants: &Tenants,
    scopes: &[Scope],
    whole: Vec<TableTimes>,
    contain: &dyn Fn(DateTime<Utc>) -> bool,
) -> Result<Vec<Activity>, Error> {
    if scopes == [Scope::Whole] {
        return Ok(vec![Activity::new(whole)]);
    }
    let mut named: BTreeMap<&str, TimesByName> = BTreeMap::new();
    for (name, _) in &whole {
        if let Some(column) = catalog.snapshot().describe(name).and_then(naming_column) {
            named.insert(name, times_by_name(session, catalog, name, column, contain)?);
        }
    }
    let of_scope = |scope: &Scope| {
        let times = |(table, all): &TableTimes| {
            let seen = match named.get(table.as_str()) {
                Some(times) => seen_by(scope, times, tenants),
                None if matches!(scope, Scope::Tenant(_)) => Vec::new(),
                None => all.clone(),
            };
            (table.clone(), seen)
        };
        Activity::new(whole.iter().map(times))
    };
    Ok(scopes.iter().map(of_scope).collect())
}

/// The column by which rows of the table go to a tenant.
fn naming_column(table: &Table) -> Option<&'static str> {
    tenant_column(table).or_else(|| table.column("TenantId").map(|_| "TenantId"))
}

fn times_by_name(
    session: &Session,
    catalog: &WorkspaceCatalog,
    table: &str,
    column: &str,
    contain: &dyn Fn(DateTime<Utc>) -> bool,
) -> Result<TimesByName, Error> {
    let minutes = BUCKET.num_minutes();
    let query = format!(
        "['{table}'] | summarize Seconds = make_set(tolong((bin(TimeGenerated, {minutes}m) - datetime(1970-01-01)) / 1s)) \
         by Tenant = tolower(tostring({column}))"
    );
    let rows = json_rows(session, catalog, &query, None)?;
    Ok(rows.iter().map(|row| (text(row, "Tenant"), times(row.get("Seconds"), contain))).collect())
}

/// The times of an array of seconds since 1970, as a value or as JSON text.
fn times(seconds: Option<&Value>, contain: &dyn Fn(DateTime<Utc>) -> bool) -> Vec<DateTime<Utc>> {
    let parsed = seconds.and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
    let array = parsed.as_ref().or(seconds).and_then(Value::as_array);
    let time = |second: &Value| DateTime::from_timestamp(second.as_i64()?, 0);
    array.into_iter().flatten().filter_map(time).filter(|time| contain(*time)).collect()
}

/// The times of the rows that a scope sees: a tenant those that name it, the rest those that name none of the tenants.
fn seen_by(scope: &Scope, times: &TimesByName, tenants: &Tenants) -> Vec<DateTime<Utc>> {
    match scope {
        Scope::Tenant(id) => times.get(id).cloned().unwrap_or_default(),
        _ => times
            .iter()
            .filter(|(name, _)| !tenants.ids.contains_key(*name))
            .flat_map(|(_, times)| times)
            .copied()
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("in range")
    }

    #[test]
    fn a_scope_sees_the_times_of_its_own_rows() {
        let tenants = Tenants { ids: [("a".to_owned(), 1), ("b".to_owned(), 1)].into(), ..Tenants::default() };
        let times = TimesByName::from([
            ("a".to_owned(), vec![at(300)]),
            ("b".to_owned(), vec![at(600)]),
            (String::new(), vec![at(900)]),
        ]);
        assert_eq!(seen_by(&Scope::Tenant("a".to_owned()), &times, &tenants), [at(300)]);
        assert_eq!(seen_by(&Scope::Unnamed, &times, &tenants), [at(900)]);
        assert!(seen_by(&Scope::Tenant("c".to_owned()), &times, &tenants).is_empty());
    }

    #[test]
    fn times_are_read_from_an_array_or_its_text_within_the_bounds() {
        let before_1000 = |time: DateTime<Utc>| time < at(1_000);
        let array: Value = serde_json::json!([300, 2_000]);
        let text = Value::String(array.to_string());
        assert_eq!(times(Some(&array), &before_1000), [at(300)]);
        assert_eq!(times(Some(&text), &before_1000), [at(300)]);
        assert!(times(None, &before_1000).is_empty());
    }
}
